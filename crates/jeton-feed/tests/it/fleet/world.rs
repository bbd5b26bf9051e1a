//! Verifiers that go from one process to another, in a world where every one of them has read
//! something else, and any connection ends at any time.

use std::collections::{BTreeSet, VecDeque};
use std::future::ready;
use std::sync::Arc;

use jeton::{Refused, RevocationList};
use jeton_feed::follow::{Follower, Then};
use jeton_feed::publish::{Form, Subscription};
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::{Instant, advance};

use super::double::{Node, Revoked, STREAMS, Streams};

const NODES: usize = 3;
const VERIFIERS: usize = 2;

/// What happens next.
#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Revoke {
        stream: usize,
    },
    /// A process revokes something, and hears of it at once.
    RevokeAt {
        node: usize,
        stream: usize,
    },
    Read {
        node: usize,
        stream: usize,
        most: usize,
    },
    Prove {
        node: usize,
    },
    Tell {
        node: usize,
        most: usize,
    },
    Beat {
        node: usize,
    },
    Restart {
        node: usize,
    },
    Connect {
        verifier: usize,
        node: usize,
    },
    Poll {
        verifier: usize,
        node: usize,
    },
    Deliver {
        verifier: usize,
        most: usize,
    },
    /// An event is lost.
    Lose {
        verifier: usize,
    },
    Cut {
        verifier: usize,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let (node, verifier, stream) = (0..NODES, 0..VERIFIERS, 0..STREAMS);
    let pair = (verifier.clone(), node.clone());
    prop_oneof![
        4 => (1..1_500_u64).prop_map(Act::Wait),
        5 => stream.clone().prop_map(|stream| Act::Revoke { stream }),
        3 => (node.clone(), stream.clone())
            .prop_map(|(node, stream)| Act::RevokeAt { node, stream }),
        5 => (node.clone(), stream, 1..4_usize)
            .prop_map(|(node, stream, most)| Act::Read { node, stream, most }),
        5 => node.clone().prop_map(|node| Act::Prove { node }),
        8 => (node.clone(), 1..6_usize).prop_map(|(node, most)| Act::Tell { node, most }),
        5 => node.clone().prop_map(|node| Act::Beat { node }),
        1 => node.prop_map(|node| Act::Restart { node }),
        7 => pair.clone().prop_map(|(verifier, node)| Act::Connect { verifier, node }),
        2 => pair.prop_map(|(verifier, node)| Act::Poll { verifier, node }),
        8 => (verifier.clone(), 1..6_usize)
            .prop_map(|(verifier, most)| Act::Deliver { verifier, most }),
        1 => verifier.clone().prop_map(|verifier| Act::Lose { verifier }),
        1 => verifier.prop_map(|verifier| Act::Cut { verifier }),
    ]
}

/// One verifier, by the rules of the library.
struct Verifier {
    list: Arc<RevocationList>,
    /// How many entries were on the list when it was last looked at, and which.
    held: (usize, BTreeSet<Refused>),
    follower: Follower,
    /// Where it is connected to, and what is on its way from there.
    connection: Option<(usize, Subscription)>,
    events: VecDeque<String>,
    complete: Option<Instant>,
    resets: usize,
}

impl Verifier {
    fn new() -> Self {
        let list = Arc::new(RevocationList::following());
        let follower = Follower::new(Arc::clone(&list));
        let (held, events) = (Default::default(), VecDeque::new());
        Self { list, held, follower, connection: None, events, complete: None, resets: 0 }
    }

    fn cut(&mut self) {
        self.connection = None;
        self.events.clear();
    }

    async fn connect(&mut self, index: usize, node: &Node) {
        self.cut();
        let publisher = &node.publisher;
        if self.follower.cursor().is_none() {
            // One that has just begun knows nothing yet.
            let Ok(snapshot) = publisher.snapshot(Form::Json).await else { return };
            self.follower.snapshot(&snapshot).unwrap();
        }
        let requested_at = Instant::now().into_std();
        if !publisher.is_ready() {
            return;
        }
        match publisher.subscribe(self.follower.cursor().unwrap()) {
            Ok(subscription) => {
                self.follower.connected(requested_at);
                self.connection = Some((index, subscription));
            }
            Err(_) => self.reset(),
        }
    }

