//! `cargo xtask dist`: one file that runs on another machine.
//!
//! The web is inside it, libpq and OpenSSL are linked into it, and SQLite always is; what is left
//! to the machine is the C library, which `ldd` shows.

use crate::failure::{Doing, Outcome};
use crate::prerequisites::{self, Need};
use crate::{run, web, workspace};
use std::fs;

pub const USAGE: &str = "cargo xtask dist

Builds the self-contained binary; prints its path, its size, its checksum and what it links to.";

/// libpq is built from source here, so its headers are not needed; OpenSSL's configuration is Perl.
const NEEDS: [Need; 5] = [Need::CCompiler, Need::Make, Need::PkgConfig, Need::Perl, Need::Node];

pub fn command(args: &[String]) -> Outcome {
    crate::args::parse(args, &[])?;
    prerequisites::ensure(&NEEDS)?;
    web::build()?;
    run::succeed(run::cargo()?.args([
        "build",
        "--release",
        "--package",
        "server",
        "--bin",
        "fettle",
        "--features",
        "dist",
    ]))?;
    let fettle = workspace::fettle("release")?;
    let bytes = fs::metadata(&fettle).doing(|| format!("looking at {}", fettle.display()))?.len();
    println!("{}\n{}", fettle.display(), megabytes(bytes));
    print!("{}", run::printed(run::clean("sha256sum").arg(&fettle))?);
    print!("{}", run::printed(run::clean("ldd").arg(&fettle))?);
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB ({bytes} bytes)", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_megabytes_and_bytes() {
        assert_eq!(megabytes(42_350_000), "42.3 MB (42350000 bytes)");
    }
}
