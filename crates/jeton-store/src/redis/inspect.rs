//! What an operator finds in the Redis of a fleet, without joining it: nothing is written.

use std::time::Duration;

use jeton_session::StoreError;
use redis::{Cmd, FromRedisValue, cmd};

use crate::redis::bucket::Bucket;
use crate::redis::keys::Keys;
use crate::redis::link::{Address, Link};
use crate::redis::node::memory;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::RedisSettings;
use crate::redis::{check, lineage};

/// What there is, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// Every primary.
    pub servers: Vec<InspectedServer>,
    /// Why no node would start. One sentence each.
    pub refusals: Vec<String>,
    /// What is worrying. One sentence each.
    pub warnings: Vec<String>,
    /// What the nodes have agreed on, if there ever was one.
    pub agreed: Option<Agreed>,
    /// The parts of the data, in order.
    pub buckets: Vec<InspectedBucket>,
}

/// A primary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InspectedServer {
    /// `host:port`.
    pub server: String,
    /// What it calls its version.
    pub version: String,
    /// What it does when its memory is full.
    pub policy: String,
    /// Whether it writes down what it acknowledges.
    pub has_log: bool,
    /// Bytes of memory in use.
    pub memory: u64,
    /// Bytes that it may use; 0 if nobody has said so.
    pub maxmemory: u64,
    /// Its replicas: what `INFO` says of each.
    pub replicas: Vec<String>,
}

impl InspectedServer {
    fn is_nearly_full(&self) -> Option<String> {
        let Self { server, memory, maxmemory, .. } = self;
        (*maxmemory > 0 && *memory > maxmemory / 10 * 9).then(|| {
            format!(
                "{server} uses {memory} of the {maxmemory} bytes it may; beyond, logins, refreshes and \
                 revocations are answered 503; raise `maxmemory`"
            )
        })
    }
}

/// What the first node has written down for all others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreed {
    /// How the data is written.
    pub format: String,
    /// R.
    pub retention: Duration,
    /// The name of the feed.
    pub feed: String,
}

/// One of the 64 parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InspectedBucket {
    /// Which, from 0.
    pub number: usize,
    /// Subjects, those included that have expired since the last sweep.
    pub subjects: u64,
    /// Entries of its stream.
    pub entries: u64,
    /// How long ago a node has sent a heartbeat; nothing if none ever did.
    pub silent: Option<Duration>,
    /// Nodes that were heard of within the last ten seconds.
    pub nodes: usize,
    /// Those of them that have yet to settle after a failover.
    pub unsettled: usize,
    /// Whether it has older data than nodes have seen, so that it is closed until the right data is
    /// back or an operator has accepted that.
    pub is_rolled_back: bool,
}

/// For how long a node that is not heard of may still be there.
const THERE: u64 = 10_000;

impl Inspection {
    /// Looks at everything.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`] if Redis cannot be reached. What is wrong with it otherwise is in the answer.
    pub async fn of(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        let link = Link::open(settings).await?;
        let mut found = Self { servers: servers(&link).await?, ..Self::default() };
        match check::check(&link, settings).await {
            Ok(warnings) => found.warnings = warnings,
            Err(OpenRedisError::Unsuitable(refusals)) => found.refusals = refusals,
            Err(error @ OpenRedisError::NoReplica(_)) => found.refusals.push(error.to_string()),
            Err(error) => return Err(error),
        }
        found.warnings.extend(found.servers.iter().filter_map(InspectedServer::is_nearly_full));
        found.agreed = agreed(&link, settings).await?;
        match &found.agreed {
            Some(agreed) if agreed.retention < settings.retention => {
                let stored = agreed.retention.as_secs();
                let needed = settings.retention.as_secs();
                found.refusals.push(OpenRedisError::Retention { stored, needed }.to_string());
            }
            _ => {}
        }
        let retention = found.agreed.as_ref().map_or(settings.retention, |agreed| agreed.retention);
        found.buckets = buckets(&link, settings, retention).await?;
        let closed = found.buckets.iter().filter(|bucket| bucket.is_rolled_back).count();
        if closed > 0 {
            found.refusals.push(format!(
                "{closed} of the {} buckets have older data than the nodes have seen, and are closed; \
                 restore the right data, or run `jeton store accept`",
                found.buckets.len()
            ));
        }
        Ok(found)
    }
}

