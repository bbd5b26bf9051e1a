//! `jeton store`: what an operator asks and decides about the Redis of a fleet.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use clap::Subcommand;
use jeton_store::{
    Acknowledge, InspectedBucket, InspectedServer, Inspection, RedisSettings, RedisStore,
};
use serde_json::{Value, json};

use crate::app::redis;
use crate::cli::{Console, Failure, Place, block_on};
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Store {
    /// Say what there is and what is wrong with it. Writes nothing.
    Check {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go on with data that is older than what the nodes have seen. Ends every session.
    ///
    /// After Redis came back empty, or from an old backup, nobody knows any more who was logged out
    /// since, so the nodes answer 503 until the right data is back or this was said. Start them again
    /// afterwards.
    Accept {
        /// Keep the sessions: whoever was logged out since may be logged in again.
        #[arg(long)]
        keep_sessions: bool,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Set how long revocations are remembered, for all nodes that are started afterwards.
    ///
    /// Before the life of access tokens is made longer: set it, start every node again, and only then
    /// change the setting.
    Retention {
        /// That many seconds.
        seconds: u64,
        /// Do not ask before it is made shorter.
        #[arg(long)]
        yes: bool,
    },
}

impl Store {
    pub(super) fn run(self, place: &Place, console: &mut Console<'_>) -> Result<(), Failure> {
        let settings = place.settings()?;
        if !settings.fleet.is_on() {
            return Err(Failure::usage("fleet.redis is not set: this is no fleet"));
        }
        match self {
            Self::Check { json } => check(&settings, json, console),
            Self::Accept { keep_sessions, yes } => accept(&settings, keep_sessions, yes, console),
            Self::Retention { seconds, yes } => retention(&settings, seconds, yes, console),
        }
    }
}

fn check(settings: &Settings, json: bool, console: &mut Console<'_>) -> Result<(), Failure> {
    let found = block_on(Inspection::of(&redis(settings)?))??;
    if json {
        console.line(as_json(&found))?;
    } else {
        print(&found, console)?;
    }
    match found.refusals.len() {
        0 => Ok(()),
        1 => Err(Failure::refused("one thing is wrong")),
        more => Err(Failure::refused(format_args!("{more} things are wrong"))),
    }
}

fn accept(
    settings: &Settings,
    keep_sessions: bool,
    yes: bool,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let consequence = if keep_sessions {
        "Whoever was logged out since that data was saved may be logged in again."
    } else {
        "This ends every session of everybody."
    };
    confirm(consequence, yes, console)?;
    // It revokes nothing that would have to be brought back, and a node may have the journal open.
    let redis = RedisSettings { acknowledge: Acknowledge::Memory, ..redis(settings)? };
    let ended = block_on(async {
        let store = RedisStore::connect(redis).await?;
        let ended = store.accept(keep_sessions).await;
        store.close().await;
        ended.map_err(Failure::unavailable)
    })??;
    console.line(format_args!("accepted; {ended} sessions have ended. Start every node again."))
}

fn retention(
    settings: &Settings,
    seconds: u64,
    yes: bool,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let needed = settings.terms().retention().as_secs();
    if !(needed..=LONGEST).contains(&seconds) {
        let text =
            format!("SECONDS must be from {needed}, which these settings need, to {LONGEST}");
        return Err(Failure::usage(text));
    }
    let redis = RedisSettings { retention: Duration::from_secs(seconds), ..redis(settings)? };
    let found = block_on(Inspection::of(&redis))??;
    let before = found.agreed.map_or(0, |agreed| agreed.retention.as_secs());
    if seconds < before {
        confirm(
            "Tokens that live longer than that may be about, and outlive their revocation.",
            yes,
            console,
        )?;
    }
    block_on(RedisStore::set_retention(&redis))??;
    console.line(format_args!("{seconds} s, before {before} s. Start every node again."))
}

/// An hour of life, and a minute each of leeway and slack.
const LONGEST: u64 = 3_720;

/// Asks on a terminal; elsewhere somebody has to have said so.
fn confirm(consequence: &str, yes: bool, console: &mut Console<'_>) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format_args!("{consequence} Say --yes to go on")));
    }
    console.line(format_args!("{consequence} Type yes to go on:"))?;
    let mut line = String::new();
    console.input.read_line(&mut line)?;
    if line.trim() == "yes" { Ok(()) } else { Err(Failure::refused("nothing was done")) }
}

fn print(found: &Inspection, console: &mut Console<'_>) -> Result<(), Failure> {
    for server in &found.servers {
        let InspectedServer { server, version, policy, has_log, replicas, memory, .. } = server;
        let log = if *has_log { "with a log" } else { "without a log" };
        console.line(format_args!("{server}  {version}, {policy}, {log}, {memory} bytes"))?;
        for replica in replicas {
            console.line(format_args!("  {replica}"))?;
        }
    }
    match &found.agreed {
        Some(agreed) => console.line(format_args!(
            "format {}, revocations remembered for {} s, feed {}",
            agreed.format,
            agreed.retention.as_secs(),
            agreed.feed
        ))?,
        None => console.line("no node has written anything here yet")?,
    }
    let sum = |count: fn(&InspectedBucket) -> u64| found.buckets.iter().map(count).sum::<u64>();
    let most = |count: fn(&InspectedBucket) -> usize| found.buckets.iter().map(count).max();
    console.line(format_args!(
        "{} subjects, {} revocations in {} buckets; {} nodes, {} of them settling",
        sum(|bucket| bucket.subjects),
        sum(|bucket| bucket.entries),
        found.buckets.len(),
        most(|bucket| bucket.nodes).unwrap_or_default(),
        most(|bucket| bucket.unsettled).unwrap_or_default()
    ))?;
    for warning in &found.warnings {
        console.line(format_args!("warning: {warning}"))?;
    }
    for refusal in &found.refusals {
        console.line(format_args!("wrong: {refusal}"))?;
    }
    Ok(())
}

fn as_json(found: &Inspection) -> Value {
    let server = |server: &InspectedServer| {
        json!({
            "server": server.server,
            "version": server.version,
            "maxmemory_policy": server.policy,
            "has_log": server.has_log,
            "memory": server.memory,
            "maxmemory": server.maxmemory,
            "replicas": server.replicas,
        })
    };
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let bucket = |bucket: &InspectedBucket| {
        json!({
            "bucket": bucket.number,
            "subjects": bucket.subjects,
            "revocations": bucket.entries,
            "silent_ms": bucket.silent.map(millis),
            "nodes": bucket.nodes,
            "unsettled": bucket.unsettled,
            "rolled_back": bucket.is_rolled_back,
        })
    };
    json!({
        "wrong": found.refusals,
        "warnings": found.warnings,
        "servers": found.servers.iter().map(server).collect::<Vec<_>>(),
        "format": found.agreed.as_ref().map(|agreed| &agreed.format),
        "retention": found.agreed.as_ref().map(|agreed| agreed.retention.as_secs()),
        "feed": found.agreed.as_ref().map(|agreed| &agreed.feed),
        "buckets": found.buckets.iter().map(bucket).collect::<Vec<_>>(),
    })
}
