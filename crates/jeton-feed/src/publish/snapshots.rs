//! Everything at once, built once for everybody who asks in the same second.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jeton::RevocationList;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use crate::publish::frame::{USUAL, write_entry};
use crate::publish::hub::Hub;
use crate::wire::{BinaryWriter, Snapshot, WireEntry};

/// How long a snapshot serves those who ask.
const LIFE: Duration = Duration::from_secs(1);

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
    /// It could not be put together.
    #[error("the snapshot could not be built: {0}")]
    Unbuilt(String),
}

/// The last snapshot in each form.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    json: Arc<Mutex<Option<Built>>>,
    binary: Arc<Mutex<Option<Built>>>,
}

#[derive(Clone, Debug)]
struct Built {
    bytes: Bytes,
    /// It serves requests that were sent until then.
    until: Instant,
}

impl Snapshots {
    /// A snapshot as good as one of this moment: its age counts for as long as it is handed out.
    ///
    /// Whoever asks first has it built, on a thread that may take its time; who asks meanwhile waits
    /// for the same. It is built to its end even if nobody waits any more.
    pub(super) async fn get(&self, hub: &Arc<Hub>, form: Form) -> Result<Bytes, NoSnapshot> {
        let asked = Instant::now();
        let place = match form {
            Form::Json => Arc::clone(&self.json),
            Form::Binary => Arc::clone(&self.binary),
        };
        let hub = Arc::clone(hub);
        let task = tokio::spawn(async move {
            let forgotten = Arc::clone(&place);
            let mut place = place.lock().await;
            if let Some(built) = place.as_ref().filter(|built| asked <= built.until) {
                return Ok(built.bytes.clone());
            }
            // The old one goes first: two of a million entries are one too many.
            *place = None;
            let built = spawn_blocking(move || build(&hub, form)).await;
            let built = built.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))??;
            tokio::spawn(forget(forgotten, built.until));
            Ok(place.insert(built).bytes.clone())
        });
        task.await.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))?
    }
}

/// Makes room when a snapshot serves nobody any more: it may be large, and the last for long.
async fn forget(place: Arc<Mutex<Option<Built>>>, until: Instant) {
    sleep_until(until + MILLISECOND).await;
    let mut place = place.lock().await;
    if place.as_ref().is_some_and(|built| built.until <= until) {
        *place = None;
    }
}

fn build(hub: &Hub, form: Form) -> Result<Built, NoSnapshot> {
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
    let bytes = Bytes::from(bytes.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))?);
    hub.counters.built.add(1);
    hub.counters.snapshot_bytes.set(bytes.len());
    Ok(Built { bytes, until })
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
