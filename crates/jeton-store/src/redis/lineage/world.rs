//! A small world in which Redis fails: primaries that lose what they have acknowledged, nodes that
//! crash and are cut off, messages that take their time, clocks that disagree. All of it follows from
//! one seed, so what was found once is found again.

mod calls;
mod check;
mod faults;
mod node;
mod primary;
mod random;
mod work;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jeton::{Revocation, SubjectKey};
use jeton_session::rules::Presented;
use jeton_session::{Place, SessionPolicy, Subject, Terms};

use self::check::Truth;
use self::node::{Next, Node};
use self::primary::Primary;
use self::random::Random;
use self::work::{Act, Pair, Work};
use crate::redis::lineage::{Heard, Lineage, Told};

/// What is done wrong on purpose, so that it shows that the checks see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rules {
    AsTheyAre,
    RestoresNothing,
    RestoresBeforeAllAreHere,
    WaitsForNobody,
    DoesNotHold,
    ForgetsFloors,
    AcknowledgesAnything,
    KeepsNoJournal,
    /// A bucket that nobody has opened counts as found anew.
    Launders,
}

#[derive(Clone, Debug)]
enum Ask {
    Beat {
        told: Told,
        since: u64,
    },
    Read(Lineage, Place),
    Compare(Lineage),
    /// With the record as it was last seen, if it was.
    Update(Lineage, Work, Option<(u64, Subject)>),
}

enum Answer {
    Beat {
        told: Told,
        heard: Heard,
        last: Place,
        since: u64,
    },
    Read(Lineage, Vec<(Place, Vec<Revocation>)>),
    Compare(Lineage, Vec<(Place, Vec<Revocation>)>),
    Done {
        lineage: Lineage,
        work: Work,
        place: Place,
        revocations: Vec<Revocation>,
        pair: Pair,
    },
    Refused(Lineage),
    /// Nobody knows.
    Failed,
}

enum Event {
    Tick(usize, u64),
    Execute { server: usize, node: usize, life: u64, ask: Box<Ask> },
    Answer { node: usize, life: u64, answer: Box<Answer> },
    Fault(faults::Fault),
}

pub(super) struct World {
    now: u64,
    random: Random,
    rules: Rules,
    policy: SessionPolicy,
    count: u64,
    events: BinaryHeap<Reverse<(u64, u64)>>,
    what: HashMap<u64, Event>,
    servers: Vec<Primary>,
    current: usize,
    replica: Option<primary::Data>,
    nodes: Vec<Node>,
    /// The refresh tokens that clients hold.
    held: Vec<Presented>,
    truth: Truth,
}

impl World {
    pub(super) fn new(seed: u64, rules: Rules) -> Self {
        let mut random = Random::new(seed);
        let skew = 1_000_000_000 + random.skew();
        let first = Primary {
            replid: 1,
            skew,
            lives: true,
            takes_writes: true,
            data: primary::Data::default(),
            rules,
        };
        let policy = Terms::new("https://login.example", "api").session_policy();
        let mut world = Self {
            now: 0,
            random,
            rules,
            policy,
            count: 0,
            events: BinaryHeap::new(),
            what: HashMap::new(),
            servers: vec![first],
            current: 0,
            replica: None,
            nodes: Vec::new(),
            held: Vec::new(),
            truth: Truth::default(),
        };
        for node in 0..3 {
            world.nodes.push(Node::at(0));
            world.after(node as u64 * 100, Event::Tick(node, 0));
        }
        world.plan_faults();
        world
    }

    /// Lives until this millisecond and answers what was wrong.
    pub(super) fn run(&mut self, until: u64) -> &[String] {
        while let Some(Reverse((at, number))) = self.events.pop() {
            if at > until {
                break;
            }
            self.now = at;
            match self.what.remove(&number) {
                Some(Event::Tick(node, life)) => self.tick(node, life),
                Some(Event::Execute { server, node, life, ask }) => {
                    self.execute(server, node, life, *ask);
                }
                Some(Event::Answer { node, life, answer })
                    if self.nodes[node].hears(life, &answer) =>
                {
                    self.answer(node, *answer);
                    self.go_on(node);
                }
                Some(Event::Fault(fault)) => self.fault(fault),
                Some(Event::Answer { .. }) | None => {}
            }
        }
        self.truth.violations()
    }

