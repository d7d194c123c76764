//! The load: clients that post tickets one after another, and one listener on the live stream. A ticket is through
//! when its answer has come and its change has been seen. Plain HTTP/1.1 over a socket, so that the load generator
//! takes as little as possible of the two cores that it shares with the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::setup::World;
use crate::shared::load::{Run, connect, request};
use crate::shared::people;
use crate::shared::server::Running;

/// When which ticket was seen on the stream.
type Seen = Arc<Mutex<HashMap<String, Instant>>>;

pub async fn run(server: &Running, world: &World, clients: usize, length: Duration) -> anyhow::Result<Run> {
    let seen: Seen = Arc::default();
    let listener = listen(server, world, seen.clone()).await?;
    let began = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|number| tokio::spawn(post(server.address.clone(), world.clone(), number, began + length)))
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.extend(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let mut latencies_ms = Vec::with_capacity(answers.len());
    for answer in answers {
        let seen_at = wait_until_seen(&seen, &answer.id).await.context("not on the stream")?;
        let through = seen_at.max(answer.answered);
        latencies_ms.push((through - answer.asked).as_secs_f64() * 1e3);
    }
    listener.abort();
    Ok(Run::new(latencies_ms, seconds))
}

struct Answered {
    id: String,
    asked: Instant,
    answered: Instant,
}

async fn post(address: String, world: World, number: usize, until: Instant) -> anyhow::Result<Vec<Answered>> {
    let mut connection = connect(&address).await?;
    let mut answers = Vec::new();
    for round in number.. {
        let asked = Instant::now();
        if asked >= until {
            break;
        }
        let body = world.ticket(round * 7);
        let key = format!("{}-{number}-{round}", people::run_key());
        let (status, text) =
            request(&mut connection, "/api/v1/tickets", &world.token, Some(&key), &body).await?;
        let answered = Instant::now();
        anyhow::ensure!(status == 201, "{status}: {text}");
        anyhow::ensure!(text.contains("\"status\":\"assigned\""), "not assigned: {text}");
        let id = text.split("\"id\":\"").nth(1).and_then(|t| t.get(..36)).context("no id")?.to_owned();
        answers.push(Answered { id, asked, answered });
    }
    Ok(answers)
}

async fn listen(server: &Running, world: &World, seen: Seen) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let mut stream = BufReader::new(TcpStream::connect(&server.address).await?);
    let token = &world.token;
    let head = format!("GET /api/v1/stream HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes()).await?;
    let mut line = String::new();
    // The greeting says that we are listening; only then may tickets come.
    while !line.contains("event: hello") {
        line.clear();
        anyhow::ensure!(stream.read_line(&mut line).await? > 0, "no stream");
    }
    Ok(tokio::spawn(async move {
        let mut line = String::new();
        while matches!(stream.read_line(&mut line).await, Ok(1..)) {
            if line.contains("\"entity\":\"tickets\"")
                && let Some(id) = line.split("\"row_id\":\"").nth(1).and_then(|t| t.get(..36))
            {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.entry(id.to_owned()).or_insert_with(Instant::now);
            }
            line.clear();
        }
    }))
}

async fn wait_until_seen(seen: &Seen, id: &str) -> Option<Instant> {
    let find = async {
        loop {
            if let Some(at) = seen.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
                return *at;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), find).await.ok()
}
