//! `RedisStore::update` in this process: read, decide, and the script, by many callers at a time.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jeton::{SessionId, SubjectKey, Timestamp};
use jeton_session::{Session, SessionStore as _, Step, Subject};
use jeton_store::{Acknowledge, Deployment, RedisSettings, RedisStore};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::CALLERS;
use super::servers::Redis;

const SPAN: Duration = Duration::from_secs(3);

/// Subjects of each caller.
const SUBJECTS: usize = 150;

pub struct Direct {
    store: Arc<RedisStore>,
    _folder: TempDir,
}

/// How this process speaks to Redis.
pub fn settings(redis: &Redis, prefix: &str, folder: &Path) -> RedisSettings {
    RedisSettings {
        deployment: Deployment::Standalone { server: redis.address() },
        login: None,
        tls: None,
        prefix: prefix.to_owned(),
        deadline: Duration::from_secs(5),
        retention: Duration::from_secs(690),
        acknowledge: Acknowledge::Journal,
        folder: folder.to_owned(),
        accept_loss: false,
    }
}

impl Direct {
    /// A session for each subject.
    pub async fn prepare(redis: &Redis) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(".")?;
        let store = RedisStore::connect(settings(redis, "direct", folder.path())).await?;
        let direct = Self { store: Arc::new(store), _folder: folder };
        let mut work = JoinSet::new();
        for caller in 0..CALLERS {
            let store = Arc::clone(&direct.store);
            work.spawn(async move {
                for number in 0..SUBJECTS {
                    let open = |subject: &Subject| Step::change(with_session(subject.key), ());
                    store.update(key(caller, number), open).await?;
                }
                anyhow::Ok(())
            });
        }
        work.join_all().await.into_iter().collect::<anyhow::Result<()>>()?;
        Ok(direct)
    }

    /// Rotations a second.
    pub async fn run(&self) -> anyhow::Result<f64> {
        let start = Instant::now();
        let mut work = JoinSet::new();
        for caller in 0..CALLERS {
            let store = Arc::clone(&self.store);
            work.spawn(async move {
                let mut done = 0;
                while start.elapsed() < SPAN {
                    store.update(key(caller, done % SUBJECTS), rotate).await?;
                    done += 1;
                }
                anyhow::Ok(done)
            });
        }
        let done = work.join_all().await.into_iter().sum::<anyhow::Result<usize>>()?;
        Ok(done as f64 / start.elapsed().as_secs_f64())
    }

    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Bytes of a record of one session, as it is in Redis.
pub fn record_size() -> anyhow::Result<usize> {
    Ok(8 + with_session(key(0, 0)).to_record()?.len())
}

fn rotate(subject: &Subject) -> Step<()> {
    let mut subject = subject.clone();
    for session in &mut subject.sessions {
        session.generation += 1;
    }
    Step::change(subject, ())
}

fn key(caller: usize, number: usize) -> SubjectKey {
    SubjectKey::of(&format!("caller{caller}-{number}"))
}

/// A subject that has logged in.
fn with_session(key: SubjectKey) -> Subject {
    let now = Timestamp::from(SystemTime::now());
    let session = Session {
        id: SessionId::new(key, [7; 8]),
        generation: 10_000,
        started_at: now,
        rotated_at: now,
        idle_expires_at: now.after(Duration::from_hours(14 * 24)),
        expires_at: now.after(Duration::from_hours(90 * 24)),
        device: None,
        client: "first-party".to_owned(),
        scope: None,
        claims: serde_json::Map::new(),
        auth_time: now,
        amr: Vec::new(),
    };
    Subject { sessions: vec![session], ..Subject::new(key) }
}
