//! The scripts, in Rust: what one primary does with one bucket.

use std::collections::BTreeMap;

use jeton::{Revocation, SubjectKey};
use jeton_session::{Place, Subject};

use crate::redis::lineage::world::Rules;
use crate::redis::lineage::{Heard, Lineage, Told, start_of};

pub(super) const GIVE_UP: u64 = 10_000;
pub(super) const PATIENCE: u64 = 60_000;
pub(super) const ALIVE: u64 = 3_000;
pub(super) const HOLD: u64 = 2_000;

/// What is replicated, and so what may be lost.
#[derive(Clone, Default)]
pub(super) struct Data {
    pub(super) records: BTreeMap<SubjectKey, (u64, Subject)>,
    pub(super) stream: Vec<(Place, Vec<Revocation>)>,
    history: Option<(u64, Lineage)>,
    since: u64,
    found: u64,
    clock: Place,
    last: Place,
    known: u64,
    accepted: u64,
    opened: bool,
    nodes: BTreeMap<usize, Registered>,
    tags: u64,
}

#[derive(Clone)]
struct Registered {
    lineage: Lineage,
    settled: bool,
    /// The bucket's clock, for another primary.
    clock: u64,
    /// The time, for this one.
    time: u64,
}

pub(super) struct Primary {
    pub(super) replid: u64,
    /// How far its clock is off.
    pub(super) skew: u64,
    pub(super) lives: bool,
    pub(super) takes_writes: bool,
    pub(super) data: Data,
    pub(super) rules: Rules,
}

/// What an update has come to.
pub(super) enum Put {
    Done(Place),
    Conflict(u64, Subject),
    Lineage,
}

impl Primary {
    fn time(&self, now: u64) -> u64 {
        now + self.skew
    }

    pub(super) fn lineage(&self) -> Option<&Lineage> {
        let history = self.data.history.as_ref();
        history.filter(|(replid, _)| *replid == self.replid).map(|(_, lineage)| lineage)
    }

    pub(super) fn beat(&mut self, node: usize, told: &Told, now: u64) -> (Heard, Place) {
        let now = self.time(now);
        let lineage = self.lineage().cloned().unwrap_or_else(|| self.begin(now));
        let data = &mut self.data;
        data.since = data.since.min(now);
        if let Some(known) = told.known.as_ref().filter(|known| known.lineage != lineage) {
            data.known = data.known.max(known.clock);
        }
        if self.rules != Rules::ForgetsFloors {
            data.clock = data.clock.max(told.floor);
        }
        data.clock = Place::at(data.clock.position() + 1).max(start_of(now));
        let settled = told.settled.as_ref() == Some(&lineage);
        let clock = data.clock.position() >> 22;
        let entry = Registered { lineage: lineage.clone(), settled, clock, time: now };
        data.nodes.insert(node, entry);
        let (missing, waiting) = self.count(&lineage, now);
        let data = &mut self.data;
        data.opened |= settled && waiting == 0;
        let heard = Heard {
            lineage,
            found: data.found,
            known: data.known,
            accepted: data.accepted,
            clock: data.clock,
            missing,
            waiting,
        };
        (heard, data.last)
    }

    fn begin(&mut self, now: u64) -> Lineage {
        let data = &mut self.data;
        let lineage = Lineage::new(&format!("{:x} {now}", self.replid));
        // What nobody has opened has laundered nothing.
        if data.opened || self.rules == Rules::Launders {
            data.found = data.clock.position() >> 22;
            data.known = 0;
        }
        let is_new = data.history.is_none();
        data.since = if is_new { now - HOLD } else { now };
        data.opened = false;
        data.last = Place::default();
        data.history = Some((self.replid, lineage.clone()));
        lineage
    }

    fn count(&self, lineage: &Lineage, now: u64) -> (u64, u64) {
        let (data, age) = (&self.data, now - self.data.since);
        let holds = age < HOLD && self.rules != Rules::DoesNotHold;
        let missing = data.nodes.values().filter(|node| {
            node.lineage != *lineage && node.clock + ALIVE >= data.found && age <= GIVE_UP
        });
        let missing = missing.count() as u64 + u64::from(holds);
        let unsettled = data.nodes.values().filter(|node| {
            node.lineage == *lineage && !node.settled && node.time + ALIVE >= now && age <= PATIENCE
        });
        let waiting = missing + unsettled.count() as u64;
        if self.rules == Rules::WaitsForNobody { (0, 0) } else { (missing, waiting) }
    }

    pub(super) fn load(&self, lineage: &Lineage, subject: SubjectKey) -> Option<(u64, Subject)> {
        (self.lineage() == Some(lineage)).then(|| self.record(subject))
    }

    fn record(&self, subject: SubjectKey) -> (u64, Subject) {
        let record = self.data.records.get(&subject).cloned();
        record.unwrap_or_else(|| (0, Subject::new(subject)))
    }

    pub(super) fn put(
        &mut self,
        (lineage, tag): (&Lineage, u64),
        (subject, after): (SubjectKey, Option<Subject>),
        revocations: &[Revocation],
        now: u64,
    ) -> Put {
        if self.lineage() != Some(lineage) {
            return Put::Lineage;
        }
        let (found, record) = self.record(subject);
        if found != tag {
            return Put::Conflict(found, record);
        }
        let now = self.time(now);
        let data = &mut self.data;
        if let Some(after) = after {
            data.tags += 1;
            // Tags are random in the real thing, so that another history never has the same.
            data.records.insert(subject, (data.tags << 16 | (self.replid & 0xffff), after));
        }
        if !revocations.is_empty() {
            data.clock = Place::at(data.clock.position() + 1).max(start_of(now));
            data.last = data.clock;
            data.stream.push((data.clock, revocations.to_vec()));
        }
        Put::Done(data.clock)
    }

    pub(super) fn range(
        &self,
        lineage: &Lineage,
        after: Place,
    ) -> Option<Vec<(Place, Vec<Revocation>)>> {
        let read = self.data.stream.partition_point(|(place, _)| *place <= after);
        let news = self.data.stream.get(read..).unwrap_or_default();
        (self.lineage() == Some(lineage)).then(|| news.to_vec())
    }
}
