//! A small issuer for tests: it speaks the feed, and does whatever it is told to go wrong.
//!
//! Heartbeats come every 20 milliseconds, so that nothing has to wait. HTTP is written by hand: only
//! so can an answer break off anywhere.

mod feed;
mod routes;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use jeton::Timestamp;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The time of day of every test.
pub(crate) const NOW: u64 = 1_800_000_000;

pub(crate) fn wall() -> Timestamp {
    Timestamp::from_secs(NOW)
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: String,
    pub(crate) accept: String,
    pub(crate) body: String,
}

/// What it knows, and what it does wrong.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each goes wrong by itself")]
pub(crate) struct World {
    started: Instant,
    pub(crate) feed: u64,
    pub(crate) log: Vec<Value>,
    pub(crate) jwks: Value,
    pub(crate) now: u64,
    pub(crate) requests: Vec<Request>,
    /// How many connections of the feed there are.
    pub(crate) live: usize,
    /// Connections of an earlier generation are closed.
    generation: u64,
    /// Nothing is sent on the feed, not even the head of the answer.
    pub(crate) held_back: bool,
    /// No heartbeats.
    pub(crate) no_beats: bool,
    /// The next `rev` is lost on its way.
    pub(crate) lose_one: bool,
    /// Routes that answer with a status and nothing else.
    pub(crate) broken: HashMap<&'static str, u16>,
    /// Routes that answer with another content type.
    pub(crate) mistyped: HashMap<&'static str, &'static str>,
    pub(crate) expires_in: u64,
    /// Tokens up to this number are not taken.
    pub(crate) refused: u64,
    pub(crate) granted: u64,
    /// What introspection says.
    pub(crate) active: bool,
    /// Routes that never answer.
    pub(crate) hangs: Vec<&'static str>,
}

/// An issuer on a free port, stopped when it is dropped.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) url: String,
    world: Arc<Mutex<World>>,
    changed: watch::Sender<u64>,
    _tasks: JoinSet<()>,
}

impl Issuer {
    pub(crate) async fn start(jwks: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(World::new(jwks)));
        let changed = watch::Sender::new(0);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&world), changed.clone()));
        Self { url, world, changed, _tasks: tasks }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Changes something, and lets the connections know.
    pub(crate) fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world());
        self.changed.send_modify(|changes| *changes += 1);
    }

    pub(crate) fn revoke(&self, entry: Value) {
        self.change(|world| world.log.push(entry));
    }

    pub(crate) fn cut(&self) {
        self.change(|world| world.generation += 1);
    }

    /// Another process in place of this one: another feed, with the same revocations.
    pub(crate) fn restart(&self) {
        self.change(|world| {
            world.generation += 1;
            world.feed += 1;
        });
    }

    /// How many requests there were to a path.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.world().requests.iter().filter(|request| request.path == path).count()
    }

    pub(crate) fn requests(&self, path: &str) -> Vec<Request> {
        let world = self.world();
        world.requests.iter().filter(|request| request.path == path).cloned().collect()
    }
}

impl World {
    fn new(jwks: Value) -> Self {
        Self {
            started: Instant::now(),
            feed: 1,
            log: Vec::new(),
            jwks,
            now: NOW,
            requests: Vec::new(),
            live: 0,
            generation: 0,
            held_back: false,
            no_beats: false,
            lose_one: false,
            broken: HashMap::new(),
            mistyped: HashMap::new(),
            expires_in: 600,
            refused: 0,
            granted: 0,
            active: true,
            hangs: Vec::new(),
        }
    }

    fn complete(&self) -> Value {
        let t = 5_000 + u64::try_from(self.started.elapsed().as_millis()).unwrap();
        json!({ "t": t, "age_ms": 0, "now": self.now })
    }

    fn cursor(&self, place: usize) -> String {
        format!("{:016x}.{place}", self.feed)
    }

    fn place(&self, query: &str) -> Option<usize> {
        let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="))?;
        let (feed, place) = cursor.split_once('.')?;
        let place = place.parse().ok().filter(|place| *place <= self.log.len());
        place.filter(|_| feed == format!("{:016x}", self.feed))
    }
}

async fn accept(listener: TcpListener, world: Arc<Mutex<World>>, changed: watch::Sender<u64>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (world, changed) = (Arc::clone(&world), changed.subscribe());
        connections.spawn(async move {
            // Whoever goes away in the middle of it is no concern of ours.
            let _ = serve(stream, &world, changed).await;
        });
    }
}

async fn serve(
    mut stream: TcpStream,
    world: &Mutex<World>,
    changed: watch::Receiver<u64>,
) -> std::io::Result<()> {
    while let Some(request) = read_request(&mut stream).await? {
        let answer = {
            let mut world = world.lock().unwrap();
            world.requests.push(request.clone());
            world.answer(&request)
        };
        match answer {
            routes::Answer::Whole(bytes) => stream.write_all(&bytes).await?,
            routes::Answer::Never => std::future::pending().await,
            routes::Answer::Feed => return feed::serve(stream, world, changed, &request).await,
        }
    }
    Ok(())
}

pub(crate) async fn read_request(stream: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let mut line = head.split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: header("authorization").to_owned(),
        accept: header("accept").to_owned(),
        body: String::from_utf8(body).unwrap(),
    }))
}

/// Waits until something holds; a test that waits in vain fails.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
