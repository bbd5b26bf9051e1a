//! A small world in which Redis fails: primaries that lose what they have acknowledged, nodes that
//! crash and are cut off, messages that take their time, clocks that disagree. All of it follows from
//! one seed, so what was found once is found again.

mod check;
mod faults;
mod node;
mod primary;
mod random;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jeton::{Revocation, SubjectKey, Timestamp};
use jeton_session::rules::{self, Opening, Presented, Presenter, Rotation, Which};
use jeton_session::{Place, SessionPolicy, Step, Subject, Terms};

use self::check::Truth;
use self::node::{Next, Node};
use self::primary::{Primary, Put};
use self::random::Random;
use crate::redis::lineage::{Attempt, Heard, Lineage, Told};

/// How long a call may take.
const DEADLINE: u64 = 400;

/// What is done wrong on purpose, so that it shows that the checks see it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    pub(super) restores_nothing: bool,
    pub(super) restores_before_all_are_here: bool,
    pub(super) waits_for_nobody: bool,
    pub(super) does_not_hold: bool,
    pub(super) forgets_floors: bool,
    pub(super) acknowledges_anything: bool,
    pub(super) keeps_no_journal: bool,
    pub(super) launders: bool,
}

/// What a client asks for.
#[derive(Clone, Copy, Debug)]
enum Act {
    Open(SubjectKey, u64),
    Refresh(SubjectKey, Presented),
    End(SubjectKey, Presented),
    Recall(SubjectKey),
}

#[derive(Clone, Debug)]
enum Work {
    Client { act: Act, since: u64 },
    Restore { attempt: Attempt, subject: SubjectKey, lost: Vec<Revocation> },
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
        heard: Heard,
        last: Place,
        since: u64,
    },
    Read(Lineage, Vec<(Place, Vec<Revocation>)>),
    Compare(Vec<(Place, Vec<Revocation>)>),
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

/// A pair of tokens: its session, the generation of the next refresh token, the version.
type Pair = Option<(Presented, u64)>;

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
    what: std::collections::HashMap<u64, Event>,
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
            what: std::collections::HashMap::new(),
            servers: vec![first],
            current: 0,
            replica: None,
            nodes: Vec::new(),
            held: Vec::new(),
            truth: Truth::default(),
        };
        for node in 0..3 {
            world.nodes.push(Node::at(0));
            world.after(node * 100, Event::Tick(node as usize, 0));
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
                Some(Event::Answer { node, life, answer }) => {
                    if self.nodes[node].life == life && self.nodes[node].is_here() {
                        self.answer(node, *answer);
                        self.go_on(node);
                    }
                }
                Some(Event::Fault(fault)) => self.fault(fault),
                None => {}
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
        let held = self.random.below(self.held.len().max(1) as u64) as usize;
        match (self.random.below(10), self.held.get(held).copied()) {
            (0..=2, _) | (_, None) => Act::Open(subject, self.random.next()),
            (3..=5, Some(held)) => Act::End(held.session.subject(), held),
            (6, _) => Act::Recall(subject),
            (_, Some(held)) => Act::Refresh(held.session.subject(), held),
        }
    }

    /// Sends something to the primary that a node takes for the one. It may get lost on the way.
    fn ask(&mut self, node: usize, ask: Ask) {
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

    fn execute(&mut self, server: usize, node: usize, life: u64, ask: Ask) {
        let is_read = matches!(ask, Ask::Read(..) | Ask::Compare(_));
        let primary = &self.servers[server];
        if !primary.lives || (!primary.takes_writes && !is_read) {
            return self.fail(node, life);
        }
        let answer = match ask {
            Ask::Beat { told, since } => {
                let (heard, last) = self.servers[server].beat(node, &told, self.now);
                Answer::Beat { heard, last, since }
            }
            Ask::Read(lineage, after) => match primary.range(&lineage, after) {
                Some(news) => Answer::Read(lineage, news),
                None => Answer::Refused(lineage),
            },
            Ask::Compare(lineage) => match primary.range(&lineage, Place::default()) {
                Some(stream) => Answer::Compare(stream),
                None => Answer::Refused(lineage),
            },
            Ask::Update(lineage, work, seen) => self.update(server, node, (lineage, work), seen),
        };
        let delay = self.random.way();
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
        let put = self.servers[server].put(&lineage, tag, change, &step.revocations, self.now);
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

    fn answer(&mut self, at: usize, answer: Answer) {
        let node = &mut self.nodes[at];
        match answer {
            Answer::Beat { heard, last, since } => {
                node.hear(&heard);
                // A gap would be read first; here the next heartbeat is as good.
                if node.read >= last && node.prove(&heard.lineage, heard.clock) {
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
            Answer::Compare(stream) => node.compare(&stream),
            Answer::Refused(lineage) => node.standing.leave(&lineage),
            Answer::Failed => {
                if let Some(settling) = &mut node.settling {
                    settling.is_busy = false;
                }
            }
            Answer::Done { lineage, work, place, revocations, pair } => {
                let known =
                    node.standing.acknowledges(&lineage) || self.rules.acknowledges_anything;
                if !known {
                    return;
                }
                if !revocations.is_empty() {
                    node.enter(place, &revocations);
                    node.journal.extend(revocations.iter().map(|r| (place, r.clone())));
                }
                match work {
                    Work::Client { act, since } => {
                        self.acknowledge((act, since), &revocations, pair)
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

impl Work {
    fn subject(&self) -> SubjectKey {
        match self {
            Self::Client { act: Act::Open(subject, _) | Act::Recall(subject), .. }
            | Self::Client { act: Act::Refresh(subject, _) | Act::End(subject, _), .. }
            | Self::Restore { subject, .. } => *subject,
        }
    }

    /// The real rules.
    fn step(&self, before: &Subject, policy: &SessionPolicy, now: Timestamp) -> Step<Pair> {
        let pair = |granted: rules::Granted| {
            let (session, generation) = (granted.session.id, granted.session.generation);
            Some((Presented { session, generation }, granted.version))
        };
        match self {
            Self::Client { act: Act::Open(_, random), .. } => {
                let ask = Opening {
                    random: random.to_be_bytes(),
                    device: None,
                    client: "web".to_owned(),
                    scope: None,
                    claims: serde_json::Map::new(),
                    amr: Vec::new(),
                };
                rules::open(before, &ask, policy, now).map(|granted| granted.and_then(pair))
            }
            Self::Client { act: Act::Refresh(_, held), .. } => {
                let web = Presenter::client("web");
                rules::rotate(before, *held, &web, policy, now).map(|rotation| match rotation {
                    Rotation::Rotated(granted)
                    | Rotation::Repeated(granted)
                    | Rotation::Repaired(granted) => pair(granted),
                    _ => None,
                })
            }
            Self::Client { act: Act::End(_, held), .. } => {
                let one = Which::One(held.session);
                rules::end(before, one, jeton::Reason::LoggedOut, policy, now).map(|_| None)
            }
            Self::Client { act: Act::Recall(_), .. } => {
                rules::recall(before, None, policy, now).map(|_| None)
            }
            Self::Restore { lost, .. } => {
                rules::reassert(before, lost, now.after(policy.retention)).map(|()| None)
            }
        }
    }
}
