//! What all nodes of a fleet agree on: how the data is written, how long revocations are remembered,
//! and the name of the feed. The first node writes it down, the others read it.

use std::time::Duration;

use redis::{Script, Value};

use crate::redis::link::{Link, Lost};
use crate::redis::open::OpenRedisError;
use crate::redis::random;
use crate::redis::settings::RedisSettings;

/// How records, entries and keys are written.
const FORMAT: u32 = 1;

/// One step, so that two nodes that start together agree.
const AGREE: &str = include_str!("scripts/agree.lua");

/// What was agreed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cfg {
    /// The feed's name.
    pub(super) feed: u64,
    /// R, as all nodes have it: at least what these settings need.
    pub(super) retention: Duration,
}

/// Reads what was agreed, and begins it where this is the first node.
///
/// # Errors
///
/// [`OpenRedisError`] if the data is of another format, or if R is too short for this node.
pub(super) async fn agree(link: &Link, settings: &RedisSettings) -> Result<Cfg, OpenRedisError> {
    let retention = millis(settings.retention);
    let feed = format!("{:016x}", u64::from_be_bytes(random::bytes()?));
    let answer = write(link, settings, [&retention, &feed, "keep"]).await?;
    let [format, retention, feed] = texts(answer).ok_or_else(|| damaged("it cannot be read"))?;
    if format != FORMAT.to_string() {
        return Err(OpenRedisError::Format { found: format, known: FORMAT });
    }
    let stored = retention.parse().map_err(|_| damaged("`retention` is no number"))?;
    let stored = Duration::from_millis(stored);
    if stored < settings.retention {
        let needed = settings.retention.as_millis().div_ceil(1_000);
        let needed = u64::try_from(needed).unwrap_or(u64::MAX);
        return Err(OpenRedisError::Retention { stored: stored.as_secs(), needed });
    }
    let feed = u64::from_str_radix(&feed, 16).map_err(|_| damaged("`feed` is no number"))?;
    Ok(Cfg { feed, retention: stored })
}

/// Says so where the fleet remembers for longer than this node needs.
pub(super) fn note(cfg: &Cfg, settings: &RedisSettings) -> Option<String> {
    (cfg.retention > settings.retention).then(|| {
        format!(
            "the fleet remembers revocations for {} s, and this node's tokens need {} s; that is \
             safe, and `jeton store retention` makes it shorter once no node needs it",
            cfg.retention.as_secs(),
            settings.retention.as_secs(),
        )
    })
}

/// Changes R for all nodes, which read it when they start.
///
/// # Errors
///
/// [`OpenRedisError`] if Redis cannot be reached or refuses.
pub(super) async fn set_retention(
    link: &Link,
    settings: &RedisSettings,
) -> Result<(), OpenRedisError> {
    let retention = millis(settings.retention);
    let feed = format!("{:016x}", u64::from_be_bytes(random::bytes()?));
    write(link, settings, [&retention, &feed, "replace"]).await.map(drop)
}

async fn write(
    link: &Link,
    settings: &RedisSettings,
    [retention, feed, how]: [&str; 3],
) -> Result<Value, OpenRedisError> {
    let key = format!("{}:cfg", settings.prefix);
    let format = FORMAT.to_string();
    let args = [&*format, retention, feed, how].map(str::as_bytes);
    let answer = link.run_key(key.as_bytes(), &Script::new(AGREE), &args).await;
    answer.map_err(OpenRedisError::from)
}

fn millis(time: Duration) -> String {
    time.as_millis().to_string()
}

fn texts(answer: Value) -> Option<[String; 3]> {
    redis::from_redis_value::<Vec<String>>(answer).ok()?.try_into().ok()
}

fn damaged(what: &str) -> OpenRedisError {
    Lost::of_data(format!("the settings of the fleet are damaged: {what}")).into()
}
