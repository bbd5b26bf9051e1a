//! One primary: a connection for commands, and one for writes that wait for replicas.
//!
//! `WAIT` holds up its connection until replicas have all that was written on it before. So such
//! writes have a connection of their own, and one `WAIT` is for all that were answered before it
//! began: the more writers, the fewer waits for each.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use redis::{Cmd, Script, Value};
use tokio::time::Instant;

use crate::redis::link::address::Address;
use crate::redis::link::dial::{Dialer, Live};
use crate::redis::link::failure::{DialError, Failure};
use crate::redis::link::node::Node;
use crate::redis::link::work::Work;

/// A primary.
#[derive(Debug)]
pub(super) struct Primary {
    commands: Arc<Node>,
    writes: Arc<Node>,
}

impl Primary {
    pub(super) fn new(address: &Address, dialer: &Arc<Dialer>) -> Arc<Self> {
        let node = || Node::new(address.clone(), Arc::clone(dialer));
        Arc::new(Self { commands: node(), writes: node() })
    }

    pub(super) fn address(&self) -> &Address {
        &self.commands.address
    }

    /// Connects, if there is no connection.
    pub(super) async fn reach(&self, until: Instant) -> Result<(), DialError> {
        self.commands.live(until).await.map(drop)
    }

    /// A command and its answer.
    pub(super) async fn ask(&self, command: &Cmd, until: Instant) -> Result<Value, Failure> {
        self.commands.ask(command, until).await
    }

    /// What a caller wants done, as a guest if the keys are still on their way to this server.
    pub(super) async fn perform(
        &self,
        work: &Work<'_>,
        is_guest: bool,
        until: Instant,
    ) -> Result<Value, Failure> {
        let node = self.node_for(work);
        let live = node.live(until).await.map_err(Failure::Unconnected)?;
        let answer = if is_guest {
            node.answer(&live, live.ask_as_guest(work.command), until).await?
        } else {
            node.answer(&live, live.ask(work.command), until).await?
        };
        if work.replicas > 0 {
            self.replicate(&live, work.replicas, until).await?;
        }
        Ok(answer)
    }

    /// Makes a script known. `EVALSHA` runs no other text than its own, so once more does no harm.
    pub(super) async fn load(
        &self,
        work: &Work<'_>,
        script: &Script,
        until: Instant,
    ) -> Result<(), Failure> {
        let node = self.node_for(work);
        let live = node.live(until).await.map_err(Failure::Unconnected)?;
        node.answer(&live, live.load(script), until).await.map(drop)
    }

    /// A connection for one caller alone.
    pub(super) async fn own(&self, until: Instant) -> Result<Live, DialError> {
        self.commands.own(until).await
    }

    fn node_for(&self, work: &Work<'_>) -> &Arc<Node> {
        if work.replicas > 0 { &self.writes } else { &self.commands }
    }

    async fn replicate(&self, live: &Live, replicas: u32, until: Instant) -> Result<(), Failure> {
        let writes = live.writes();
        let mine = writes.answered.fetch_add(1, Ordering::AcqRel) + 1;
        let late = |_| Failure::Unknown("no replica had it in time".to_owned());
        let mut replicated =
            tokio::time::timeout_at(until, writes.replicated.lock()).await.map_err(late)?;
        if *replicated >= mine {
            return Ok(());
        }
        let all = writes.answered.load(Ordering::Acquire);
        let left = until.saturating_duration_since(Instant::now()).as_millis();
        // 0 would be for ever.
        let mut wait = redis::cmd("WAIT");
        wait.arg(replicas).arg(u64::try_from(left).unwrap_or(u64::MAX).max(1));
        match self.writes.answer(live, live.ask(&wait), until).await.map_err(ran)? {
            Value::Int(have) if have >= i64::from(replicas) => {
                *replicated = all.max(*replicated);
                Ok(())
            }
            _ => Err(Failure::Unknown("too few replicas have it".to_owned())),
        }
    }
}

/// The write ran, whatever became of the waiting.
fn ran(failure: Failure) -> Failure {
    match failure {
        Failure::Unknown(words) | Failure::Refused(words) => Failure::Unknown(words),
        other => Failure::Unknown(format!("cannot wait for replicas: {other:?}")),
    }
}
