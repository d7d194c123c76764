//! A repository and a machine for one test: folders, and a `PATH` on which `fake.sh` stands in for
//! every program that would take long or change the machine.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs};

/// What a machine has that lacks nothing.
const PROGRAMS: [&str; 10] =
    ["cargo", "npm", "node", "make", "cc", "pkg-config", "pg_config", "perl", "chromium", "fc-list"];
/// On every `PATH` of a test, before the machine's own: whatever a test gets wrong, and whoever runs
/// it, nothing is installed on the machine that it runs on.
const NEVER_REAL: &str = "bin/apt-get";

pub struct World {
    root: PathBuf,
    environment: Vec<(&'static str, String)>,
    path: String,
}

/// What came of a command.
pub struct Done {
    pub succeeded: bool,
    pub said: String,
    /// How each program was called, in order, without those that only look at the machine.
    pub calls: Vec<String>,
}

impl World {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // Beside the real binary, since a hard link cannot leave the disk.
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let path = format!("{}:/usr/bin:/bin", root.join("bin").display());
        let world = Self { root, environment: Vec::new(), path };
        for folder in ["bin", "xtask", "target/debug", "target/release"] {
            fs::create_dir_all(world.root.join(folder)).unwrap();
        }
        fs::hard_link(env!("CARGO_BIN_EXE_xtask"), world.root.join("target/debug/xtask")).unwrap();
        for program in PROGRAMS {
            world.fake(&format!("bin/{program}"));
        }
        world.fake(NEVER_REAL);
        world.fake("target/debug/fettle");
        world.fake("target/release/fettle");
        world.write("headers/libpq-fe.h", "");
        world.write("web/package-lock.json", "{}");
        world.write("mobile-sync/js/package-lock.json", "{}");
        world.write("web/console/main.ts", "first");
        world
    }

    /// A machine with these fakes, the one of apt-get, and nothing else.
    pub fn with_only(programs: &[&str]) -> Self {
        let mut world = Self::new();
        for program in PROGRAMS.iter().filter(|program| !programs.contains(program)) {
            fs::remove_file(world.root.join("bin").join(program)).unwrap();
        }
        programs
            .iter()
            .filter(|name| !PROGRAMS.contains(name))
            .for_each(|name| world.fake(&format!("bin/{name}")));
        world.path = world.root.join("bin").display().to_string();
        world
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    pub fn fake(&self, path: &str) {
        let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/fake.sh");
        std::os::unix::fs::symlink(fake, self.root.join(path)).unwrap();
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(name)).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.root.join(name).exists()
    }

    pub fn remove(&self, name: &str) {
        fs::remove_dir_all(self.root.join(name)).unwrap();
    }

    pub fn path(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    /// `cargo xtask` with these words.
    pub fn run(&self, line: &str) -> Done {
        let calls = self.root.join("calls");
        fs::write(&calls, "").unwrap();
        let mut command = Command::new(self.root.join("target/debug/xtask"));
        command.args(line.split_whitespace()).env_clear().env("PATH", &self.path);
        command.env("CARGO", self.root.join("bin/cargo")).env("CARGO_MANIFEST_DIR", self.root.join("xtask"));
        command.env("FAKE_HEADERS", self.root.join("headers"));
        command.env("FAKE_CALLS", &calls).envs(self.environment.iter().map(|(name, value)| (name, value)));
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let looks = ["node --version", "pg_config", "id -u", "fc-list", "python3 --version", "python3 -c"];
        let calls = fs::read_to_string(calls).unwrap();
        let calls = calls.lines().filter(|call| !looks.iter().any(|look| call.starts_with(look)));
        Done { succeeded: output.status.success(), said, calls: calls.map(str::to_owned).collect() }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}
