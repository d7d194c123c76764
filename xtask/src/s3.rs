//! `cargo xtask s3`: the tests of the object store against a server that speaks S3, moto from PyPI.

use crate::failure::{Doing, Failure, Outcome};
use crate::{args, prerequisites, run, workspace};
use prerequisites::Need;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

pub const USAGE: &str = "cargo xtask s3

Tests photos in a bucket, on moto, a server that speaks S3 and keeps all in memory. It is
installed from PyPI into target/s3 at the first run. Not part of `cargo xtask test`: a pip that cannot
reach PyPI must not fail every check.";

const MOTO: &str = "moto[server]==5.2.5";
/// How long moto may take to begin.
const BEGINS_WITHIN: Duration = Duration::from_secs(60);

/// A server that ends with us.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn command(words: &[String]) -> Outcome {
    args::parse(words, &[])?;
    prerequisites::ensure(&prerequisites::BUILD)?;
    prerequisites::ensure(&[Need::Python, Need::PythonVenv])?;
    let program = installed()?;
    let port = free_port()?;
    let _moto = start(&program, port)?;
    let test = ["test", "--package", "server", "--test", "s3"];
    run::succeed(run::cargo()?.args(test).env("FETTLE_TEST_S3", format!("http://127.0.0.1:{port}")))
}

/// The program, installed if it is not there at this version.
fn installed() -> Outcome<PathBuf> {
    let folder = workspace::target()?.join("s3");
    let (venv, note) = (folder.join("venv"), folder.join("installed"));
    if !fs::read_to_string(&note).is_ok_and(|found| found == MOTO) {
        fs::create_dir_all(&folder).doing(|| format!("making {}", folder.display()))?;
        run::succeed(run::program("python3")?.args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = run::program(&venv.join("bin/python").to_string_lossy())?;
        run::succeed(pip.args(["-m", "pip", "install", "--quiet", MOTO]))?;
        fs::write(&note, MOTO).doing(|| format!("writing {}", note.display()))?;
    }
    Ok(venv.join("bin/moto_server"))
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").doing(|| "looking for a free port".to_owned())?;
    Ok(listener.local_addr().doing(|| "looking for a free port".to_owned())?.port())
}

fn start(program: &std::path::Path, port: u16) -> Outcome<Moto> {
    let mut command = run::program(&program.to_string_lossy())?;
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut moto = Moto(command.spawn().doing(|| format!("starting {}", program.display()))?);
    let until = Instant::now() + BEGINS_WITHIN;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = moto.0.try_wait().doing(|| "looking after moto".to_owned())?;
        if ended.is_some() || Instant::now() >= until {
            return Err(Failure::new("moto did not begin".to_owned()));
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    Ok(moto)
}
