//! Somebody's own service: it answers with the head of the request that got to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::answer::Answer;

/// A service that is there until the test ends.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

/// What got to it.
#[derive(Debug)]
pub(super) struct Seen {
    /// Method and path.
    pub(super) line: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Backend {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let count = Arc::clone(&count);
                // Whoever hangs up in between has no answer to wait for.
                thread::spawn(move || drop(answer(&stream.unwrap(), &count)));
            }
        });
        Self { address, asked }
    }

    /// How many requests have got to it.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Reads one request and echoes it: the head, an empty line, the body.
fn answer(mut stream: &TcpStream, count: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        head.push('\n');
    }
    count.fetch_add(1, Ordering::SeqCst);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let text = format!("{head}\n{}", String::from_utf8_lossy(&body));
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}

impl Seen {
    /// What an answer says got to the service.
    #[track_caller]
    pub(super) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let (head, body) = answer.text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        let line = lines.next().unwrap().to_owned();
        let pair = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim().to_owned())
        };
        Self { line, headers: lines.map(pair).collect(), body: body.to_owned() }
    }

    /// Every header that some program could take for this one, whatever the spelling, but empty ones.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let is_it = |spelled: &str| spelled.to_ascii_lowercase().replace('_', "-") == name;
        let values = self.headers.iter().filter(|(spelled, _)| is_it(spelled));
        values.map(|(_, value)| &**value).filter(|value| !value.is_empty()).collect()
    }

    /// Subject, session, client and scope, as they got to it.
    pub(super) fn identity(&self) -> [Vec<&str>; 4] {
        ["jeton-subject", "jeton-session", "jeton-client", "jeton-scope"].map(|name| self.all(name))
    }
}
