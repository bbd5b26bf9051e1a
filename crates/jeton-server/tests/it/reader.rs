//! Reads server-sent events, as the contract has them: by hand, over a connection of its own.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;

use jeton_feed::wire::{Event, FeedCursor};

use crate::service::{PATIENCE, Service};

/// A connection to the feed.
pub(crate) struct Reader {
    lines: BufReader<Chunks>,
    /// The number of the next event.
    n: u64,
}

impl Reader {
    /// Opens the feed behind this cursor.
    #[track_caller]
    pub(crate) fn open(service: &Service, token: &str, cursor: FeedCursor) -> Self {
        let mut connection = TcpStream::connect(service.address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET /v1/revocations/feed?cursor={cursor} HTTP/1.1\r\nhost: x\r\n\
             authorization: Bearer {token}\r\naccept: text/event-stream\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut input = BufReader::new(connection);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(input.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        for header in
            ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"]
        {
            assert!(head.contains(&format!("\r\n{header}\r\n")), "{head}");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let chunks = match length {
            Some(length) => Chunks { input, left: length.parse().unwrap(), chunked: false },
            None => Chunks { input, left: 0, chunked: true },
        };
        Self { lines: BufReader::new(chunks), n: 1 }
    }

    /// The next event, whose number is checked; `None` at the end.
    #[track_caller]
    pub(crate) fn next(&mut self) -> Option<Event> {
        let mut lines = [String::new(), String::new(), String::new()];
        for line in &mut lines {
            if self.lines.read_line(line).unwrap() == 0 {
                return None;
            }
        }
        assert_eq!(lines[2], "\n", "{lines:?}");
        let name = lines[0].strip_prefix("event: ").unwrap().trim_end();
        let data = lines[1].strip_prefix("data: ").unwrap();
        let event = Event::parse(name, data).unwrap();
        assert_eq!(event.n(), self.n, "{event:?}");
        self.n += 1;
        Some(event)
    }

    /// The next event of a kind.
    #[track_caller]
    pub(crate) fn until<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = self.next().expect("the stream has ended");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }
}

/// The body of an answer, out of its chunks.
struct Chunks {
    input: BufReader<TcpStream>,
    left: usize,
    chunked: bool,
}

impl Read for Chunks {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        while self.left == 0 {
            if !self.chunked {
                return Ok(0);
            }
            let mut line = String::new();
            if self.input.read_line(&mut line)? == 0 {
                return Ok(0);
            }
            let length = line.trim_end();
            if length.is_empty() {
                continue;
            }
            self.left = usize::from_str_radix(length, 16).unwrap();
            if self.left == 0 {
                self.chunked = false;
            }
        }
        let most = to.len().min(self.left);
        let read = self.input.read(&mut to[..most])?;
        self.left -= read;
        Ok(read)
    }
}
