//! As little of an HTTP client as a load needs: one connection, kept open, one request at a time.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

pub struct Caller {
    host: String,
    bearer: String,
    connection: BufReader<TcpStream>,
}

impl Caller {
    /// Connects to `http://host:port`.
    pub async fn new(url: &str, bearer: &str) -> anyhow::Result<Self> {
        let host = url.strip_prefix("http://").context("not http")?.to_owned();
        let connection = TcpStream::connect(&host).await?;
        connection.set_nodelay(true)?;
        Ok(Self { host, bearer: bearer.to_owned(), connection: BufReader::new(connection) })
    }

    /// The `data` of the answer, and how long it took.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: &str,
    ) -> anyhow::Result<(Value, Duration)> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            self.bearer,
            body.len()
        );
        let start = Instant::now();
        self.connection.write_all(request.as_bytes()).await?;
        let (status, body) = self.answer().await?;
        let took = start.elapsed();
        let text = String::from_utf8_lossy(&body);
        ensure!(status == 200, "{method} {path}: {status} {text}");
        let mut answer: Value = serde_json::from_slice(&body)?;
        Ok((answer["data"].take(), took))
    }

    async fn answer(&mut self) -> anyhow::Result<(u16, Vec<u8>)> {
        let (mut status, mut length) = (None, 0);
        let mut line = String::new();
        loop {
            line.clear();
            ensure!(self.connection.read_line(&mut line).await? > 0, "the node has hung up");
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(' ').unwrap_or((text, ""));
            if status.is_none() {
                status = Some(value.get(..3).context("no status")?.parse()?);
            } else if name.eq_ignore_ascii_case("content-length:") {
                length = value.parse()?;
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).await?;
        Ok((status.context("no answer")?, body))
    }
}
