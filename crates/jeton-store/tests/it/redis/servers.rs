//! Real Redis servers, started by a test on free ports of this machine, in a folder of their own.
//! They end with the test.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take until it answers, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

/// One `redis-server`.
pub(crate) struct Redis {
    pub(crate) port: u16,
    pub(crate) folder: TempDir,
    options: Vec<String>,
    process: Option<Child>,
}

impl Redis {
    /// A server that keeps what it acknowledges, as the start-up checks ask for.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same, with more options, or others: the last of a name counts.
    pub(crate) fn with(options: &[&str]) -> Self {
        Self::on(free_ports(1)[0], options)
    }

    fn on(port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // No snapshots beside the log: they would be of some time ago.
        let mut all = vec!["--save".to_owned(), String::new()];
        all.extend(words("--bind 127.0.0.1 --appendonly yes --maxmemory-policy noeviction"));
        // A replica begins at once.
        all.extend(words("--repl-diskless-sync-delay 0"));
        all.extend(options.iter().map(|option| (*option).to_owned()));
        let mut server = Self { port, folder, options: all, process: None };
        server.restart();
        server
    }

    /// A server whose options depend on its port, which then is the one of TLS.
    pub(crate) fn encrypted(options: impl Fn(u16) -> Vec<String>) -> Self {
        let port = free_ports(1)[0];
        let options = options(port);
        let options: Vec<_> = options.iter().map(String::as_str).collect();
        Self::on(port, &options)
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends it at once (`kill -9`): what it has not written is lost.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it, again if need be, with the folder as it is, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        self.kill();
        // With TLS the plain port is off, and stands among the options.
        let mut command = Command::new("redis-server");
        if !self.options.iter().any(|option| option == "--tls-port") {
            command.args(["--port", &self.port.to_string()]);
        }
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let process = command
            .args(["--dir", self.folder.path().to_str().unwrap()])
            .args(&self.options)
            .stdout(log)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.process = Some(process);
        until("redis-server answers", || self.is_listening());
    }

    /// Lets it hang (SIGSTOP): connections stay open, and nothing comes.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on (SIGCONT).
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    /// What `redis-cli` prints. Arguments may carry a login: `&["-a", …]`.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "--no-auth-warning"])
            .args(arguments)
            .output()
            .expect("redis-cli is installed");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// What it has written to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Whether it answers, be it with a refusal, and does not read its data any more.
    fn is_listening(&self) -> bool {
        if self.options.iter().any(|option| option == "--tls-port") {
            return self.log().contains("Ready to accept connections");
        }
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let mut answer = [0; 8];
        let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
        stream.write_all(b"PING\r\n").is_ok()
            && stream.read(&mut answer).is_ok()
            && !answer.starts_with(b"-LOADING")
    }

    fn signal(&self, name: &str) {
        let id = self.process.as_ref().expect("it runs").id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// So many ports that nobody has at the moment.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    // All are held until all are known, so that no two are the same.
    let held: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// Asks again and again until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        pause(Duration::from_millis(10));
    }
}

/// Lets time pass for those who are waited for.
pub(crate) fn pause(time: Duration) {
    let (_never, receiver) = mpsc::channel::<()>();
    let _ = receiver.recv_timeout(time);
}

pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
