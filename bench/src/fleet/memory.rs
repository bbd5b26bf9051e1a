//! What sessions, subjects and revocations take: in Redis, in its file, and in a node.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jeton::{Algorithm, Reason, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::{Device, Keyring, Login, SessionStore as _, Sessions, Step, Terms};
use jeton_store::RedisStore;
use tokio::task::JoinSet;

use super::direct::settings;
use super::nodes::Nodes;
use super::servers::{Postgres, Redis};
use crate::memory::resident;
use crate::service::build;

/// Updates under way at a time.
const CALLERS: u64 = 256;

/// What every deployment has unless it says otherwise, so that nodes find what is written here.
const PREFIX: &str = "jeton";

pub fn run(jeton: Option<PathBuf>, count: u64) -> anyhow::Result<()> {
    let redis = Redis::start()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let folder = tempfile::tempdir_in(".")?;
    runtime.block_on(fill(&redis, folder.path(), count))?;
    let (jeton, postgres) = (jeton.map_or_else(build, Ok)?, Postgres::start()?);
    let nodes = Nodes::start(&jeton, &redis, &postgres)?;
    for bytes in nodes.memory()? {
        println!("a node that has read all of it: {:.0} MiB resident", bytes / 1_048_576.0);
    }
    Ok(())
}

async fn fill(redis: &Redis, folder: &std::path::Path, count: u64) -> anyhow::Result<()> {
    let store = RedisStore::connect(settings(redis, PREFIX, folder)).await?;
    let terms = Terms::new("http://localhost:8080", "api");
    let keyring = Keyring::generate(Algorithm::Es256, now())?;
    let sessions = Arc::new(Sessions::start(store, terms, keyring).await?);

    let opened = measure(redis, "a session, its subject's first", count, |number| {
        let (sessions, login) = (Arc::clone(&sessions), Login::of(format!("user-{number}")));
        async move { Ok(sessions.open(login, now()).await.map(drop)?) }
    });
    opened.await?;
    let second = measure(redis, "one more session of that subject", count / 10, |number| {
        let device = Some(Device { kind: "phone".into(), name: Some("Pixel 9".into()) });
        let login = Login { device, ..Login::of(format!("user-{number}")) };
        let sessions = Arc::clone(&sessions);
        async move { Ok(sessions.open(login, now()).await.map(drop)?) }
    });
    second.await?;
    drop(sessions);
    let store = Arc::new(RedisStore::connect(settings(redis, PREFIX, folder)).await?);
    let revoked = measure(redis, "a revocation", count, |number| {
        let store = Arc::clone(&store);
        async move {
            let subject = SubjectKey::of(&format!("gone-{number}"));
            let session = SessionId::new(subject, number.to_be_bytes());
            let until = now().after(Duration::from_secs(690));
            let target = Target::Session(session, Reason::LoggedOut);
            let step = move |_: &_| Step::keep(()).revoking([target.clone()], until);
            Ok(store.update(subject, step).await?)
        }
    });
    let before = resident()?;
    revoked.await?;
    let grown = resident()?.saturating_sub(before) as f64 / count as f64;
    println!("a revocation in the log of this process: {grown:.0} bytes");
    store.close().await;
    Ok(())
}

/// Does something so many times, and prints what Redis has grown by for each.
async fn measure<F>(
    redis: &Redis,
    what: &str,
    count: u64,
    each: impl Fn(u64) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let (memory, start) = (redis.memory()?, Instant::now());
    let next = Arc::new(AtomicU64::new(0));
    let mut work = JoinSet::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            break;
        }
        if number >= CALLERS {
            work.join_next().await.expect("some are under way")??;
        }
        work.spawn(each(number));
    }
    while let Some(done) = work.join_next().await {
        done??;
    }
    println!(
        "{what:<34} {:>6.0} bytes in Redis; {count} at {:.0}/s",
        (redis.memory()? - memory) / count as f64,
        count as f64 / start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
