//! The files that are replayed.

use std::path::Path;

use serde::de::DeserializeOwned;

/// A file of this repository, relative to `mobile-sync`.
pub fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub fn vector<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&text(&format!("vectors/{name}.json"))).unwrap()
}
