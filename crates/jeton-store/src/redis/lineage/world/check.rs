//! What must always hold.

use jeton::{Revocation, Target};
use jeton_session::Place;
use jeton_session::rules::Presented;

use crate::redis::lineage::world::{Work, World};
use crate::redis::lost::Covered;

/// Everything that was acknowledged.
#[derive(Default)]
pub(super) struct Truth {
    acknowledged: Vec<Acknowledged>,
    pub(super) verifiers: [Verifier; 3],
    violations: Vec<String>,
}

struct Acknowledged {
    revocation: Revocation,
    /// Since when it must hold everywhere: since it was told, or since somebody who remembers it is
    /// back. Not while all who remember it are dead or cut off.
    holds_since: Option<u64>,
}

/// Who reads the feed at one node or another.
#[derive(Default)]
pub(super) struct Verifier {
    node: Option<(usize, u64)>,
    read: usize,
    known: Covered,
    pub(super) cursor: Place,
}

impl Verifier {
    /// Connects: what lies behind the cursor comes at once.
    pub(super) fn come(
        &mut self,
        node: (usize, u64),
        log: &[(Place, Revocation)],
        after: Place,
        cursor: Place,
    ) {
        let missed = log.iter().filter(|(place, _)| *place > after);
        missed.for_each(|(_, revocation)| self.known.add(revocation));
        (self.node, self.read, self.cursor) = (Some(node), log.len(), cursor);
    }

    fn follow(&mut self, log: &[(Place, Revocation)], cursor: Place) {
        log.iter().skip(self.read).for_each(|(_, revocation)| self.known.add(revocation));
        (self.read, self.cursor) = (log.len(), cursor);
    }
}

impl Truth {
    pub(super) fn violations(&self) -> &[String] {
        &self.violations
    }

    pub(super) fn acknowledge(&mut self, revocation: Revocation, now: u64) {
        self.acknowledged.push(Acknowledged { revocation, holds_since: Some(now) });
    }

    fn must_hold_before(&self, time: u64) -> impl Iterator<Item = &Revocation> {
        let holds = move |one: &&Acknowledged| one.holds_since.is_some_and(|since| since < time);
        self.acknowledged.iter().filter(holds).map(|one| &one.revocation)
    }
}

impl World {
    fn violation(&mut self, what: &str) {
        self.truth.violations.push(format!("at {}: {what}", self.now));
    }

    /// Nobody writes to a lineage in which somebody present has not settled, and no place is at or
    /// below one that somebody present has told.
    pub(super) fn check_put(
        &mut self,
        server: usize,
        by: usize,
        work: &Work,
        (place, is_new): (Place, bool),
    ) {
        if server != self.current {
            return;
        }
        let lineage = self.servers[server].lineage().cloned();
        let present = || self.nodes.iter().enumerate().filter(|(_, node)| !node.is_absent);
        let unsettled = present().find(|(_, node)| node.standing.tell().settled != lineage);
        let below = present().find(|(_, node)| is_new && node.complete >= place);
        let unsettled = unsettled.filter(|_| matches!(work, Work::Client { .. }));
        let (unsettled, below) = (unsettled.map(|found| found.0), below.map(|found| found.0));
        if let Some(node) = unsettled {
            self.violation(&format!("{by} has written while {node} had not settled"));
        }
        if let Some(node) = below {
            self.violation(&format!("{by} has written below what {node} has told"));
        }
    }

    /// No pair for a session that has ended, and no version that was recalled.
    pub(super) fn check_pair(&mut self, held: Presented, version: u64, asked: u64) {
        let broken =
            self.truth.must_hold_before(asked).find(|revocation| match revocation.target {
                Target::Session(id, _) => id == held.session,
                Target::Subject(key, least) => key == held.session.subject() && version < least,
                _ => false,
            });
        if let Some(broken) = broken.cloned() {
            self.violation(&format!("a pair in spite of {broken:?}"));
        }
    }

