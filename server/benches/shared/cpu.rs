//! CPU time from `/proc`: floors swing with the neighbours, so CPU a ticket is the figure to trust.

use std::fs;

/// Milliseconds of CPU so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    pub server_ms: f64,
    pub database_ms: f64,
}

impl Cpu {
    pub fn since(self, earlier: Self) -> Self {
        Self {
            server_ms: self.server_ms - earlier.server_ms,
            database_ms: self.database_ms - earlier.database_ms,
        }
    }

    pub fn total_ms(self) -> f64 {
        self.server_ms + self.database_ms
    }
}

/// CPU of one process, user and system.
pub fn of_process(pid: u32) -> Option<f64> {
    milliseconds(pid, &[11, 12])
}

/// The sum of these columns of the process's statistics.
fn milliseconds(pid: u32, columns: &[usize]) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold blanks; fields count from behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: &usize| fields.get(*i).and_then(|f| f.parse::<f64>().ok());
    // Linux counts in hundredths of a second.
    Some(columns.iter().map(ticks).sum::<Option<f64>>()? * 10.0)
}

/// CPU of all processes of the PostgreSQL that this backend belongs to, those that ended since included.
pub fn of_postgres(backend_pid: u32) -> f64 {
    let Some(postmaster) = parent(backend_pid) else { return 0.0 };
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let running: f64 = pids.filter(|pid| parent(*pid) == Some(postmaster)).filter_map(of_process).sum();
    // Its own, and that of the processes that it has seen end.
    running + milliseconds(postmaster, &[11, 12, 13, 14]).unwrap_or(0.0)
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
