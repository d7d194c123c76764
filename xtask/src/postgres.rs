//! A PostgreSQL of our own, in a temporary folder, for tests and benchmarks.
//!
//! It shares nothing with a server that the machine may already run: own folder, own socket, own
//! port on loopback. A small shell script keeps it and outlives us just long enough to remove it;
//! see `postgres.sh` for how it notices our end.

use crate::failure::{Doing, Failure, Outcome};
use crate::{args, run};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, thread};

pub const USAGE: &str = "cargo xtask postgres [--durable]

Starts a PostgreSQL in a temporary folder, prints its address, and removes it at Ctrl-C. Give the
address to a single test: FETTLE_TEST_POSTGRES=postgres://... cargo test -p inventory

  --durable  commits survive a power cut, as in production; tests do not need that";

/// The oldest major version that the migrations are written for, and the one preferred.
const MAJOR: u32 = 15;
/// Between asking the system for a free port and binding it, another program may take it.
const ATTEMPTS: u32 = 3;
/// Each test has databases of its own, and nextest runs many at once.
const MAX_CONNECTIONS: u32 = 200;

/// Whether an acknowledged commit must survive a power cut. Benchmarks measure that; tests only
/// lose time by it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Durable,
    Throwaway,
}

/// A running server. Dropping it stops the server and removes its folder.
pub struct Postgres {
    url: String,
    /// The same in libpq's words, over its socket instead of the network.
    socket: String,
    home: PathBuf,
    keeper: Child,
    /// The pipe whose closing tells the keeper to clean up.
    lifeline: Option<ChildStdin>,
}

impl Postgres {
    pub fn start(durability: Durability) -> Outcome<Self> {
        let bin = programs()?;
        let mut attempt = 1;
        loop {
            match Self::attempt(&bin, durability) {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn attempt(bin: &Path, durability: Durability) -> Outcome<Self> {
        let user = unprivileged_user()?;
        let home = home(durability, user)?;
        let port = free_port()?;
        let mut script = Command::new("sh");
        script.args(["-c", include_str!("postgres.sh"), "fettle-postgres"]);
        script.arg(bin).arg(&home).arg(options(&home, port, durability));
        script.arg(if durability == Durability::Durable { "" } else { "--no-sync" });
        // Not in our process group: Ctrl-C at the terminal is for us, the script cleans up after.
        script.current_dir(&home).env("HOME", &home).process_group(0);
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            script.env_remove(name);
        }
        if let Some((uid, gid)) = user {
            script.uid(uid).gid(gid);
        }
        let mut keeper = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .doing(|| "starting the shell that keeps PostgreSQL".into())?;
        let lifeline = keeper.stdin.take();
        let answer = keeper.stdout.take().and_then(|out| BufReader::new(out).lines().next());
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let socket = format!("host={} port={port} user=postgres dbname=postgres", home.display());
        let server = Self { url, socket, home, keeper, lifeline };
        match answer {
            Some(Ok(line)) if line == "ready" => Ok(server),
            _ => Err(Failure::new("PostgreSQL did not start; its log is above")),
        }
    }

    /// Where to connect, as a user who may create databases.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where to connect over the local socket, which is quicker.
    pub fn socket(&self) -> &str {
        &self.socket
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let _ = self.keeper.wait();
        // The script has removed it, unless somebody killed the script.
        let _ = fs::remove_dir_all(&self.home);
    }
}

/// `cargo xtask postgres [--durable]`: one to work with by hand, until Ctrl-C.
pub fn command(args: &[String]) -> Outcome {
    let durable = !args::parse(args, &[args::switch("--durable")])?.is_empty();
    crate::prerequisites::ensure(&[crate::prerequisites::Need::Postgres])?;
    let server = Postgres::start(if durable { Durability::Durable } else { Durability::Throwaway })?;
    println!("export FETTLE_TEST_POSTGRES={}", server.url());
    println!("PostgreSQL runs until Ctrl-C; what is in it is lost then.");
    loop {
        thread::park();
    }
}

/// The folder with `initdb` and `pg_ctl`, which Debian keeps off the `PATH`.
pub fn programs() -> Outcome<PathBuf> {
    installed().ok_or_else(|| Failure::new(format!("no PostgreSQL {MAJOR} or later was found")))
}

/// Debian's folders first, nearest version first; else whatever is on the `PATH`.
pub fn installed() -> Option<PathBuf> {
    let listed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let majors = listed.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut majors: Vec<_> = majors.filter(|major| *major >= MAJOR).collect();
    majors.sort_unstable();
    let debian = majors.iter().map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")));
    let on_path = run::find("pg_ctl").and_then(|file| Some(file.parent()?.to_path_buf()));
    debian.chain(on_path).find(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file())
}

/// Whether the server that would be started can load this extension.
pub fn has_extension(name: &str) -> bool {
    let Some(bin) = installed() else { return false };
    let Ok(output) = Command::new(bin.join("pg_config")).arg("--sharedir").output() else { return false };
    let folder = String::from_utf8_lossy(&output.stdout);
    Path::new(folder.trim()).join("extension").join(format!("{name}.control")).is_file()
}

/// A new folder that the server's user owns. Durable ones are put where a disk is: `/tmp` is often
/// memory, where an fsync costs nothing and a benchmark would be a lie.
fn home(durability: Durability, user: Option<(u32, u32)>) -> Outcome<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let disk = Path::new("/var/tmp");
    let parent = match durability {
        Durability::Durable if disk.is_dir() => disk.to_path_buf(),
        _ => env::temp_dir(),
    };
    let home = parent.join(format!("fettle-postgres-{}-{count}", std::process::id()));
    let making = || format!("making {} for PostgreSQL", home.display());
    if home.exists() {
        // Left by a process of our number whose keeper was killed.
        fs::remove_dir_all(&home).doing(making)?;
    }
    fs::create_dir(&home).doing(making)?;
    if let Some((uid, gid)) = user {
        chown(&home, Some(uid), Some(gid)).doing(making)?;
    }
    Ok(home)
}

fn options(home: &Path, port: u16, durability: Durability) -> String {
    let own = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} \
         -c max_connections={MAX_CONNECTIONS}",
        home.display()
    );
    match durability {
        Durability::Durable => format!("{own} -c fsync=on -c synchronous_commit=on -c full_page_writes=on"),
        Durability::Throwaway => {
            format!("{own} -c fsync=off -c synchronous_commit=off -c full_page_writes=off")
        }
    }
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).doing(|| "looking for a free port".into())?;
    Ok(listener.local_addr().doing(|| "looking for a free port".into())?.port())
}

