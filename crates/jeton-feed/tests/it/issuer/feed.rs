//! The feed of the small issuer.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{Request, World};

const BEAT: Duration = Duration::from_millis(20);

/// One connection.
struct Sent {
    n: u64,
    place: usize,
    jwks: Value,
    generation: u64,
}

pub(super) async fn serve(
    mut stream: TcpStream,
    world: &Mutex<World>,
    mut changed: watch::Receiver<u64>,
    request: &Request,
) -> std::io::Result<()> {
    let generation = world.lock().unwrap().generation;
    while world.lock().unwrap().held_back {
        changed.changed().await.unwrap();
    }
    stream.write_all(b"HTTP/1.1 200 x\r\ncontent-type: text/event-stream\r\n\r\n").await?;
    let place = world.lock().unwrap().place(&request.query);
    let Some(place) = place else {
        return stream.write_all(b"event: reset\ndata: {\"n\":1}\n\n").await;
    };
    world.lock().unwrap().live += 1;
    let mut sent = Sent { n: 0, place, jwks: Value::Null, generation };
    let ended = follow(&mut stream, world, &mut changed, &mut sent).await;
    world.lock().unwrap().live -= 1;
    ended
}

async fn follow(
    stream: &mut TcpStream,
    world: &Mutex<World>,
    changed: &mut watch::Receiver<u64>,
    sent: &mut Sent,
) -> std::io::Result<()> {
    loop {
        let Some(events) = sent.events(&mut world.lock().unwrap()) else {
            return Ok(());
        };
        stream.write_all(events.as_bytes()).await?;
        let mut byte = [0];
        tokio::select! {
            _ = timeout(BEAT, changed.changed()) => {}
            _ = stream.read(&mut byte) => return Ok(()), // the client has gone
        }
    }
}

impl Sent {
    /// What there is to send; `None` if the connection is cut.
    fn events(&mut self, world: &mut World) -> Option<String> {
        if world.generation != self.generation {
            return None;
        }
        let mut events = String::new();
        if self.jwks != world.jwks {
            self.jwks = world.jwks.clone();
            events += &self.event("keys", json!({ "jwks": world.jwks }));
        }
        if self.place < world.log.len() {
            let event = self.event("rev", world.revocations(self.place));
            self.place = world.log.len();
            if !std::mem::take(&mut world.lose_one) {
                events += &event;
            }
        }
        if !world.no_beats {
            let mut beat = world.complete();
            beat["cursor"] = world.cursor(self.place).into();
            events += &self.event("hb", beat);
        }
        Some(events)
    }

    fn event(&mut self, name: &str, mut data: Value) -> String {
        self.n += 1;
        data["n"] = self.n.into();
        format!("event: {name}\ndata: {data}\n\n")
    }
}
