//! Messages between nodes and primaries: they take their time, and some get lost.

use jeton::Timestamp;
use jeton_session::{Place, Subject};

use crate::redis::lineage::Lineage;
use crate::redis::lineage::world::primary::Put;
use crate::redis::lineage::world::work::Work;
use crate::redis::lineage::world::{Answer, Ask, Event, World};

/// How long a call may take.
const DEADLINE: u64 = 400;

impl World {
    /// Sends something to the primary that a node takes for the one. It may get lost on the way.
    pub(super) fn ask(&mut self, node: usize, ask: Ask) {
        let (server, life) = (self.nodes[node].server, self.nodes[node].life);
        let delay = self.random.way();
        if self.nodes[node].is_here() {
            self.after(delay, Event::Execute { server, node, life, ask: Box::new(ask) });
        } else {
            self.fail(node, life);
        }
    }

    fn fail(&mut self, node: usize, life: u64) {
        let answer = Box::new(Answer::Failed);
        self.after(DEADLINE, Event::Answer { node, life, answer });
    }

    pub(super) fn execute(&mut self, server: usize, node: usize, life: u64, ask: Ask) {
        let is_read = matches!(ask, Ask::Read(..) | Ask::Compare(_));
        let primary = &self.servers[server];
        if !primary.lives || (!primary.takes_writes && !is_read) {
            return self.fail(node, life);
        }
        let answer = match ask {
            Ask::Beat { told, since } => {
                let (heard, last) = self.servers[server].beat(node, &told, self.now);
                Answer::Beat { told, heard, last, since }
            }
            Ask::Read(lineage, after) => match primary.range(&lineage, after) {
                Some(news) => Answer::Read(lineage, news),
                None => Answer::Refused(lineage),
            },
            Ask::Compare(lineage) => match primary.range(&lineage, Place::default()) {
                Some(stream) => Answer::Compare(lineage, stream),
                None => Answer::Refused(lineage),
            },
            Ask::Update(lineage, work, seen) => self.update(server, node, (lineage, work), seen),
        };
        // Some answers come when nobody expects them any more.
        let is_late = matches!(answer, Answer::Done { .. }) && self.random.one_in(8);
        let delay = if is_late { 1_500 + self.random.below(5_000) } else { self.random.way() };
        if self.random.one_in(100) {
            return self.fail(node, life);
        }
        self.after(delay, Event::Answer { node, life, answer: Box::new(answer) });
    }

    /// The first half reads, the second compares and swaps; between them anything may happen.
    fn update(
        &mut self,
        server: usize,
        node: usize,
        (lineage, work): (Lineage, Work),
        seen: Option<(u64, Subject)>,
    ) -> Answer {
        let subject = work.subject();
        let seen = seen.or_else(|| self.servers[server].load(&lineage, subject));
        let Some((tag, before)) = seen else { return Answer::Refused(lineage) };
        let now = self.stamp();
        let step = work.step(&before, &self.policy, now);
        let after = step.subject.filter(|after| *after != before);
        let change = (subject, after);
        let put = self.servers[server].put((&lineage, tag), change, &step.revocations, self.now);
        match put {
            Put::Lineage => Answer::Refused(lineage),
            Put::Conflict(tag, record) => {
                self.update(server, node, (lineage, work), Some((tag, record)))
            }
            Put::Done(place) => {
                let revocations = step.revocations;
                self.check_put(server, node, &work, (place, !revocations.is_empty()));
                Answer::Done { lineage, work, place, revocations, pair: step.answer }
            }
        }
    }

    fn stamp(&self) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + self.now / 1_000)
    }
}
