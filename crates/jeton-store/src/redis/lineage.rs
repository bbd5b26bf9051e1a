//! When a bucket may be used: what a node does after Redis has failed.
//!
//! Redis acknowledges before its replicas have what it acknowledges, so whoever takes over may have
//! lost some of it. Each such change shows: a primary has a *lineage*, which is another after every
//! restart, promotion or emptying. Nobody writes to a lineage before all living nodes have *settled*
//! in it, that is, have compared it with what they remember and brought back what was lost.
//!
//! ```text
//! Unknown ─▶ Settling ─▶ Settled ─▶ Open      each new lineage: Settling again
//!               └─▶ RolledBack                more is lost than anybody remembers: an operator decides
//! ```
//!
//! 1. Every node tells its *floor*, the highest place it knows of, before anybody brings anything
//!    back: so no place is ever used twice, nor one below a place that was told.
//! 2. An update belongs to the lineage it was made in. If that has passed when its answer comes,
//!    the update is unknown, and not acknowledged: the comparison may have been made without it.
//! 3. A heartbeat proves something only if the bucket was open as it was sent, or if it opened it: one
//!    of before does not tell of what was brought back after it.
//! 4. Nothing here has a clock. Redis counts who is alive, and all nodes hear the same of it.

use std::fmt;
use std::sync::Arc;

use jeton_session::Place;

/// One history of a bucket: the primary's replication id, and when a node first came to the bucket
/// in it. A script compares it, so that nothing is done in another.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Lineage(Arc<str>);

impl Lineage {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The replication id of its primary.
    pub(super) fn primary(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

impl fmt::Debug for Lineage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Up to where this node knew a bucket, and in which lineage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) lineage: Lineage,
    /// The bucket's clock, in milliseconds.
    pub(super) clock: u64,
}

/// What a heartbeat tells of the node that sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The lineage that it has settled in.
    pub(super) settled: Option<Lineage>,
    /// The highest place it knows of.
    pub(super) floor: Place,
    /// What it knew last for sure.
    pub(super) known: Option<Known>,
    /// Whether the bucket was open in that lineage as it was sent.
    pub(super) is_open: bool,
    /// How many lineages this node had come to by then.
    pub(super) turn: u64,
}

/// What a heartbeat answers of a bucket. Times are the bucket's clock, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) lineage: Lineage,
    /// The clock as this lineage began.
    pub(super) found: u64,
    /// The clock that some node knew of another lineage, the highest.
    pub(super) known: u64,
    /// Up to where the operator has accepted what is lost.
    pub(super) accepted: u64,
    /// The clock now.
    pub(super) clock: Place,
    /// How many living nodes have not come to this lineage yet.
    pub(super) missing: u64,
    /// How many of them have not settled in it, the missing included.
    pub(super) waiting: u64,
}

impl Heard {
    /// Whether revocations may be lost that nobody remembers, for they were made longer than
    /// `memory` milliseconds before the last that was known.
    pub(super) fn is_rolled_back(&self, memory: u64) -> bool {
        is_rolled_back(self.known, self.found, self.accepted, memory)
    }
}

/// The same of the numbers alone.
pub(super) const fn is_rolled_back(known: u64, found: u64, accepted: u64, memory: u64) -> bool {
    known.saturating_sub(found) > memory && accepted < known
}

/// What to do after a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Nothing more.
    Rest,
    /// Settle: read the stream, compare, bring back once [`Standing::may_restore`], then say so.
    Settle(Attempt),
}

/// One settling in one lineage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) lineage: Lineage,
    number: u64,
}

/// How a node stands with one bucket.
#[derive(Debug)]
pub(super) struct Standing {
    phase: Phase,
    attempts: u64,
    floor: Place,
    known: Option<Known>,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing was heard since the start, or since a script was refused.
    Unknown,
    /// Comparing; and once all living nodes are here, bringing back.
    Settling { attempt: Attempt, all_here: bool },
    /// Done, and waiting for the others.
    Settled(Lineage),
    /// Everybody is done.
    Open(Lineage),
    /// Nobody remembers what is lost here.
    RolledBack(Lineage),
}

impl Standing {
    /// At the start, with what was known when this node ran last.
    pub(super) fn new(known: Option<Known>) -> Self {
        let floor = known.as_ref().map_or(Place::default(), |known| start_of(known.clock));
        Self { phase: Phase::Unknown, attempts: 0, floor, known }
    }

    /// What the next heartbeat shall tell.
    pub(super) fn tell(&self) -> Told {
        let settled = match &self.phase {
            Phase::Settled(lineage) | Phase::Open(lineage) => Some(lineage.clone()),
            _ => None,
        };
        Told {
            settled,
            floor: self.floor,
            known: self.known.clone(),
            is_open: self.open().is_some(),
            turn: self.attempts,
        }
    }

