//! A fleet: Redis, PostgreSQL, three nodes of the real binary, and verifiers that follow all of them.
//!
//! Everything shares this machine, the load and the verifiers included. What it can be compared with
//! is the update script alone, run by redis-benchmark in the same minutes.

mod delay;
mod direct;
mod http;
mod load;
mod memory;
mod nodes;
mod script;
mod servers;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use jeton_feed::subscribe::Subscriber;

pub use self::memory::run as memory;
use self::nodes::Nodes;
use self::servers::{Postgres, Redis};
use crate::rounds::{ROUNDS, median, ratio, spread};
use crate::service::{build, memory_of};

/// Connections of the load, of redis-benchmark, and callers of the store in this process.
const CALLERS: usize = 64;

/// How much of everything.
pub struct Load {
    pub verifiers: usize,
    pub revocations: usize,
    pub seconds: u64,
}

pub fn run(jeton: Option<PathBuf>, load: &Load) -> anyhow::Result<()> {
    let redis = Redis::start()?;
    println!("Redis with an append-only file synced each second");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let http = match load.seconds {
        0 => None,
        _ => {
            let postgres = Postgres::start()?;
            let nodes = Nodes::start(&jeton.map_or_else(build, Ok)?, &redis, &postgres)?;
            let rate = runtime.block_on(over_http(&nodes, load))?;
            for bytes in nodes.memory()? {
                println!("a node: {:.0} MiB resident", bytes / 1_048_576.0);
            }
            Some(rate)
        }
    };

    let script = script::Script::prepare(&redis)?;
    let direct = runtime.block_on(direct::Direct::prepare(&redis))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(runtime.block_on(direct.run())?);
        theirs.push(script.run()?);
    }
    runtime.block_on(direct.close());
    println!("records of {} bytes, {CALLERS} at a time, {ROUNDS} rounds, per second:", script.size);
    println!("  RedisStore::update, in this process    {}", spread(&ours));
    println!("  redis-benchmark, the script alone      {}", spread(&theirs));
    println!("  ratio {:.2}", ratio(&ours, &theirs));
    if let Some(http) = http {
        println!("  ratio of the requests over HTTP {:.2}", http / median(theirs));
    }
    Ok(())
}

/// Answers how many requests a second the nodes have answered.
async fn over_http(nodes: &Nodes, load: &Load) -> anyhow::Result<f64> {
    let own = std::process::id();
    let before = memory_of(own)?;
    let subscribers = (0..load.verifiers)
        .map(|number| nodes.subscribe(number))
        .collect::<anyhow::Result<Vec<Subscriber>>>()?;
    for subscriber in &subscribers {
        subscriber.wait_ready(Duration::from_secs(60)).await.context("a verifier is not fresh")?;
    }
    println!("{} verifiers; {:.1} KiB each", load.verifiers, {
        (memory_of(own)? - before) / 1024.0 / load.verifiers as f64
    });
    let delays = delay::Delays::new(nodes, &subscribers)?;
    delays.measure("idle", load.revocations).await?.print();

    let seconds = Duration::from_secs(load.seconds);
    let during = async {
        let mut all = delay::Measured::new("under load");
        let end = tokio::time::Instant::now() + seconds;
        while tokio::time::Instant::now() < end {
            all.add(delays.measure("", 1).await?);
        }
        Ok::<_, anyhow::Error>(all)
    };
    let (figures, during) = tokio::join!(load::mixed(nodes, CALLERS, seconds), during);
    let figures = figures?;
    figures.print();
    during?.print();
    Ok(figures.rate())
}