    fn after(&mut self, delay: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((self.now + delay, self.count)));
        self.what.insert(self.count, event);
    }

    /// Every tenth of a second a node reads; now and then it has something to do; each second, and
    /// at once while it waits for something, it sends a heartbeat.
    fn tick(&mut self, node: usize, life: u64) {
        if self.nodes[node].life != life || !self.nodes[node].is_up {
            return;
        }
        let open = self.nodes[node].standing.open().cloned();
        let every = if open.is_some() { 10 } else { 3 };
        if self.random.one_in(every) {
            self.beat(node);
        }
        if let Some(lineage) = open {
            self.ask(node, Ask::Read(lineage.clone(), self.nodes[node].read));
            if self.random.one_in(4) {
                let act = self.choose();
                let work = Work::Client { act, since: self.now };
                self.ask(node, Ask::Update(lineage, work, None));
            }
        }
        let next = 80 + self.random.below(40);
        self.after(next, Event::Tick(node, life));
    }

    fn beat(&mut self, node: usize) {
        let told = self.nodes[node].standing.tell();
        self.ask(node, Ask::Beat { told, since: self.now });
    }

    fn choose(&mut self) -> Act {
        let subject = SubjectKey::of(&self.random.below(4).to_string());
        let held = self.random.index(self.held.len());
        match (self.random.below(10), self.held.get(held).copied()) {
            (0..=2, _) | (_, None) => Act::Open(subject, self.random.next()),
            (3..=5, Some(held)) => Act::End(held.session.subject(), held),
            (6, _) => Act::Recall(subject),
            (_, Some(held)) => Act::Refresh(held.session.subject(), held),
        }
    }

    fn answer(&mut self, at: usize, answer: Answer) {
        let node = &mut self.nodes[at];
        match answer {
            Answer::Beat { told, heard, last, since } => {
                node.hear(&told, &heard);
                // A gap would be read first; here the next heartbeat is as good.
                if node.read >= last && node.prove(&told, &heard) {
                    self.check_claim(at, since);
                }
            }
            Answer::Read(lineage, news) => {
                if node.standing.open() == Some(&lineage) {
                    for (place, revocations) in &news {
                        node.read = node.read.max(*place);
                        node.enter(*place, revocations);
                    }
                }
            }
            Answer::Compare(lineage, stream) => node.compare(&lineage, &stream),
            Answer::Refused(lineage) => node.standing.leave(&lineage),
            Answer::Failed => {
                if let Some(settling) = &mut node.settling {
                    settling.is_busy = false;
                }
            }
            Answer::Done { lineage, work, place, revocations, pair } => {
                let known = node.standing.acknowledges(&lineage)
                    || self.rules == Rules::AcknowledgesAnything;
                if !known {
                    return;
                }
                if !revocations.is_empty() {
                    node.enter(place, &revocations);
                    node.journal.extend(revocations.iter().map(|r| (place, r.clone())));
                }
                match work {
                    Work::Client { act, since } => {
                        self.acknowledge((act, since), &revocations, pair);
                    }
                    Work::Restore { attempt, .. } => {
                        let settling = node.settling.as_mut();
                        if let Some(settling) =
                            settling.filter(|settling| settling.attempt == attempt)
                        {
                            settling.is_busy = false;
                        }
                    }
                }
            }
        }
    }

    fn acknowledge(&mut self, (act, since): (Act, u64), made: &[Revocation], pair: Pair) {
        if let Some((held, version)) = pair {
            self.check_pair(held, version, since);
            match self.held.iter_mut().find(|known| known.session == held.session) {
                Some(known) => known.generation = known.generation.max(held.generation),
                None => self.held.push(held),
            }
        }
        if matches!(act, Act::End(..)) && made.is_empty() {
            // Gone already: whoever ended it has told.
            return;
        }
        for revocation in made {
            self.truth.acknowledge(revocation.clone(), self.now);
        }
    }

    /// What a settling node does next.
    fn go_on(&mut self, at: usize) {
        match self.nodes[at].go_on(self.rules) {
            Next::Read(lineage) => self.ask(at, Ask::Compare(lineage)),
            Next::Restore(attempt, lost) => {
                let lineage = attempt.lineage.clone();
                let work = Work::Restore { attempt, subject: lost.subject, lost: lost.revocations };
                self.ask(at, Ask::Update(lineage, work, None));
            }
            Next::Tell => {
                self.becomes_present(at);
                self.beat(at);
            }
            Next::Wait => {}
        }
    }
}
