//! Everything at once, built once for everybody who asks in the same second.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jeton::RevocationList;
use serde_json::Value;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use crate::publish::frame::{USUAL, write_entry};
use crate::publish::hub::Hub;
use crate::wire::{BinaryWriter, FeedCursor, Snapshot, WireEntry};

/// How long a snapshot serves those who ask.
const LIFE: Duration = Duration::from_secs(1);

/// Most snapshots of one form that are in memory at a time: the last one, and those before it that
/// are still being read. They may be large, and readers slow.
const AT_ONCE: usize = 4;

/// What a timer's clock tells apart.
const MILLISECOND: Duration = Duration::from_millis(1);

/// How a snapshot is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As JSON.
    Json,
    /// As [`MEDIA_TYPE`](crate::wire::MEDIA_TYPE).
    Binary,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoSnapshot {
    /// What is known was never complete yet.
    #[error("what was revoked is not known yet")]
    NotYet,
    /// Too many old ones are still being read.
    #[error("too many snapshots are being read")]
    Busy,
    /// It could not be put together.
    #[error("the snapshot could not be built: {0}")]
    Unbuilt(String),
}

/// The last snapshot in each form.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    json: Shelf,
    binary: Shelf,
}

/// The last snapshot of one form, and room for so many.
#[derive(Clone, Debug)]
struct Shelf {
    last: Arc<Mutex<Option<Built>>>,
    room: Arc<Semaphore>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self { last: Arc::default(), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

#[derive(Debug)]
struct Built {
    content: Arc<Content>,
    cursor: FeedCursor,
    jwks: Value,
    /// It serves requests that were sent until then.
    until: Instant,
}

/// Counts for as long as it is in memory, whoever reads it.
#[derive(Debug)]
struct Content {
    bytes: Vec<u8>,
    _room: OwnedSemaphorePermit,
}

/// What is handed out.
struct Shown(Arc<Content>);

impl AsRef<[u8]> for Shown {
    fn as_ref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl Built {
    fn bytes(&self) -> Bytes {
        Bytes::from_owner(Shown(Arc::clone(&self.content)))
    }

    fn is_read(&self) -> bool {
        Arc::strong_count(&self.content) > 1
    }

    /// Whether the feed goes on behind it, with these keys: one that was withdrawn since must not
    /// come back by it.
    fn is_of_use(&self, hub: &Hub) -> bool {
        hub.knows(self.cursor) && hub.place().jwks == self.jwks
    }
}

impl Snapshots {
    /// A snapshot as good as one of this moment: its age counts for as long as it is handed out.
    ///
    /// Whoever asks first has it built, on a thread that may take its time; who asks meanwhile waits
    /// for the same. It is built to its end even if nobody waits any more. Where too many are being
    /// read, an older one has to do: the feed goes on behind that as well.
    pub(super) async fn get(&self, hub: &Arc<Hub>, form: Form) -> Result<Bytes, NoSnapshot> {
        let asked = Instant::now();
        let place = match form {
            Form::Json => self.json.clone(),
            Form::Binary => self.binary.clone(),
        };
        let hub = Arc::clone(hub);
        let task = tokio::spawn(async move {
            let mut last = place.last.lock().await;
            let useful = last.as_ref().filter(|built| built.is_of_use(&hub));
            if let Some(built) = useful.filter(|built| asked <= built.until) {
                return Ok(built.bytes());
            }
            // The old one goes first: two of a million entries are one too many.
            *last = last.take().filter(|built| built.is_read() && built.is_of_use(&hub));
            let Ok(room) = Arc::clone(&place.room).try_acquire_owned() else {
                return last.as_ref().map(Built::bytes).ok_or(NoSnapshot::Busy);
            };
            *last = None;
            let built = spawn_blocking(move || build(&hub, form, room)).await;
            let built = built.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))??;
            tokio::spawn(forget(place.clone(), built.until));
            Ok(last.insert(built).bytes())
        });
        task.await.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))?
    }
}

/// Makes room when a snapshot serves nobody any more: it may be large, and the last for long.
async fn forget(shelf: Shelf, until: Instant) {
    let mut at = until + MILLISECOND;
    loop {
        sleep_until(at).await;
        let mut last = shelf.last.lock().await;
        match last.as_ref().filter(|built| built.until <= until) {
            // It may have to do for others, and to forget it would make no room.
            Some(built) if built.is_read() && shelf.room.available_permits() == 0 => at += LIFE,
            Some(_) => return *last = None,
            None => return,
        }
    }
}

fn build(hub: &Hub, form: Form, room: OwnedSemaphorePermit) -> Result<Built, NoSnapshot> {
    // First the cursor, then the list, which is looked at below: see `publish`.
    let position = hub.place();
    let now = Instant::now();
    let until = now + LIFE;
    let as_of = position.as_of.ok_or(NoSnapshot::NotYet)?;
    let mut complete = hub.clock.complete(until, as_of).ok_or(NoSnapshot::NotYet)?;
    complete.t = hub.clock.millis(now).ok_or(NoSnapshot::NotYet)?;

    let (cursor, retention) = (position.cursor, hub.retention.as_secs());
    let head = Snapshot { cursor, retention, complete, jwks: position.jwks, e: Vec::new() };
    let bytes = match form {
        Form::Binary => encode_binary(&head, &hub.list),
        Form::Json => encode_json(&head, &hub.list),
    };
    let bytes = bytes.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))?;
    hub.counters.built.add(1);
    hub.counters.snapshot_bytes.set(bytes.len());
    let content = Arc::new(Content { bytes, _room: room });
    Ok(Built { content, cursor, jwks: head.jwks, until })
}

fn encode_binary(head: &Snapshot, list: &RevocationList) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = BinaryWriter::begin(head, list.len())?;
    list.for_each_entry(|entry| bytes.push(&entry));
    bytes.finish()
}

fn encode_json(head: &Snapshot, list: &RevocationList) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = serde_json::to_vec(head)?;
    // It ends with the entries, of which it has none.
    json.truncate(json.len().saturating_sub(b"]}".len()));
    json.reserve_exact(list.len() * USUAL);
    let mut written = Ok(());
    list.for_each_entry(|entry| {
        if written.is_ok() {
            written = write_entry(&mut json, &WireEntry::from(entry));
        }
    });
    written?;
    json.extend_from_slice(b"]}");
    Ok(json)
}
