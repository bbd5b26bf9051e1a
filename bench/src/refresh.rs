//! Durable refreshes per second, beside bare appends that are synced one by one.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use jeton::{Algorithm, Timestamp};
use jeton_session::{Keyring, Login, MemoryStore, SessionStore, Sessions, Terms};
use jeton_store::SqliteStore;
use tokio::task::JoinSet;

use crate::rounds::{ROUNDS, ratio, spread};

const SPAN: Duration = Duration::from_secs(3);

/// About what one refresh writes.
const RECORD: [u8; 512] = [b'x'; 512];

pub fn run() -> anyhow::Result<()> {
    println!("refreshes per second, {ROUNDS} rounds of {SPAN:?} each; median (least to most)");
    println!(
        "callers | durable (SQLite)          | in memory                 | synced appends            | durable/append"
    );
    for callers in [1, 16, 64, 256] {
        let (mut durable, mut memory, mut appends) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let folder = tempfile::tempdir_in(".")?;
            let store = SqliteStore::open(&folder.path().join("jeton.db"))?;
            durable.push(refreshes(store, callers)?);
            memory.push(refreshes(MemoryStore::new(), callers)?);
            appends.push(synced_appends(&folder.path().join("appends"), callers)?);
        }
        let ratio = ratio(&durable, &appends);
        let [durable, memory, appends] = [durable, memory, appends].map(|f| spread(&f));
        println!("{callers:>7} | {durable:<25} | {memory:<25} | {appends:<25} | {ratio:.2}");
    }
    Ok(())
}

/// Each caller refreshes a session of its own, again and again: verify, rotate, sync, sign both.
fn refreshes<S: SessionStore + 'static>(store: S, callers: usize) -> anyhow::Result<f64> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let keyring = Keyring::generate(Algorithm::Es256, now())?;
        let terms = Terms::new("https://login.example", "https://api.example");
        let sessions = Arc::new(Sessions::start(store, terms, keyring).await?);
        let mut tokens = Vec::new();
        for caller in 0..callers {
            let pair = sessions.open(Login::of(format!("subject {caller}")), now()).await?;
            tokens.push(pair.refresh_token);
        }
        let started = Instant::now();
        let mut work = JoinSet::new();
        for mut token in tokens {
            let sessions = Arc::clone(&sessions);
            work.spawn(async move {
                let mut done = 0_u64;
                while started.elapsed() < SPAN {
                    token =
                        sessions.refresh(&token, now()).await.expect("a pair").pair.refresh_token;
                    done += 1;
                }
                done
            });
        }
        let done: u64 = work.join_all().await.into_iter().sum();
        Ok(done as f64 / started.elapsed().as_secs_f64())
    })
}

/// Each caller appends to one file and syncs, again and again.
fn synced_appends(path: &Path, callers: usize) -> anyhow::Result<f64> {
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..callers {
            let (stop, done) = (&stop, &done);
            scope.spawn(move || {
                let mut file =
                    OpenOptions::new().create(true).append(true).open(path).expect("a file");
                while !stop.load(Ordering::Relaxed) {
                    file.write_all(&RECORD).and_then(|()| file.sync_data()).expect("a sync");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        thread::sleep(SPAN);
        stop.store(true, Ordering::Relaxed);
    });
    Ok(done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64())
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
