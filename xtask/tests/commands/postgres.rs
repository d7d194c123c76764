//! The PostgreSQL of `cargo xtask postgres` ends with the command, however the command ends.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

/// A running command, and the address its server listens on.
struct Started {
    command: Child,
    address: String,
    errors: ChildStderr,
    /// Kept open: the command goes on printing after the address.
    _prints: BufReader<ChildStdout>,
}

fn started() -> Started {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("postgres")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut prints = BufReader::new(command.stdout.take().unwrap());
    let mut line = String::new();
    prints.read_line(&mut line).unwrap();
    let address = line
        .trim_end()
        .strip_prefix("export FETTLE_TEST_POSTGRES=postgres://postgres@")
        .and_then(|rest| rest.strip_suffix("/postgres"))
        .unwrap()
        .to_owned();
    let errors = command.stderr.take().unwrap();
    Started { command, address, errors, _prints: prints }
}

fn no_server_is_left_after(signal: &str) {
    let Started { mut command, address, mut errors, _prints } = started();
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
