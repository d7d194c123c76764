//! The server under test: the real program, in a process of its own, so that its CPU time is its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use super::cpu::{self, Cpu};
use super::place::Place;

pub struct Running {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
    postgres_backend: Option<u32>,
}

impl Running {
    /// Starts it with these settings beside its usual ones.
    pub async fn start(place: &Place, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", &place.url_text(), "serve", "--port", "0"])
            .env("FETTLE_LOG", "warn")
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().rsplit_once("http://").context("the server did not start")?.1.to_owned();
        Ok(Self { child, address, postgres_backend: place.backend_pid()? })
    }

    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        let server_ms = cpu::of_process(self.child.id()).context("the server is gone")?;
        let database_ms = self.postgres_backend.map_or(0.0, cpu::of_postgres);
        Ok(Cpu { server_ms, database_ms })
    }

    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