/// PostgreSQL refuses to run as root: the user and group to run it as instead, if we are root.
fn unprivileged_user() -> Outcome<Option<(u32, u32)>> {
    if !crate::prerequisites::is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").doing(|| "reading /etc/passwd".into())?;
    let found = ["postgres", "nobody"].iter().find_map(|name| ids(&users, name));
    found.map(Some).ok_or_else(|| Failure::new("neither the user postgres nor nobody exists"))
}

fn ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpStream;

    fn address(server: &Postgres) -> String {
        server.url().trim_start_matches("postgres://postgres@").trim_end_matches("/postgres").to_owned()
    }

    #[test]
    fn a_server_accepts_connections_while_it_is_held_and_none_after() {
        let server = Postgres::start(Durability::Throwaway).unwrap();
        let address = address(&server);
        assert!(TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(TcpStream::connect(&address).is_err());
    }

    #[test]
    fn what_a_server_always_brings_is_found_and_what_nobody_has_is_not() {
        assert!(has_extension("plpgsql"));
        assert!(!has_extension("no_such_extension_of_fettle"));
    }

    #[test]
    fn a_server_leaves_no_folder_behind() {
        let server = Postgres::start(Durability::Throwaway).unwrap();
        let home = server.home.clone();
        assert!(server.socket().starts_with(&format!("host={} ", home.display())));
        let existed = home.exists();
        drop(server);
        assert!(existed && !home.exists());
    }

    #[test]
    fn two_servers_run_side_by_side() {
        let start = || Postgres::start(Durability::Throwaway).unwrap();
        let (one, two) = (start(), start());
        assert_ne!(one.url(), two.url());
    }

    #[test]
    fn a_throwaway_server_does_not_sync_and_a_durable_one_does() {
        let home = Path::new("/tmp/x");
        assert!(options(home, 1, Durability::Throwaway).contains("fsync=off"));
        assert!(options(home, 1, Durability::Durable).contains("fsync=on"));
    }

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let passwd = "postgresql:x:1:2::/:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/bash\n";
        assert_eq!(ids(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids(passwd, "nobody"), None);
    }
}