    fn reset(&mut self) {
        self.follower.event("reset", r#"{"n":1}"#, Instant::now().into_std());
        self.resets += 1;
    }

    async fn poll(&mut self, node: &Node) {
        let Some(cursor) = self.follower.cursor() else { return };
        self.cut();
        let requested_at = Instant::now().into_std();
        if let Ok(answer) = node.publisher.poll(Some(cursor), std::time::Duration::ZERO).await {
            let step = self.follower.polled(&answer, requested_at);
            self.resets += usize::from(step.then == Then::FetchSnapshot);
        }
    }

    /// What the service has written by now is on its way.
    async fn receive(&mut self) {
        let Some((_, subscription)) = &mut self.connection else { return };
        let mut text = String::new();
        loop {
            tokio::select! {
                biased;
                bytes = subscription.next() => match bytes {
                    Some(bytes) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
                    None => break,
                },
                () = ready(()) => break,
            }
        }
        self.events.extend(text.split_terminator("\n\n").map(str::to_owned));
    }

    async fn deliver(&mut self, most: usize) {
        self.receive().await;
        for event in self.events.drain(..most.min(self.events.len())).collect::<Vec<_>>() {
            let (name, data) = event.split_once('\n').unwrap();
            let (name, data) = (&name["event: ".len()..], &data["data: ".len()..]);
            let step = self.follower.event(name, data, Instant::now().into_std());
            if step.then != Then::GoOn {
                return self.cut();
            }
        }
    }

    /// What must hold at any time.
    fn check(&mut self, streams: &Streams) -> Result<(), TestCaseError> {
        let now = Instant::now();
        let age = self.list.staleness(now.into_std());
        let complete = age.and_then(|age| now.checked_sub(age));
        prop_assert!(complete >= self.complete, "moved back");
        self.complete = complete;

        let entries = self.list.len();
        if self.held.0 < entries {
            self.list.for_each_entry(|entry| {
                self.held.1.insert(entry.refused.clone());
            });
            self.held.0 = entries;
        }
        let cursor = self.follower.cursor().map(|cursor| cursor.position);
        let is_held = |revoked: &Revoked| self.held.1.contains(&revoked.entry.refused);
        for revoked in streams.revoked().filter(|revoked| !is_held(revoked)) {
            prop_assert!(complete.is_none_or(|at| revoked.at >= at), "{revoked:?} is missing");
            prop_assert!(
                cursor.is_none_or(|cursor| revoked.place > cursor),
                "{revoked:?} is missing at {cursor:?}"
            );
        }
        Ok(())
    }
}

struct World {
    streams: Streams,
    nodes: Vec<Node>,
    verifiers: Vec<Verifier>,
}

impl World {
    fn new(ahead: [u64; STREAMS]) -> Self {
        let mut streams = Streams::new(ahead);
        let mut nodes: Vec<Node> = (0..NODES).map(|_| Node::start()).collect();
        for node in &mut nodes {
            node.keep_up(&mut streams);
        }
        let verifiers = (0..VERIFIERS).map(|_| Verifier::new()).collect();
        Self { streams, nodes, verifiers }
    }

    async fn act(&mut self, act: &Act) {
        let Self { streams, nodes, verifiers } = self;
        match *act {
            Act::Wait(ms) => advance(std::time::Duration::from_millis(ms)).await,
            Act::Revoke { stream } => streams.revoke(stream),
            Act::RevokeAt { node, stream } => {
                streams.revoke(stream);
                nodes[node].hear_last(streams, stream);
            }
            Act::Read { node, stream, most } => nodes[node].read(streams, stream, most),
            Act::Prove { node } => nodes[node].prove(streams),
            Act::Tell { node, most } => nodes[node].tell(most),
            Act::Beat { node } => nodes[node].publisher.heartbeat().unwrap(),
            Act::Restart { node } => self.restart(node),
            Act::Connect { verifier, node } => {
                verifiers[verifier].connect(node, &nodes[node]).await;
            }
            Act::Poll { verifier, node } => verifiers[verifier].poll(&nodes[node]).await,
            Act::Deliver { verifier, most } => verifiers[verifier].deliver(most).await,
            Act::Lose { verifier } => {
                verifiers[verifier].receive().await;
                verifiers[verifier].events.pop_front();
            }
            Act::Cut { verifier } => verifiers[verifier].cut(),
        }
    }

    /// It has forgotten everything, and reads it again.
    fn restart(&mut self, index: usize) {
        self.nodes[index] = Node::start();
        for verifier in &mut self.verifiers {
            if verifier.connection.as_ref().is_some_and(|(node, _)| *node == index) {
                verifier.cut();
            }
        }
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        self.verifiers.iter_mut().try_for_each(|verifier| verifier.check(&self.streams))
    }

    /// Nothing goes wrong any more, and everybody moves once more.
    async fn heal(&mut self) {
        for (number, verifier) in self.verifiers.iter_mut().enumerate() {
            let node = &mut self.nodes[number % NODES];
            // First what it had begun to prove.
            node.keep_up(&mut self.streams);
            node.keep_up(&mut self.streams);
            verifier.connect(number % NODES, node).await;
            verifier.deliver(usize::MAX).await;
        }
    }
}

/// Whatever the future does, in a time of its own.
fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// INV1, INV5, INV9: whichever processes a verifier goes to with its cursor, it has everything
    /// up to the cursor and as of when it is told that it is complete, and never has to begin anew.
    #[test]
    fn whoever_goes_from_one_process_to_another_lacks_nothing(
        ahead in [0..3_000_u64, 0..3_000, 0..3_000],
        acts in vec(act(), 1..80),
    ) {
        run(async {
            let mut world = World::new(ahead);
            for act in &acts {
                world.act(act).await;
                world.check()?;
            }

            world.heal().await;

            world.check()?;
            let revoked = world.streams.revoked().count();
            for verifier in &world.verifiers {
                prop_assert_eq!(verifier.list.len(), revoked);
                let staleness = verifier.list.staleness(Instant::now().into_std());
                prop_assert!(staleness.is_some_and(|age| age.as_millis() <= 1), "{staleness:?}");
                prop_assert_eq!(verifier.resets, 0);
            }
            Ok(())
        })?;
    }
}
