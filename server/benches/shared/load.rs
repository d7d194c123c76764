//! What the load generators have in common. Plain HTTP/1.1 over a socket, so that they take as little as possible of
//! the cores that they share with the server.

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What a run found.
pub struct Run {
    pub latencies_ms: Vec<f64>,
    pub seconds: f64,
}

impl Run {
    /// Of latencies in any order.
    pub fn new(mut latencies_ms: Vec<f64>, seconds: f64) -> Self {
        latencies_ms.sort_by(f64::total_cmp);
        Self { latencies_ms, seconds }
    }

    /// How many got through.
    pub fn count(&self) -> f64 {
        self.latencies_ms.len() as f64
    }

    /// The latency below which so many per cent lie.
    pub fn percentile(&self, percent: f64) -> f64 {
        let last = self.latencies_ms.len().saturating_sub(1) as f64;
        self.latencies_ms[(last * percent / 100.0).round() as usize]
    }
}

/// A connection of one client.
pub async fn connect(address: &str) -> anyhow::Result<BufReader<TcpStream>> {
    let connection = BufReader::new(TcpStream::connect(address).await?);
    connection.get_ref().set_nodelay(true)?;
    Ok(connection)
}

/// Posts JSON and reads the answer.
pub async fn request(
    connection: &mut BufReader<TcpStream>,
    path: &str,
    token: &str,
    key: Option<&str>,
    body: &str,
) -> anyhow::Result<(u16, String)> {
    let key = key.map(|key| format!("idempotency-key: {key}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\n{key}content-length: {length}\r\n\r\n{body}"
    );
    connection.get_mut().write_all(head.as_bytes()).await?;
    let (mut status, mut length, mut line) = (0, 0, String::new());
    loop {
        line.clear();
        anyhow::ensure!(connection.read_line(&mut line).await? > 0, "the server hung up");
        if line == "\r\n" {
            break;
        }
        if status == 0 {
            status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut text = vec![0; length];
    connection.read_exact(&mut text).await?;
    Ok((status, String::from_utf8(text)?))
}
