//! What the machine must have before anything can be built, and how to get it.
//!
//! Each command names what it needs. On Debian as root the missing packages are installed; anywhere
//! else the command fails and says exactly what to install. Nothing is skipped for lack of a tool.

use crate::failure::{Failure, Outcome};
use crate::{postgres, run};
use std::path::Path;
use std::process::{Command, Stdio};

/// The oldest Node.js that Vite runs on, as in the `engines` of `web/package.json`.
const NODE: (u32, u32) = (20, 19);

/// The oldest Python that the pinned peers run on.
const PYTHON: (u32, u32) = (3, 11);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    CCompiler,
    Make,
    PkgConfig,
    Libpq,
    Postgres,
    Node,
    Chromium,
    ChineseFont,
    Perl,
    Python,
    PythonVenv,
    PythonCryptography,
    PostGis,
    Redis,
}

/// What building the `fettle` binary takes.
pub const BUILD: [Need; 4] = [Need::CCompiler, Need::Make, Need::PkgConfig, Need::Libpq];

impl Need {
    /// The name to give a person who has no Debian.
    fn what(self) -> &'static str {
        match self {
            Self::CCompiler => "a C compiler (cc)",
            Self::Make => "make",
            Self::PkgConfig => "pkg-config",
            Self::Libpq => "libpq with its headers",
            Self::Postgres => "the PostgreSQL server, version 15 or later",
            Self::Node => "Node.js 20.19 or later, with npm",
            Self::Chromium => "Chromium (or set CHROMIUM to its path)",
            Self::ChineseFont => "a font with Chinese characters, such as Noto Sans CJK",
            Self::Perl => "perl",
            Self::Python => "Python 3.11 or later",
            Self::PythonVenv => "Python's venv, with pip",
            Self::PythonCryptography => "Python 3 with its package cryptography",
            Self::PostGis => "PostGIS for that PostgreSQL",
            Self::Redis => "redis-server",
        }
    }

    fn debian_packages(self) -> &'static [&'static str] {
        match self {
            Self::CCompiler => &["gcc", "libc6-dev"],
            Self::Make => &["make"],
            Self::PkgConfig => &["pkg-config"],
            Self::Libpq => &["libpq-dev"],
            Self::Postgres => &["postgresql"],
            Self::Node => &["nodejs", "npm"],
            Self::Chromium => &["chromium"],
            Self::ChineseFont => &["fonts-noto-cjk", "fontconfig"],
            Self::Perl => &["perl"],
            Self::Python => &["python3"],
            Self::PythonVenv => &["python3-venv"],
            Self::PythonCryptography => &["python3", "python3-cryptography"],
            Self::PostGis => &["postgresql-postgis"],
            Self::Redis => &["redis-server"],
        }
    }

    fn is_met(self) -> bool {
        match self {
            Self::CCompiler => run::find("cc").is_some(),
            Self::Make => run::find("make").is_some(),
            Self::PkgConfig => run::find("pkg-config").is_some(),
            Self::Libpq => answer("pg_config", &["--includedir"])
                .is_some_and(|folder| Path::new(folder.trim()).join("libpq-fe.h").is_file()),
            Self::Postgres => postgres::installed().is_some(),
            Self::Node => node_version().is_some_and(|version| version >= NODE) && run::find("npm").is_some(),
            Self::Chromium => chromium().is_some(),
            Self::ChineseFont => answer("fc-list", &[":lang=zh"]).is_some_and(|fonts| !fonts.is_empty()),
            Self::Perl => run::find("perl").is_some(),
            Self::Python => python_version().is_some_and(|version| version >= PYTHON),
            // Debian's python3 alone has `venv`, but not what that needs to make one with pip.
            Self::PythonVenv => answer("python3", &["-c", "import venv, ensurepip"]).is_some(),
            Self::PythonCryptography => answer("python3", &["-c", "import cryptography"]).is_some(),
            Self::PostGis => postgres::has_extension("postgis"),
            Self::Redis => run::find("redis-server").is_some(),
        }
    }
}

/// The browser that the browser tests drive.
pub fn chromium() -> Option<std::ffi::OsString> {
    std::env::var_os("CHROMIUM").or_else(|| run::find("chromium").map(Into::into))
}

/// Makes sure that everything needed is there, by installing it where we can.
pub fn ensure(needs: &[Need]) -> Outcome {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(&missing);
    if !(is_root() && run::find("apt-get").is_some()) {
        return Err(Failure::new(to_install(&missing)));
    }
    println!("Missing here: {}", packages.join(" "));
    apt_get(&["update"])?;
    let install = ["install", "-y", "--no-install-recommends"];
    apt_get(&[&install[..], &packages[..]].concat())?;
    let still = self::missing(needs);
    // Debian 12's own Node.js is too old, for one.
    if still.is_empty() { Ok(()) } else { Err(Failure::new(to_install(&still))) }
}

fn missing(needs: &[Need]) -> Vec<Need> {
    let mut missing = Vec::new();
    for need in needs {
        if !missing.contains(need) && !need.is_met() {
            missing.push(*need);
        }
    }
    missing
}

fn packages(missing: &[Need]) -> Vec<&'static str> {
    // A Node.js that is merely too old is not replaced: who put it there had a reason.
    let replaceable = |need: &&Need| **need != Need::Node || node_version().is_none();
    missing.iter().filter(replaceable).flat_map(|need| need.debian_packages()).copied().collect()
}

fn to_install(missing: &[Need]) -> String {
    let mut text = String::from("missing on this machine:");
    for need in missing {
        text.push_str(&format!("\n  {} (Debian: {})", need.what(), need.debian_packages().join(" ")));
    }
    text + "\nAs root on Debian, this command installs them by itself."
}

fn apt_get(args: &[&str]) -> Outcome {
    let mut command = run::clean("apt-get");
    // A machine that was just started may be installing updates of its own.
    command.args(["-o", "DPkg::Lock::Timeout=120"]).args(args);
    run::succeed(command.env("DEBIAN_FRONTEND", "noninteractive"))
}

fn node_version() -> Option<(u32, u32)> {
    major_and_minor(&answer("node", &["--version"])?)
}

fn python_version() -> Option<(u32, u32)> {
    major_and_minor(answer("python3", &["--version"])?.trim_start_matches("Python "))
}

fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// `std` cannot ask the system who we are.
pub fn is_root() -> bool {
    answer("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_debian_packages() {
        let text = to_install(&[Need::Libpq, Need::Chromium]);
        assert!(text.contains("libpq with its headers (Debian: libpq-dev)"), "{text}");
        assert!(text.contains("(Debian: chromium)"), "{text}");
    }

    #[test]
    fn packages_of_all_missing_needs_are_installed_at_once() {
        let all = packages(&[Need::ChineseFont, Need::Perl]);
        assert_eq!(all, ["fonts-noto-cjk", "fontconfig", "perl"]);
    }

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major_and_minor("v20.20.2\n"), Some((20, 20)));
        assert_eq!(major_and_minor("nonsense"), None);
        assert_eq!(major_and_minor("3.11.7\n"), Some((3, 11)));
    }

    #[test]
    fn a_program_that_does_not_answer_is_missing() {
        assert_eq!(answer("no-such-program-of-fettle", &[]), None);
        assert_eq!(answer("false", &[]), None);
    }

    #[test]
    fn what_is_there_is_not_installed_again() {
        assert_eq!(missing(&[Need::CCompiler]), []);
        assert!(ensure(&[Need::CCompiler]).is_ok());
    }
}
