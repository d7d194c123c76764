//! The peers, each put through the same steps by its own client and server: `mobile-sync/peers`, with what npm brings.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::figures::{Figure, heading};

/// Name, and script.
const PEERS: [(&str, &str); 2] = [
    ("PouchDB 9.0 + express-pouchdb 4.2, both in memory", "pouchdb.mjs"),
    ("RxDB 15.39 + rxdb-server 15.22, both in memory", "rxdb.mjs"),
];

/// Runs the scripts of this folder over the documents.
pub fn measure(folder: &Path, documents: &Path) -> anyhow::Result<()> {
    for (name, script) in PEERS {
        println!("\n{name}");
        heading();
        let mut child = Command::new("node")
            .arg(folder.join(script))
            .arg(documents)
            .stdout(Stdio::piped())
            .spawn()
            .context("starting node")?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        for line in lines {
            let line = line?;
            match serde_json::from_str::<Figure>(&line) {
                Ok(figure) => figure.print(),
                // What a library prints is for whoever looks for a fault.
                Err(_) => eprintln!("{line}"),
            }
        }
        anyhow::ensure!(child.wait()?.success(), "{script} failed");
    }
    Ok(())
}
