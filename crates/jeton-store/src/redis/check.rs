//! Whether Redis is set up so that it keeps what it acknowledges.
//!
//! Everything is read from `INFO`, which needs no more permission than the service has anyway, and
//! judged by a pure function. What would lose sessions or revocations is a reason not to start; the
//! rest is a warning. Each is one sentence that says what to do.

mod facts;
mod versions;

use crate::redis::check::facts::Facts;
use crate::redis::check::versions::Version;
use crate::redis::link::{Address, Link};
use crate::redis::open::OpenRedisError;
use crate::redis::settings::{Acknowledge, Deployment, RedisSettings};

/// What was found: reasons not to start, and reasons to worry.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    refusals: Vec<String>,
    warnings: Vec<String>,
}

/// Asks every primary, and answers with the warnings.
///
/// # Errors
///
/// [`OpenRedisError::Unsuitable`] with everything that is wrong at once. What may pass by itself has
/// others: [`OpenRedisError::Starting`] and [`OpenRedisError::NoReplica`].
pub(super) async fn check(
    link: &Link,
    settings: &RedisSettings,
) -> Result<Vec<String>, OpenRedisError> {
    let infos = link.infos().await?;
    let read = |(server, info): &(Address, String)| Facts::read(server.to_string(), info);
    judge_all(&infos.iter().map(read).collect::<Vec<_>>(), settings)
}

/// What all primaries' settings are worth together.
fn judge_all(all: &[Facts], settings: &RedisSettings) -> Result<Vec<String>, OpenRedisError> {
    // While it reads its log, it says that it has none: nothing can be judged yet.
    if let Some(facts) = all.iter().find(|facts| facts.is_loading) {
        let (server, cause) = (facts.server.clone(), "it reads its data".to_owned());
        return Err(OpenRedisError::Starting { server, cause });
    }
    let mut verdict = Verdict::default();
    for facts in all {
        judge(facts, settings, &mut verdict);
    }
    let Verdict { refusals, warnings } = verdict;
    if !refusals.is_empty() {
        return Err(OpenRedisError::Unsuitable(refusals));
    }
    let lonely = |facts: &&Facts| facts.replicas == 0;
    match all.iter().find(lonely) {
        Some(facts) if settings.acknowledge == Acknowledge::Replica => {
            Err(OpenRedisError::NoReplica(facts.server.clone()))
        }
        _ => Ok(warnings),
    }
}

/// What one primary's settings are worth.
fn judge(facts: &Facts, settings: &RedisSettings, verdict: &mut Verdict) {
    let server = &facts.server;
    judge_version(facts, verdict);
    if !facts.is_primary {
        verdict.refuse(format!("{server} is a replica; name its primary"));
    }
    match (facts.is_cluster, matches!(settings.deployment, Deployment::Cluster { .. })) {
        (true, false) => verdict.refuse(format!(
            "{server} is a node of a Cluster; name it as one, or set `cluster-enabled no`"
        )),
        (false, true) => verdict.refuse(format!(
            "{server} is no node of a Cluster; name it as a single server instead"
        )),
        _ => {}
    }
    match facts.policy.as_deref() {
        Some("noeviction") => {}
        Some(policy) => verdict.refuse(format!(
            "{server} throws sessions away when its memory is full (`{policy}`); set \
             `maxmemory-policy noeviction`"
        )),
        None => verdict.warn(format!(
            "{server} does not say what it does when its memory is full; make sure that it has \
             `maxmemory-policy noeviction`"
        )),
    }
    judge_durability(facts, settings, verdict);
}

/// What is lost when a process or a machine ends.
fn judge_durability(facts: &Facts, settings: &RedisSettings, verdict: &mut Verdict) {
    let server = &facts.server;
    let mut may_lose = |sentence: String| {
        if settings.accept_loss {
            verdict.warn(sentence);
        } else {
            verdict.refuse(sentence);
        }
    };
    if !facts.has_log {
        may_lose(format!("{server} forgets all sessions when it restarts; set `appendonly yes`"));
    }
    if facts.replicas > 0 && !facts.waits_for_replicas {
        may_lose(format!(
            "{server} goes on alone when it is cut off from its replicas, and what it acknowledges \
             then is lost; set `min-replicas-to-write 1`"
        ));
    }
}

fn judge_version(facts: &Facts, verdict: &mut Verdict) {
    let server = &facts.server;
    let Some(version) = facts.version else {
        verdict.refuse(format!("{server} does not say its version; use Redis 6.2 or later"));
        return;
    };
    if version.is_too_old() {
        verdict.refuse(format!("{server} is {version}; use 6.2 or later"));
        return;
    }
    if let Some(repaired) = version.repaired_in() {
        verdict.warn(format!(
            "{server} is {version}, in which scripts and streams have known security holes \
             (CVE-2025-49844 among them); update to {repaired} or later, unless your distribution \
             has repaired it under the old number"
        ));
    }
    if version < Version::redis(7, 0, 0) && facts.replicas > 0 && facts.waits_for_replicas {
        verdict.warn(format!(
            "{server} is {version}, where `min-replicas-to-write` does not hold up scripts, so a \
             primary that is cut off acknowledges what is lost; update to 7.2 or later"
        ));
    }
}

impl Verdict {
    fn refuse(&mut self, sentence: String) {
        self.refusals.push(sentence);
    }

    fn warn(&mut self, sentence: String) {
        self.warnings.push(sentence);
    }
}

#[cfg(test)]
mod tests;