    /// Whoever follows a node that claims to be complete as of then has everything of before.
    pub(super) fn check_claim(&mut self, at: usize, as_of: u64) {
        let node = &self.nodes[at];
        for verifier in &mut self.truth.verifiers {
            if verifier.node == Some((at, node.life)) {
                verifier.follow(&node.log, node.complete);
            }
        }
        let here = |verifier: &&Verifier| verifier.node == Some((at, node.life));
        let mut here = self.truth.verifiers.iter().filter(here);
        let missing = here.find_map(|verifier| {
            let mut due = self.truth.must_hold_before(as_of);
            due.find(|revocation| !verifier.known.covers(revocation)).cloned()
        });
        if let Some(missing) = missing {
            self.violation(&format!("{at} claims to be complete without {missing:?}"));
        }
    }

    pub(super) fn becomes_absent(&mut self, node: usize) {
        self.nodes[node].is_absent = true;
        self.recount();
    }

    pub(super) fn becomes_present(&mut self, node: usize) {
        if self.nodes[node].standing.tell().settled.as_ref() != self.servers[self.current].lineage()
        {
            return;
        }
        self.nodes[node].is_absent = false;
        let now = self.now;
        for one in self.truth.acknowledged.iter_mut().filter(|one| one.holds_since.is_none()) {
            let remembers = self.nodes[node].remembers(&one.revocation);
            one.holds_since = remembers.then_some(now);
        }
    }

    /// What the primary has lost holds for as long as somebody present remembers it.
    pub(super) fn recount(&mut self) {
        let mut covered = Covered::default();
        let stream = &self.servers[self.current].data.stream;
        stream.iter().flat_map(|(_, all)| all).for_each(|revocation| covered.add(revocation));
        let present = self.nodes.iter().filter(|node| !node.is_absent);
        present.flat_map(|node| &node.log).for_each(|(_, revocation)| covered.add(revocation));
        for one in &mut self.truth.acknowledged {
            one.holds_since = one.holds_since.filter(|_| covered.covers(&one.revocation));
        }
    }

    /// After the quiet at the end: all is open, and nothing was forgotten by anybody who lives.
    pub(in crate::redis::lineage) fn check_end(&mut self) {
        let lineage = self.servers[self.current].lineage().cloned();
        let mut covered = Covered::default();
        let stream = &self.servers[self.current].data.stream;
        stream.iter().flat_map(|(_, all)| all).for_each(|revocation| covered.add(revocation));
        let open = |node: &super::Node| node.standing.open() == lineage.as_ref();
        if let Some(node) = self.nodes.iter().position(|node| node.is_here() && !open(node)) {
            let standing = format!("{:?}", self.nodes[node].standing);
            self.violation(&format!("{node} has not opened: {standing}"));
        }
        let lost = self.truth.acknowledged.iter().find(|one| {
            let remembers = |node: &&super::Node| node.is_here() && node.remembers(&one.revocation);
            !covered.covers(&one.revocation)
                && (one.holds_since.is_some() || self.nodes.iter().any(|n| remembers(&n)))
        });
        if let Some(revocation) = lost.map(|one| one.revocation.clone()) {
            self.violation(&format!("the stream has lost {revocation:?}"));
        }
        for revocation in self.truth.must_hold_before(self.now).cloned().collect::<Vec<_>>() {
            let (key, id, least) = match revocation.target {
                Target::Session(id, _) => (id.subject(), Some(id), 0),
                Target::Subject(key, version) => (key, None, version),
                _ => continue,
            };
            let record = self.servers[self.current].data.records.get(&key).cloned();
            let wrong = record.is_some_and(|(_, subject)| {
                subject.version < least || subject.sessions.iter().any(|s| Some(s.id) == id)
            });
            if wrong {
                self.violation(&format!("a record in spite of {revocation:?}"));
            }
        }
    }
}
