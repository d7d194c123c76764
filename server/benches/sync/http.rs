//! HTTP/1.1 by hand over one connection, as a phone keeps it: so that each byte on the wire is counted, heads apart
//! from bodies.

use std::io::{Read, Write};

use anyhow::Context;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Bodies shorter than this are sent as they are: packing would make them longer.
const WORTH_PACKING: usize = 256;

/// What went over the wire, both ways together.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
pub struct Traffic {
    pub requests: u64,
    /// Bytes of bodies, as packed.
    pub body: u64,
    /// Bytes of request lines, status lines and headers.
    pub head: u64,
}

impl Traffic {
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests - earlier.requests,
            body: self.body - earlier.body,
            head: self.head - earlier.head,
        }
    }
}

/// An answer, unpacked.
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A phone's connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    pub traffic: Traffic,
}

#[derive(Default)]
struct Head {
    status: u16,
    length: Option<usize>,
    chunked: bool,
    packed: bool,
}

impl Connection {
    pub async fn open(address: &str) -> anyhow::Result<Self> {
        let stream = BufReader::new(TcpStream::connect(address).await?);
        stream.get_ref().set_nodelay(true)?;
        Ok(Self { stream, traffic: Traffic::default() })
    }

    /// Posts JSON under `/sync/v1`, packed if that makes it shorter.
    pub async fn post(&mut self, path: &str, token: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let (body, encoding) = match body.len() {
            0..WORTH_PACKING => (body.to_vec(), ""),
            _ => (pack(body)?, "content-encoding: gzip\r\n"),
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\naccept-encoding: gzip\r\n\
             content-type: application/json\r\n{encoding}content-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all(head.as_bytes()).await?;
        self.stream.get_mut().write_all(&body).await?;
        self.traffic.requests += 1;
        self.traffic.head += head.len() as u64;
        self.traffic.body += body.len() as u64;
        let head = self.head().await?;
        let body =
            if head.chunked { self.chunks().await? } else { self.exactly(head.length.unwrap_or(0)).await? };
        let body = if head.packed { unpack(&body)? } else { body };
        Ok(Reply { status: head.status, body })
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        anyhow::ensure!(self.stream.read_line(&mut line).await? > 0, "the server hung up");
        Ok(line)
    }

    async fn head(&mut self) -> anyhow::Result<Head> {
        let mut head = Head::default();
        loop {
            let line = self.line().await?;
            self.traffic.head += line.len() as u64;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                return Ok(head);
            }
            match line.split_once(": ") {
                Some(("content-length", length)) => head.length = Some(length.parse()?),
                Some(("transfer-encoding", "chunked")) => head.chunked = true,
                Some(("content-encoding", "gzip")) => head.packed = true,
                Some(_) => {}
                None => {
                    head.status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?
                }
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> anyhow::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await?;
        self.traffic.body += length as u64;
        Ok(bytes)
    }

    /// The framing counts as body: it comes with its size.
    async fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let size = self.line().await?;
            let length = usize::from_str_radix(size.trim(), 16)?;
            let chunk = self.exactly(length + 2).await?;
            self.traffic.body += size.len() as u64;
            if length == 0 {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&chunk[..length]);
        }
    }
}

fn pack(body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(body)?;
    Ok(packer.finish()?)
}

fn unpack(body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(body).read_to_end(&mut bytes)?;
    Ok(bytes)
}
