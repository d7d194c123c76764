//! A Redis of our own for a benchmark: nothing on disk, no network, a socket in a temporary folder.

use crate::failure::{Doing, Failure, Outcome};
use crate::run;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};
use std::{env, fs, process};

/// What it says once it can be asked, from wherever it listens.
const READY: &str = "eady to accept connections";

/// A running server. Dropping it stops it and removes its folder.
pub struct Redis {
    home: PathBuf,
    server: Child,
    /// Held open: what it logs later must go somewhere.
    _log: Option<BufReader<ChildStdout>>,
}

impl Redis {
    pub fn start() -> Outcome<Self> {
        Self::of("redis-server")
    }

    fn of(program: &str) -> Outcome<Self> {
        // Not below the target folder: a socket's path has at most some hundred characters.
        let home = env::temp_dir().join(format!("fettle-redis-{}", process::id()));
        fs::create_dir_all(&home).doing(|| format!("making {}", home.display()))?;
        let mut command = run::program(program)?;
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"]).arg(&home);
        command.arg("--unixsocket").arg(home.join("socket"));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let server = command.spawn().doing(|| format!("starting {program}"))?;
        let mut redis = Self { home, server, _log: None };
        let Some(out) = redis.server.stdout.take() else {
            return Err(Failure::new("Redis has no output"));
        };
        let mut log = BufReader::new(out);
        let mut line = String::new();
        while !line.contains(READY) {
            line.clear();
            if log.read_line(&mut line).doing(|| "reading what Redis says".into())? == 0 {
                return Err(Failure::new("Redis ended before it was ready"));
            }
        }
        redis._log = Some(log);
        Ok(redis)
    }

    /// Where to connect.
    pub fn socket(&self) -> PathBuf {
        self.home.join("socket")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    /// A server that says these words and then does what follows.
    fn server(folder: &Scratch, script: &str) -> String {
        let file = folder.write("server", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file.to_string_lossy().into_owned()
    }

    #[test]
    fn a_server_is_waited_for_and_ends_with_its_handle() {
        let folder = Scratch::new();
        let redis = Redis::of(&server(
            &folder,
            &format!("echo starting; echo 'The server is now r{READY} at x'; exec cat /dev/zero"),
        ));
        let redis = redis.unwrap();
        let (home, process) = (redis.home.clone(), format!("/proc/{}", redis.server.id()));
        assert!(home.is_dir() && redis.socket().starts_with(&home));
        drop(redis);
        assert!(!home.exists() && !Path::new(&process).exists());
    }

    #[test]
    fn a_server_that_ends_at_once_is_a_failure() {
        let folder = Scratch::new();
        let failure = Redis::of(&server(&folder, "echo no memory")).err().unwrap();
        assert_eq!(failure.to_string(), "Redis ended before it was ready");
    }
}
