//! A running service: its process, its log, and a client that knows where it is.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::Client;

/// What a service prints last before it answers.
const LISTENS: &str = "jeton listens on http://";

/// How long to wait for an event before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A service that listens. Killed and reaped when dropped.
pub(crate) struct Service {
    process: Child,
    log: Receiver<String>,
    /// What it printed before it listened.
    pub(crate) printed: Vec<String>,
    pub(crate) address: SocketAddr,
    pub(crate) http: Client,
}

impl Service {
    /// Starts it and waits until it listens.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdin(Stdio::null()).spawn().unwrap();
        let log = lines(process.stderr.take().unwrap());
        let mut printed = Vec::new();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = loop {
            let Some(line) = output.next() else {
                let status = process.wait().unwrap();
                let log: Vec<String> = log.iter().collect();
                panic!("the service ended at once, {status}: {log:#?}");
            };
            let line = line.unwrap();
            match line.strip_prefix(LISTENS) {
                Some(address) => break address.parse().unwrap(),
                None => printed.push(line),
            }
        };
        Self { process, log, printed, address, http: Client::new(address) }
    }

    /// Waits for a line of the log with this in it.
    pub(crate) fn wait_for(&self, words: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the log never says {words:?}"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Sends it a signal, as an operator does.
    pub(crate) fn signal(&self, name: &str) {
        let order = format!("kill -{name} {}", self.process.id());
        let told = Command::new("sh").args(["-c", &order]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for its end; answers how it ended, and what was not read of its log.
    pub(crate) fn wait(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.process.wait().unwrap();
        (status, self.log.iter().collect())
    }

    /// `kill -9`: no handler runs and nothing is flushed. Answers its log.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.wait().1
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Either may find that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks again and again until it is so.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "not so after {PATIENCE:?}: {what}");
    }
}

/// The lines of a stream as they come. Read to its end, so that the writer never waits for us.
fn lines(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n') {
            let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
            // Whoever waited for it may have gone; the pipe is emptied all the same.
            let _ = send.send(line);
        }
    });
    lines
}
