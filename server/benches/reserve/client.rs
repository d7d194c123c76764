//! The load: clients that reserve the parts of one ticket after another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::shared::load::{Run, connect, request};
use crate::shared::people;
use crate::shared::server::Running;

/// What the answers said altogether.
#[derive(Default)]
pub struct Promised {
    pub reservations: usize,
    pub quantity: i64,
    pub shortages: usize,
}

#[derive(Deserialize)]
struct Answer {
    reservations: Vec<Reserved>,
    plan: Plan,
}

#[derive(Deserialize)]
struct Plan {
    shortages: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Reserved {
    quantity: i64,
}

/// Each ticket is asked for once; a run ends with its time, or when no ticket is left.
pub async fn run(
    server: &Running,
    token: &str,
    tickets: Vec<String>,
    clients: usize,
    length: Duration,
    promised: &mut Promised,
) -> anyhow::Result<Run> {
    let (began, next, tickets) = (Instant::now(), Arc::new(AtomicUsize::new(0)), Arc::new(tickets));
    let client = |_| {
        let (address, token) = (server.address.clone(), token.to_owned());
        tokio::spawn(reserve(address, token, tickets.clone(), next.clone(), began + length))
    };
    let tasks: Vec<_> = (0..clients).map(client).collect();
    let mut latencies_ms = Vec::new();
    for task in tasks {
        for (latency_ms, text) in task.await?? {
            latencies_ms.push(latency_ms);
            let answer: Answer = serde_json::from_str(&text)?;
            promised.reservations += answer.reservations.len();
            promised.quantity += answer.reservations.iter().map(|reserved| reserved.quantity).sum::<i64>();
            promised.shortages += answer.plan.shortages.len();
        }
    }
    anyhow::ensure!(!latencies_ms.is_empty(), "nothing was reserved");
    Ok(Run::new(latencies_ms, began.elapsed().as_secs_f64()))
}

/// Answers are read when all is over, beside no server.
async fn reserve(
    address: String,
    token: String,
    tickets: Arc<Vec<String>>,
    next: Arc<AtomicUsize>,
    until: Instant,
) -> anyhow::Result<Vec<(f64, String)>> {
    let mut connection = connect(&address).await?;
    let (mut answers, keys) = (Vec::new(), people::run_key());
    while Instant::now() < until
        && let Some(ticket) = tickets.get(next.fetch_add(1, Ordering::Relaxed))
    {
        let asked = Instant::now();
        let path = format!("/api/v1/tickets/{ticket}/reservations");
        let key = format!("{keys}-{}", answers.len());
        let (status, text) =
            request(&mut connection, &path, &token, Some(&key), r#"{"partial":true}"#).await?;
        anyhow::ensure!(status == 201, "{status}: {text}");
        answers.push((asked.elapsed().as_secs_f64() * 1e3, text));
    }
    Ok(answers)
}
