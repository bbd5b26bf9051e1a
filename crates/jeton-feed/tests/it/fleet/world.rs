//! Verifiers that go from one process to another, in a world where every one of them has read
//! something else, and any connection ends at any time.

mod verifier;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::{Instant, advance};

use self::verifier::Verifier;
use super::double::{Node, STREAMS, Streams};

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
            Act::Wait(ms) => advance(Duration::from_millis(ms)).await,
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
