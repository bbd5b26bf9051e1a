//! A process of a fleet, over HTTP by hand: it serves what its publisher says.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use jeton::SigningKey;
use jeton_feed::publish::{Form, Publisher, Reset};
use jeton_feed::wire::FeedCursor;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::fleet::double::{Node, Streams};
use crate::issuer::{Request, read_request};
use crate::subscriber::given::jwks;

const TOKEN: &[u8] = br#"{"access_token":"token-1","token_type":"Bearer","expires_in":600}"#;

pub(super) struct Service {
    pub(super) address: SocketAddr,
    node: Arc<Mutex<Node>>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    publisher: Publisher,
    asked: Mutex<Vec<String>>,
    holds_back: AtomicBool,
}

impl Service {
    pub(super) async fn start(key: &SigningKey) -> Self {
        let node = Node::start();
        node.publisher.set_keys(jwks(&[key])).unwrap();
        let publisher = node.publisher.clone();
        let (asked, holds_back) = (Mutex::default(), AtomicBool::new(false));
        let shared = Arc::new(Shared { publisher, asked, holds_back });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Self { address, node: Arc::new(Mutex::new(node)), shared, _tasks: tasks }
    }

    /// Reads the store and tells what it has read, as often as this.
    pub(super) fn keep_up(
        &self,
        streams: Arc<Mutex<Streams>>,
        every: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let node = Arc::clone(&self.node);
        async move {
            loop {
                node.lock().unwrap().keep_up(&mut streams.lock().unwrap());
                sleep(every).await;
                // What it reads in between is told at once, and passed by the next proof.
                let mut node = node.lock().unwrap();
                for stream in 0..crate::fleet::double::STREAMS {
                    node.read(&streams.lock().unwrap(), stream, usize::MAX);
                }
                node.tell(usize::MAX);
            }
        }
    }

    /// Whether events are held back on their way.
    pub(super) fn hold_back(&self, holds_back: bool) {
        self.shared.holds_back.store(holds_back, Ordering::Relaxed);
    }

    /// How many requests there were to a path.
    pub(super) fn asked(&self, path: &str) -> usize {
        let asked = self.shared.asked.lock().unwrap();
        asked.iter().filter(|asked| *asked == path).count()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // Whoever goes away in the middle of it is no concern of ours.
            let _ = shared.serve(stream).await;
        });
    }
}

impl Shared {
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        // One request to a connection, so that each goes where the balancer leads it.
        if let Some(request) = read_request(&mut stream).await? {
            self.asked.lock().unwrap().push(request.path.clone());
            let body = match request.path.as_str() {
                "/oauth2/token" => Ok(Bytes::from_static(TOKEN)),
                "/v1/revocations/snapshot" => self.publisher.snapshot(Form::Json).await,
                "/v1/revocations/poll" => self.poll(&request).await,
                "/v1/revocations/feed" => return self.feed(&mut stream, &request).await,
                "/v1/revocations/report" => Ok(Bytes::from_static(b"{}")),
                other => panic!("{other}"),
            };
            // There is none before it has read anything.
            let (status, body) = body.map_or((503, Bytes::new()), |body| (200, body));
            let head = format!(
                "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
        }
        Ok(())
    }

    async fn poll(&self, request: &Request) -> Result<Bytes, jeton_feed::publish::NoSnapshot> {
        let wait = member(request, "wait").and_then(|wait| wait.parse().ok()).unwrap();
        self.publisher.poll(cursor(request), Duration::from_secs(wait)).await
    }

    async fn feed(&self, stream: &mut TcpStream, request: &Request) -> std::io::Result<()> {
        while self.holds_back.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(10)).await;
        }
        stream.write_all(b"HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\n\r\n").await?;
        match cursor(request).ok_or(Reset).and_then(|cursor| self.publisher.subscribe(cursor)) {
            Ok(mut subscription) => {
                while let Some(bytes) = subscription.next().await {
                    stream.write_all(&bytes).await?;
                }
                Ok(())
            }
            Err(reset) => stream.write_all(&reset.to_sse()).await,
        }
    }
}

fn member<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let mut pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn cursor(request: &Request) -> Option<FeedCursor> {
    member(request, "cursor")?.parse().ok()
}