    /// Takes in what a heartbeat has answered that told this.
    pub(super) fn hear(&mut self, told: &Told, heard: &Heard, memory: u64) -> Order {
        self.raise(heard.clock);
        if told.turn < self.attempts
            && self.lineage().is_some_and(|lineage| *lineage != heard.lineage)
        {
            // Sent before this node came to where it is, and answered by who was primary then.
            return Order::Rest;
        }
        if heard.is_rolled_back(memory) {
            self.phase = Phase::RolledBack(heard.lineage.clone());
            return Order::Rest;
        }
        match &mut self.phase {
            Phase::Settling { attempt, all_here } if attempt.lineage == heard.lineage => {
                *all_here |= heard.missing == 0;
                Order::Rest
            }
            Phase::Settled(lineage) if *lineage == heard.lineage => {
                if heard.waiting == 0 {
                    self.phase = Phase::Open(heard.lineage.clone());
                }
                Order::Rest
            }
            // Who comes later settles while the others go on.
            Phase::Open(lineage) if *lineage == heard.lineage => Order::Rest,
            _ => self.begin(heard),
        }
    }

    fn begin(&mut self, heard: &Heard) -> Order {
        self.attempts += 1;
        let attempt = Attempt { lineage: heard.lineage.clone(), number: self.attempts };
        self.phase = Phase::Settling { attempt: attempt.clone(), all_here: heard.missing == 0 };
        Order::Settle(attempt)
    }

    /// A place was read or written: nothing new may ever come at or below it.
    pub(super) fn raise(&mut self, place: Place) {
        self.floor = self.floor.max(place);
    }

    /// A script was refused because its lineage has passed, or an attempt to settle has failed: the
    /// next heartbeat begins anew.
    pub(super) fn leave(&mut self, lineage: &Lineage) {
        if self.lineage() == Some(lineage) {
            self.phase = Phase::Unknown;
        }
    }

    /// Whether an attempt may bring back what is lost: all living nodes are here, so the clock is
    /// above every place that was told. `None` if the attempt is of no use any more.
    pub(super) fn may_restore(&self, attempt: &Attempt) -> Option<bool> {
        match &self.phase {
            Phase::Settling { attempt: current, all_here } if current == attempt => Some(*all_here),
            _ => None,
        }
    }

    /// An attempt is done: everything that this node remembers is in the stream. Answers whether
    /// that still matters; if so, a heartbeat should tell it.
    pub(super) fn settled(&mut self, attempt: &Attempt) -> bool {
        let matters = self.may_restore(attempt) == Some(true);
        if matters {
            self.phase = Phase::Settled(attempt.lineage.clone());
        }
        matters
    }

    /// The lineage for updates and loads, while there is one.
    pub(super) fn open(&self) -> Option<&Lineage> {
        match &self.phase {
            Phase::Open(lineage) => Some(lineage),
            _ => None,
        }
    }

    /// Whether an update that this lineage has taken may be acknowledged now.
    pub(super) fn acknowledges(&self, lineage: &Lineage) -> bool {
        self.lineage() == Some(lineage)
    }

    /// Everything up to the last entry that a heartbeat told of was read. Answers whether that is all
    /// there was by then: only if everybody had brought back what was lost, so that the bucket was open
    /// as the heartbeat was sent, or opened by it.
    pub(super) fn prove(&mut self, told: &Told, heard: &Heard) -> bool {
        let had_settled = told.settled.as_ref() == Some(&heard.lineage);
        let all_had = had_settled && (told.is_open || heard.waiting == 0);
        let proves = all_had && self.open() == Some(&heard.lineage);
        if proves {
            let clock = heard.clock.position() >> MILLIS;
            let before = self.known.as_ref().filter(|known| known.lineage == heard.lineage);
            let clock = before.map_or(clock, |known| known.clock.max(clock));
            self.known = Some(Known { lineage: heard.lineage.clone(), clock });
        }
        proves
    }

    /// Up to where this node knows the bucket.
    pub(super) fn known(&self) -> Option<&Known> {
        self.known.as_ref()
    }

    /// Whether only an operator can help.
    pub(super) fn is_rolled_back(&self) -> bool {
        matches!(self.phase, Phase::RolledBack(_))
    }

    /// The lineage that the bucket was in at the last heartbeat.
    pub(super) fn lineage(&self) -> Option<&Lineage> {
        match &self.phase {
            Phase::Unknown => None,
            Phase::Settling { attempt: Attempt { lineage, .. }, .. }
            | Phase::Settled(lineage)
            | Phase::Open(lineage)
            | Phase::RolledBack(lineage) => Some(lineage),
        }
    }
}

/// Where the milliseconds of a place begin.
const MILLIS: u32 = 22;

/// The first place of a millisecond.
fn start_of(clock: u64) -> Place {
    Place::at(clock << MILLIS)
}

#[cfg(test)]
mod world;

#[cfg(test)]
mod tests;