async fn servers(link: &Link) -> Result<Vec<InspectedServer>, OpenRedisError> {
    let server = |(address, info): (Address, String)| {
        let value = |name: &str| {
            let found = info.lines().find_map(|text| text.strip_prefix(name)?.strip_prefix(':'));
            found.unwrap_or_default().trim().to_owned()
        };
        let is_replica = |line: &&str| {
            line.strip_prefix("slave")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_numeric()))
        };
        let valkey = value("valkey_version");
        InspectedServer {
            server: address.to_string(),
            version: if valkey.is_empty() {
                format!("Redis {}", value("redis_version"))
            } else {
                format!("Valkey {valkey}")
            },
            policy: value("maxmemory_policy"),
            has_log: value("aof_enabled") == "1",
            memory: value("used_memory").parse().unwrap_or_default(),
            maxmemory: value("maxmemory").parse().unwrap_or_default(),
            replicas: info.lines().filter(is_replica).map(str::to_owned).collect(),
        }
    };
    Ok(link.infos().await.map_err(OpenRedisError::from)?.into_iter().map(server).collect())
}

async fn agreed(link: &Link, settings: &RedisSettings) -> Result<Option<Agreed>, OpenRedisError> {
    let key = format!("{}:cfg", settings.prefix);
    let command = cmd("HMGET").arg(&key).arg("format").arg("retention").arg("feed").take();
    let answer = link.ask_key(key.as_bytes(), &command).await?;
    let (format, retention, feed): (Option<String>, Option<u64>, Option<String>) = read(answer)?;
    Ok(format.zip(retention).zip(feed).map(|((format, retention), feed)| Agreed {
        format,
        retention: Duration::from_millis(retention),
        feed,
    }))
}

async fn buckets(
    link: &Link,
    settings: &RedisSettings,
    retention: Duration,
) -> Result<Vec<InspectedBucket>, StoreError> {
    let (keys, now) = (Keys::new(&settings.prefix), now(link).await?);
    let mut found = Vec::new();
    for bucket in Bucket::all() {
        let mut one = inspect(link, &keys, bucket, now).await?;
        one.is_rolled_back = is_rolled_back(link, &keys, bucket, memory(retention)).await?;
        found.push(one);
    }
    Ok(found)
}

/// Whether nodes have found it so far back that they keep it closed.
async fn is_rolled_back(
    link: &Link,
    keys: &Keys,
    bucket: Bucket,
    memory: u64,
) -> Result<bool, StoreError> {
    let clocks = cmd("HMGET").arg(keys.bucket(bucket)).arg(&["known", "found", "accepted"]).take();
    let clocks: [Option<u64>; 3] = ask(link, bucket, &clocks).await?;
    let [known, found, accepted] = clocks.map(Option::unwrap_or_default);
    Ok(lineage::is_rolled_back(known, found, accepted, memory))
}

async fn inspect(
    link: &Link,
    keys: &Keys,
    bucket: Bucket,
    now: u64,
) -> Result<InspectedBucket, StoreError> {
    let subjects = ask(link, bucket, cmd("ZCARD").arg(keys.index(bucket))).await?;
    let entries = ask(link, bucket, cmd("XLEN").arg(keys.stream(bucket))).await?;
    let nodes: Vec<(String, String)> =
        ask(link, bucket, cmd("HGETALL").arg(keys.nodes(bucket))).await?;
    // "<whether it has settled> <clock> <when> <lineage>", as the heartbeat writes it.
    let told = nodes.iter().filter_map(|(_, told)| {
        let mut words = told.split(' ');
        let is_settled = words.next()? == "1";
        let at: u64 = words.nth(1)?.parse().ok()?;
        Some((now.saturating_sub(at), is_settled))
    });
    let told: Vec<(u64, bool)> = told.collect();
    let there = || told.iter().filter(|(ago, _)| *ago < THERE);
    Ok(InspectedBucket {
        number: bucket.index(),
        subjects,
        entries,
        silent: told.iter().map(|(ago, _)| Duration::from_millis(*ago)).min(),
        nodes: there().count(),
        unsettled: there().filter(|(_, is_settled)| !is_settled).count(),
        is_rolled_back: false,
    })
}

/// The time as Redis has it, in milliseconds.
async fn now(link: &Link) -> Result<u64, StoreError> {
    let Some(first) = Bucket::all().next() else { return Ok(0) };
    let (seconds, micros): (u64, u64) = ask(link, first, &cmd("TIME")).await?;
    Ok(seconds.saturating_mul(1_000).saturating_add(micros / 1_000))
}

async fn ask<T: FromRedisValue>(
    link: &Link,
    bucket: Bucket,
    command: &Cmd,
) -> Result<T, StoreError> {
    read(link.ask(bucket, command).await?)
}

fn read<T: FromRedisValue>(answer: redis::Value) -> Result<T, StoreError> {
    redis::from_redis_value(answer).map_err(|_| StoreError::new("Redis has something else there"))
}
