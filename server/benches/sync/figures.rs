//! What is printed: a line for each step and each system.

use crate::http::Traffic;

/// Bytes in the figures' unit.
const KIB: f64 = 1024.0;

/// One step, measured.
#[derive(Debug, serde::Deserialize)]
pub struct Figure {
    pub step: String,
    pub seconds: f64,
    #[serde(flatten)]
    pub traffic: Traffic,
    /// What the server itself worked, where it is known.
    #[serde(default)]
    pub server_cpu_ms: Option<f64>,
}

pub fn heading() {
    println!(
        "  {:<50} {:>9} {:>9} {:>12} {:>11} {:>14}",
        "", "seconds", "requests", "bodies KiB", "heads KiB", "server CPU ms"
    );
}

impl Figure {
    pub fn print(&self) {
        let cpu = self.server_cpu_ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.1}"));
        println!(
            "  {:<50} {:>9.3} {:>9} {:>12.1} {:>11.1} {cpu:>14}",
            self.step,
            self.seconds,
            self.traffic.requests,
            self.traffic.body as f64 / KIB,
            self.traffic.head as f64 / KIB,
        );
    }
}
