//! Running other programs: where, with which environment, and what becomes of them when we die.

use crate::failure::{Doing, Failure, Outcome};
use crate::workspace;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// Names that `cargo run` sets for us and that a cargo started by us must not see: build scripts
/// that watch them would run again at every change between `cargo build` and `cargo xtask`.
const OF_CARGO_RUN: [&str; 6] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
];

/// A program on the `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// `program`, without the environment that `cargo run` made for us.
pub fn clean(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || OF_CARGO_RUN.contains(&name.as_str()) {
            command.env_remove(name);
        }
    }
    command
}

/// A program started in the root of the repository that is asked to end when we do. Ctrl-C reaches
/// it without that; a SIGTERM or SIGKILL sent to us alone would leave it running.
pub fn program(name: &str) -> Outcome<Command> {
    let mut command = match find("setpriv") {
        Some(setpriv) => {
            let mut command = clean(setpriv);
            command.args(["--pdeathsig", "TERM", name]);
            command
        }
        None => clean(name),
    };
    command.current_dir(workspace::root()?);
    Ok(command)
}

/// The cargo that runs us, building into the folder that we were built into.
pub fn cargo() -> Outcome<Command> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = program(&cargo.to_string_lossy())?;
    command.env("CARGO_TARGET_DIR", workspace::target()?);
    // Backtraces need line numbers on a developer's desk; CI prefers the smaller, faster build.
    if std::env::var_os("CI").is_some() {
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    Ok(command)
}

/// npm in a folder of the repository that has a `package.json` of its own.
pub fn npm(folder: &str) -> Outcome<Command> {
    let mut command = program("npm")?;
    command.current_dir(workspace::root()?.join(folder));
    Ok(command)
}

/// Runs it with our own output, and fails when it fails.
pub fn succeed(command: &mut Command) -> Outcome {
    let line = described(command);
    println!("$ {line}");
    let status = command.status().doing(|| format!("starting `{line}`"))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{line}` failed: {status}"))) }
}

/// Runs it and gives back what it printed; its errors go to our own.
pub fn printed(command: &mut Command) -> Outcome<String> {
    let line = described(command);
    command.stderr(std::process::Stdio::inherit());
    let output = command.output().doing(|| format!("starting `{line}`"))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`{line}` failed: {}", output.status)));
    }
    String::from_utf8(output.stdout).doing(|| format!("reading what `{line}` printed"))
}

/// The command as one would type it, without the wrapper that lets it die with us.
fn described(command: &Command) -> String {
    let wrapper = 3;
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let wrapped = command.get_program().to_string_lossy().ends_with("setpriv");
    let words = words.skip(if wrapped { wrapper } else { 0 }).map(OsStr::to_string_lossy);
    words.map(|word| short(&word).to_owned()).collect::<Vec<_>>().join(" ")
}

/// Cargo names itself by its full path, which only makes the lines long.
fn short(word: &str) -> &str {
    if word.ends_with("/bin/cargo") { "cargo" } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let failure = succeed(program("false").unwrap().arg("really")).unwrap_err().to_string();
        assert!(failure.starts_with("`false really` failed"), "{failure}");
    }

    #[test]
    fn what_a_program_prints_comes_back() {
        assert_eq!(printed(program("echo").unwrap().arg("hello")).unwrap(), "hello\n");
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_found() {
        assert_eq!(find("no-such-program-of-fettle"), None);
        assert!(find("sh").is_some());
    }

    #[test]
    fn the_variables_of_cargo_run_are_not_passed_on() {
        let printed = printed(&mut clean("env")).unwrap();
        assert!(!printed.contains("CARGO_MANIFEST_DIR="), "{printed}");
        assert!(!printed.contains("CARGO_PKG_NAME="), "{printed}");
    }
}
