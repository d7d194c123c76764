//! Embeds the built front end (`web/dist`) into the binary: each file with its compressed bodies and the hash of its
//! content. Without a build there is a page that says how to make one. Node is never run from here.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dist = PathBuf::from(required("CARGO_MANIFEST_DIR")?).join("../web/dist");
    let out = PathBuf::from(required("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.is_dir() {
        collect(&dist, &mut files)?;
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let body = fs::read(file)?;
        let path = file.strip_prefix(&dist)?.to_string_lossy().replace('\\', "/");
        let (gzip, brotli) =
            if is_text(&path) { (gzip(&body)?, brotli(&body)?) } else { (Vec::new(), Vec::new()) };
        for (kind, bytes) in [("raw", &body), ("gz", &gzip), ("br", &brotli)] {
            fs::write(out.join(format!("{number}.{kind}")), bytes)?;
        }
        let include =
            |kind: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{number}.{kind}\"))");
        let (raw, gz, br) = (include("raw"), include("gz"), include("br"));
        writeln!(
            table,
            "    File {{ path: {path:?}, etag: \"\\\"{:016x}\\\"\", raw: {raw}, gzip: {gz}, brotli: {br} }},",
            fnv(&body)
        )?;
    }
    table.push_str("]\n");
    fs::write(out.join("files.rs"), table)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "how cargo talks to a build script")]
fn required(name: &str) -> Result<String, std::env::VarError> {
    std::env::var(name)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { collect(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

fn is_text(path: &str) -> bool {
    [".html", ".js", ".mjs", ".css", ".json", ".svg", ".txt", ".webmanifest"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body)?;
    encoder.finish()
}

fn brotli(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    brotli::BrotliCompress(&mut &body[..], &mut out, &params)?;
    Ok(out)
}

/// FNV-1a: tells two versions of a file apart, which is all that an entity tag has to do.
fn fnv(body: &[u8]) -> u64 {
    body.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
