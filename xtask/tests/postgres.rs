//! The PostgreSQL of `cargo xtask postgres` ends with the command, however the command ends.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

/// Starts the command; gives back the address its server listens on.
fn started() -> (Child, String, ChildStderr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("postgres")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let line = BufReader::new(command.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let address = line
        .strip_prefix("export FETTLE_TEST_POSTGRES=postgres://postgres@")
        .and_then(|rest| rest.strip_suffix("/postgres"))
        .unwrap()
        .to_owned();
    let errors = command.stderr.take().unwrap();
    (command, address, errors)
}

fn no_server_is_left_after(signal: &str) {
    let (mut command, address, mut errors) = started();
    assert!(TcpStream::connect(&address).is_ok());
    let kill = Command::new("kill").args([signal, &command.id().to_string()]).status().unwrap();
    assert!(kill.success());
    command.wait().unwrap();
    // The script that keeps the server shares this pipe: its end is the end of the clean-up.
    let mut said = String::new();
    errors.read_to_string(&mut said).unwrap();
    assert_eq!(said, "");
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn a_killed_command_leaves_no_server_behind() {
    no_server_is_left_after("-KILL");
}

#[test]
fn an_interrupted_command_leaves_no_server_behind() {
    no_server_is_left_after("-INT");
}

#[test]
fn a_terminated_command_leaves_no_server_behind() {
    no_server_is_left_after("-TERM");
}
