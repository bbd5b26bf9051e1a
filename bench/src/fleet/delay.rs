//! From the answer to a revocation at one node to the refusal by the verifiers of the others.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use anyhow::Context as _;
use jeton::{Guard, Moment, Policy};
use jeton_feed::subscribe::Subscriber;
use tokio::sync::mpsc;

use super::http::Caller;
use super::nodes::Nodes;
use crate::rounds::at;

/// Verifiers of all nodes but the first, and what revokes at the first.
pub struct Delays {
    guards: Vec<Arc<Guard>>,
    url: String,
    bearer: String,
}

/// Milliseconds.
pub struct Measured {
    name: &'static str,
    each: Vec<f64>,
    last: Vec<f64>,
}

impl Delays {
    pub fn new(nodes: &Nodes, subscribers: &[Subscriber]) -> anyhow::Result<Self> {
        let policy = || Policy::access_token("http://localhost:8080", "api");
        let others = subscribers.iter().enumerate().filter(|(number, _)| number % 3 != 0);
        let guards = others.map(|(_, subscriber)| subscriber.guard(policy())).collect();
        Ok(Self { guards, url: nodes.url(0).to_owned(), bearer: nodes.bearer()? })
    }

    /// Ends so many sessions, one after the other.
    pub async fn measure(&self, name: &'static str, count: usize) -> anyhow::Result<Measured> {
        let mut caller = Caller::new(&self.url, &self.bearer).await?;
        let mut measured = Measured::new(name);
        for number in 0..count {
            let each = self.one(&mut caller, number).await?;
            measured.last.push(each.iter().copied().fold(0.0, f64::max));
            measured.each.extend(each);
        }
        Ok(measured)
    }

    async fn one(&self, caller: &mut Caller, number: usize) -> anyhow::Result<Vec<f64>> {
        let path = format!("/admin/v1/subjects/delay{number}/sessions");
        let (pair, _) = caller.ask("POST", &path, "{}").await?;
        let token = pair["access_token"].as_str().context("no token")?;
        let session = pair["session"].as_str().context("no session")?;
        let (refused, mut refusals) = mpsc::unbounded_channel();
        let now = Moment::new(SystemTime::now().into(), Instant::now());
        for guard in &self.guards {
            let identity = guard.check(token, now).map_err(anyhow::Error::from)?;
            let (ending, refused) = (guard.ending(&identity), refused.clone());
            tokio::spawn(async move {
                ending.await;
                let _ = refused.send(Instant::now());
            });
        }
        caller.ask("DELETE", &format!("/admin/v1/sessions/{session}"), "").await?;
        let answered = Instant::now();
        let mut delays = Vec::with_capacity(self.guards.len());
        while delays.len() < self.guards.len() {
            let at = refusals.recv().await.context("nobody refuses")?;
            delays.push(at.saturating_duration_since(answered).as_secs_f64() * 1e3);
        }
        Ok(delays)
    }
}

impl Measured {
    pub const fn new(name: &'static str) -> Self {
        Self { name, each: Vec::new(), last: Vec::new() }
    }

    pub fn add(&mut self, other: Self) {
        self.each.extend(other.each);
        self.last.extend(other.last);
    }

    pub fn print(mut self) {
        self.each.sort_by(f64::total_cmp);
        self.last.sort_by(f64::total_cmp);
        println!(
            "from the 200 at one node to the refusal at the others' verifiers, ms, {}, {} of them:",
            self.name,
            self.last.len()
        );
        let print = |who: &str, figures: &[f64]| {
            let [p50, p99, max] = [0.5, 0.99, 1.0].map(|share| at(figures, share));
            println!("  {who:<13} p50 {p50:.2}  p99 {p99:.2}  max {max:.2}");
        };
        print("each verifier", &self.each);
        print("the last one", &self.last);
    }
}
