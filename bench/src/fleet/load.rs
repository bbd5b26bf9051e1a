//! What clients and backends do all day: sessions are opened, refreshed at any node, and revoked.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::http::Caller;
use super::nodes::Nodes;
use crate::rounds::at;

/// Refreshes of a session before it ends.
const REFRESHES: usize = 8;

/// How long each kind of request took, in milliseconds.
#[derive(Default)]
pub struct Figures {
    kinds: BTreeMap<&'static str, Vec<f64>>,
    seconds: f64,
}

impl Figures {
    fn add(&mut self, kind: &'static str, took: Duration) {
        self.kinds.entry(kind).or_default().push(took.as_secs_f64() * 1e3);
    }

    /// Requests a second, of all kinds.
    pub fn rate(&self) -> f64 {
        self.kinds.values().map(Vec::len).sum::<usize>() as f64 / self.seconds
    }

    pub fn print(&self) {
        println!("mixed load for {:.0} s, a second and in ms:", self.seconds);
        for (kind, figures) in &self.kinds {
            let mut figures = figures.clone();
            figures.sort_by(f64::total_cmp);
            println!(
                "  {kind:<8} {:>7.0}/s  p50 {:.2}  p99 {:.2}",
                figures.len() as f64 / self.seconds,
                at(&figures, 0.5),
                at(&figures, 0.99)
            );
        }
        println!("  together {:>7.0}/s", self.rate());
    }
}

/// So many callers, each with a connection to each node, for so long.
pub async fn mixed(nodes: &Nodes, callers: usize, span: Duration) -> anyhow::Result<Figures> {
    let bearer = nodes.bearer()?;
    let mut work = JoinSet::new();
    let mut ready = Vec::new();
    for number in 0..callers {
        let mut connections = Vec::new();
        for node in 0..3 {
            connections.push(Caller::new(nodes.url(node), &bearer).await?);
        }
        ready.push((number, connections));
    }
    let start = Instant::now();
    for (number, connections) in ready {
        work.spawn(one(number, connections, start + span));
    }
    let mut all = Figures::default();
    while let Some(figures) = work.join_next().await {
        for (kind, figures) in figures??.kinds {
            all.kinds.entry(kind).or_default().extend(figures);
        }
    }
    all.seconds = start.elapsed().as_secs_f64();
    Ok(all)
}

async fn one(caller: usize, mut nodes: Vec<Caller>, end: Instant) -> anyhow::Result<Figures> {
    let mut figures = Figures::default();
    let mut turn = caller;
    while Instant::now() < end {
        let subject = format!("caller{caller}-{}", turn % 1_000);
        let path = format!("/admin/v1/subjects/{subject}/sessions");
        turn += 1;
        let (mut pair, took) = nodes[turn % 3].ask("POST", &path, "{}").await?;
        figures.add("open", took);
        for _ in 0..REFRESHES {
            let token = pair["refresh_token"].as_str().context("no refresh token")?;
            let body = format!("{{\"refresh_token\":{token:?}}}");
            turn += 1;
            let (next, took) = nodes[turn % 3].ask("POST", "/v1/refresh", &body).await?;
            figures.add("refresh", took);
            pair = next;
        }
        let session = pair["session"].as_str().context("no session")?;
        let path = format!("/admin/v1/sessions/{session}");
        let (_, took) = nodes[turn % 3].ask("DELETE", &path, "").await?;
        figures.add("revoke", took);
    }
    Ok(figures)
}
