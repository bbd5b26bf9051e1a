//! redis-benchmark with the script of every update, on records of the size that an update writes.

use std::process::Command;

use anyhow::{Context as _, ensure};

use super::CALLERS;
use super::servers::Redis;

const UPDATE: &str = include_str!("../../../crates/jeton-store/src/redis/scripts/update.lua");

/// Requests of a round, and the records among which they choose.
const REQUESTS: u64 = 150_000;
const RECORDS: u64 = 10_000;

/// What every record begins with, so that none has been changed since it was read.
const TAG: &str = "tagged..";

/// Keys of one bucket; redis-benchmark puts twelve digits for `__rand_int__`.
const KEYS: [&str; 4] =
    ["script:{x}:__rand_int__0123456789", "script:{x}:r", "script:{x}:i", "script:{x}:b"];

pub struct Script<'r> {
    redis: &'r Redis,
    sha: String,
    lineage: String,
    record: String,
    /// Bytes of a record.
    pub size: usize,
}

impl<'r> Script<'r> {
    /// Puts the records there.
    pub fn prepare(redis: &'r Redis) -> anyhow::Result<Self> {
        let sha = redis.ask(&["script", "load", UPDATE])?;
        let lineage = redis.info("replication", "master_replid")?;
        redis.ask(&["hset", KEYS[3], "lineage", &lineage])?;
        let size = super::direct::record_size()?;
        let record = format!("{TAG}{}", "x".repeat(size - TAG.len()));
        let fill = "for i = 0, ARGV[1] - 1 do local n = string.format('%012d', i) \
                    redis.call('SET', 'script:{x}:' .. n .. '0123456789', ARGV[2]) end";
        redis.ask(&["eval", fill, "0", &RECORDS.to_string(), &record])?;
        Ok(Self { redis, sha, lineage, record, size })
    }

    /// Updates a second.
    pub fn run(&self) -> anyhow::Result<f64> {
        let before = self.written()?;
        let number = |number: u64| number.to_string();
        let mut command = Command::new("redis-benchmark");
        command.args(["-p", &self.redis.port.to_string(), "-c", &CALLERS.to_string(), "--csv"]);
        command.args(["-n", &number(REQUESTS), "-r", &number(RECORDS), "evalsha", &self.sha, "4"]);
        command.args(KEYS).args([&self.lineage, TAG, "set", &self.record, "9000000000000"]);
        command.args(["__rand_int__key.", "690000", ""]);
        let output = command.output().context("redis-benchmark")?;
        let text = String::from_utf8(output.stdout)?;
        ensure!(self.written()? >= before + REQUESTS, "not every record was written");
        let line = text.lines().last().context("no figure")?;
        let rate = line.rsplit(',').nth(6).context("no rate")?;
        Ok(rate.trim_matches('"').parse()?)
    }

    /// How many records have been written since it was started.
    fn written(&self) -> anyhow::Result<u64> {
        let line = self.redis.info("commandstats", "cmdstat_set")?;
        let calls = line.split(',').find_map(|part| part.strip_prefix("calls="));
        Ok(calls.context("no calls")?.parse()?)
    }
}
