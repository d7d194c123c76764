//! What came of many seeds: counted in each process, sent as a line, and added up.

use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Report {
    pub seeds: u64,
    pub mutations: u64,
    pub exchanges: u64,
    pub faults: BTreeMap<String, u64>,
    /// Seed, and what was wrong first.
    pub failures: Vec<(u64, String)>,
    /// Of everything that was answered.
    pub trace: u64,
}

impl Report {
    pub fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.mutations += other.mutations;
        self.exchanges += other.exchanges;
        self.trace ^= other.trace;
        for (kind, count) in &other.faults {
            *self.faults.entry(kind.clone()).or_default() += count;
        }
        self.failures.extend(other.failures.iter().cloned());
        self.failures.sort();
    }

    pub fn print(&self, seconds: f64) {
        let faults: u64 = self.faults.values().sum();
        println!(
            "{} seeds in {seconds:.1} s ({:.0} a second), {} mutations, {} exchanges, {faults} faults",
            self.seeds,
            self.seeds as f64 / seconds.max(0.001),
            self.mutations,
            self.exchanges
        );
        for (kind, count) in &self.faults {
            println!("  {count:>9}  {kind}");
        }
        println!("{} failures", self.failures.len());
        for (seed, what) in self.failures.iter().take(40) {
            println!("  seed {seed}: {what}");
        }
    }
}
