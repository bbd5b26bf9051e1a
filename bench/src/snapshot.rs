//! A snapshot as a verifier gets it: over HTTP, from the real binary, read and merged.

use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use jeton::{Entry, Reason, RevocationList, SessionId, SubjectKey, Target, Timestamp};
use jeton_feed::wire::{Snapshot, WireEntry};
use jeton_session::{SessionStore as _, Step};
use jeton_store::SqliteStore;

use crate::feed;
use crate::rounds::{ROUNDS, spread};
use crate::service::build;

/// Revocations of one commit.
const COMMIT: u64 = 1_000;

pub fn run(jeton: Option<PathBuf>, entries: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let jeton = jeton.map_or_else(build, Ok)?;
    let data = folder.path().join("data");
    std::fs::create_dir(&data)?;
    fill(&data.join("jeton.db"), entries)?;
    let (server, client) = feed::start(&jeton, folder.path())?;
    let bearer = format!("Bearer {}", client.token(&server.url)?);
    while ureq::get(format!("{}/health/ready", server.url)).call().is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("resident memory of the service: {:.0} MiB", server.memory()? / 1_048_576.0);

    let (mut served, mut read, mut merged, mut size) = (vec![], vec![], vec![], 0);
    for _ in 0..ROUNDS {
        // A snapshot is kept for a second: each of these is made anew.
        std::thread::sleep(Duration::from_millis(1_100));
        let start = Instant::now();
        let mut bytes = Vec::with_capacity(entries as usize * 20);
        let ask = ureq::get(format!("{}/v1/revocations/snapshot", server.url));
        let ask = ask.header("accept", jeton_feed::wire::MEDIA_TYPE);
        let answer = ask.header("authorization", &bearer).call()?;
        answer.into_body().into_reader().read_to_end(&mut bytes)?;
        served.push(milliseconds(start));
        size = bytes.len();

        let start = Instant::now();
        let snapshot = Snapshot::from_binary(&bytes)?;
        read.push(milliseconds(start));
        let start = Instant::now();
        let list = RevocationList::following();
        let refused: Vec<Entry> = snapshot.e.iter().filter_map(refused).collect();
        list.merge(&refused);
        merged.push(milliseconds(start));
        anyhow::ensure!(list.len() as u64 >= entries, "{} of {entries}", list.len());
    }
    println!("a snapshot of {entries}, {size} bytes; ms, {ROUNDS} rounds:");
    println!("served  {}", spread(&served));
    println!("read    {}", spread(&read));
    println!("merged  {}", spread(&merged));
    Ok(())
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn refused(entry: &WireEntry) -> Option<Entry> {
    match entry {
        WireEntry::Refused(entry) => Some(entry.clone()),
        WireEntry::Canary { .. } => None,
    }
}

/// Writes the revocations into the database of a service that is not running yet.
fn fill(path: &std::path::Path, entries: u64) -> anyhow::Result<()> {
    let until = Timestamp::from(SystemTime::now()).after(Duration::from_secs(690));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let store = SqliteStore::open(path)?;
    runtime.block_on(async {
        for commit in 0..entries.div_ceil(COMMIT) {
            let subject = SubjectKey::of(&commit.to_string());
            let step = move |_: &_| {
                let numbers = commit * COMMIT..(commit + 1) * COMMIT;
                let session = |n: u64| {
                    SessionId::new(subject, n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
                };
                let targets = numbers.map(|n| Target::Session(session(n), Reason::LoggedOut));
                Step::keep(()).revoking(targets, until)
            };
            store.update(subject, step).await?;
        }
        Ok(())
    })
}
