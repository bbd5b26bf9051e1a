//! One node of the fleet, as far as one bucket goes: the real state machine and the real comparison,
//! and around them what the store does.

use std::collections::BTreeSet;

use jeton::{Revocation, SubjectKey, Target};
use jeton_session::Place;

use crate::redis::lineage::world::{Answer, Rules};
use crate::redis::lineage::{Attempt, Heard, Known, Lineage, Order, Standing, Told};
use crate::redis::lost::{Covered, Lost, lost};

/// More than R is not remembered; nothing is that old here.
pub(super) const MEMORY: u64 = 630_000;

pub(super) struct Node {
    pub(super) standing: Standing,
    pub(super) log: Vec<(Place, Revocation)>,
    entered: BTreeSet<(Place, Target)>,
    /// What survives a crash, or should.
    pub(super) journal: Vec<(Place, Revocation)>,
    kept: Option<Known>,
    pub(super) settling: Option<Settling>,
    /// Up to where the stream of this lineage was read.
    pub(super) read: Place,
    /// W: up to here everything was read.
    pub(super) complete: Place,
    pub(super) server: usize,
    pub(super) is_up: bool,
    pub(super) is_reachable: bool,
    /// Not here for as long as the others need not wait for.
    pub(super) is_absent: bool,
    /// Answers to an earlier life are nobody's.
    pub(super) life: u64,
}

pub(super) struct Settling {
    pub(super) attempt: Attempt,
    /// What the stream says, once it was read.
    pub(super) covered: Option<Covered>,
    pub(super) is_busy: bool,
}

/// What a settling node does next.
pub(super) enum Next {
    Read(Lineage),
    Restore(Attempt, Lost),
    Tell,
    Wait,
}

impl Node {
    /// That takes this server for the primary.
    pub(super) fn at(server: usize) -> Self {
        Self {
            standing: Standing::new(None),
            log: Vec::new(),
            entered: BTreeSet::new(),
            journal: Vec::new(),
            kept: None,
            settling: None,
            read: Place::default(),
            complete: Place::default(),
            server,
            is_up: true,
            is_reachable: true,
            is_absent: true,
            life: 0,
        }
    }

    /// Loses everything but what is on its disk.
    pub(super) fn crash(&mut self, rules: Rules) {
        let journal =
            if rules == Rules::KeepsNoJournal { Vec::new() } else { self.journal.clone() };
        *self = Self {
            standing: Standing::new(self.kept.clone()),
            entered: journal.iter().map(|(place, r)| (*place, r.target.clone())).collect(),
            log: journal,
            journal: self.journal.clone(),
            kept: self.kept.clone(),
            is_up: false,
            life: self.life + 1,
            is_reachable: self.is_reachable,
            ..Self::at(self.server)
        };
    }

    /// Whether it has heard of this, or should have kept it.
    pub(super) fn remembers(&self, revocation: &Revocation) -> bool {
        self.log.iter().chain(&self.journal).any(|(_, known)| known == revocation)
    }

    pub(super) fn is_here(&self) -> bool {
        self.is_up && self.is_reachable
    }

    /// Whether an answer to this life of the node gets to it. That there is none, it finds out alone.
    pub(super) fn hears(&self, life: u64, answer: &Answer) -> bool {
        self.is_up && self.life == life && (self.is_reachable || matches!(answer, Answer::Failed))
    }

    pub(super) fn hear(&mut self, told: &Told, heard: &Heard) {
        if let Order::Settle(attempt) = self.standing.hear(told, heard, MEMORY) {
            self.settling = Some(Settling { attempt, covered: None, is_busy: false });
        }
    }

    /// What was read, or written by this node.
    pub(super) fn enter(&mut self, place: Place, revocations: &[Revocation]) {
        self.standing.raise(place);
        for revocation in revocations {
            if self.entered.insert((place, revocation.target.clone())) {
                self.log.push((place, revocation.clone()));
            }
            if let Some(covered) = self.settling.as_mut().and_then(|s| s.covered.as_mut()) {
                covered.add(revocation);
            }
        }
    }

    /// The whole stream has come, of this lineage.
    pub(super) fn compare(&mut self, lineage: &Lineage, stream: &[(Place, Vec<Revocation>)]) {
        if self.settling.as_ref().is_none_or(|settling| settling.attempt.lineage != *lineage) {
            return;
        }
        let mut covered = Covered::default();
        stream.iter().flat_map(|(_, all)| all).for_each(|revocation| covered.add(revocation));
        self.read = stream.last().map_or_else(Place::default, |(place, _)| *place);
        if let Some(settling) = &mut self.settling {
            settling.covered = Some(covered);
            settling.is_busy = false;
        }
        for (place, all) in stream {
            self.enter(*place, all);
        }
    }

    pub(super) fn go_on(&mut self, rules: Rules) -> Next {
        let Some(settling) = self.settling.as_mut().filter(|settling| !settling.is_busy) else {
            return Next::Wait;
        };
        let all_here = match self.standing.may_restore(&settling.attempt) {
            None => {
                self.settling = None;
                return Next::Wait;
            }
            Some(all_here) => all_here || rules == Rules::RestoresBeforeAllAreHere,
        };
        let Some(covered) = &settling.covered else {
            settling.is_busy = true;
            return Next::Read(settling.attempt.lineage.clone());
        };
        if !all_here {
            return Next::Wait;
        }
        let remembered = self.log.iter().map(|(_, revocation)| revocation);
        let lost = lost(SubjectKey::ISSUER, remembered, covered);
        match lost.into_iter().next().filter(|_| rules != Rules::RestoresNothing) {
            Some(lost) => {
                settling.is_busy = true;
                Next::Restore(settling.attempt.clone(), lost)
            }
            None if self.standing.settled(&settling.attempt) => {
                self.settling = None;
                Next::Tell
            }
            None => Next::Wait,
        }
    }

    /// Everything that a heartbeat told of was read.
    pub(super) fn prove(&mut self, told: &Told, heard: &Heard) -> bool {
        let proves = self.standing.prove(told, heard);
        if proves {
            self.kept = self.standing.known().cloned();
            self.complete = self.complete.max(heard.clock);
        }
        proves
    }
}
