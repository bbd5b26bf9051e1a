//! Snapshots, streams and publishing at the same time.

use jeton_feed::publish::Publisher;
use tokio::task::{JoinSet, yield_now};
use tokio::time::Instant;

use crate::listener::{Stream, Verifier};
use crate::publisher::{at, entry, publisher};

/// How many revocations are published in a round. A hub builds one snapshot a second, so each round
/// has a hub of its own, and a snapshot that is built while it publishes.
const LAST: u64 = 400;

/// INV1, INV9: whenever a verifier takes its snapshot and wherever it is cut off, it ends up with
/// everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn between_a_snapshot_and_its_stream_nothing_is_lost() {
    let mut amid = 0;
    for _ in 0..40 {
        let publisher = publisher(0);
        let mut verifiers = JoinSet::new();
        for reader in 0..8 {
            verifiers.spawn(verify(publisher.publisher.clone(), reader));
        }

        for position in 1..=LAST {
            publisher.revoke(position);
            if position % 16 == 0 {
                publisher.complete(Instant::now());
                publisher.heartbeat().unwrap();
                yield_now().await;
            }
        }

        while let Some(verified) = verifiers.join_next().await {
            let (verifier, began_at) = verified.unwrap();
            assert_eq!(verifier.cursor, at(LAST));
            assert_eq!(verifier.entries.len() as u64, LAST);
            amid += u64::from((1..LAST).contains(&began_at));
        }
    }
    assert!(amid > 0, "no snapshot was built amid the publishing");
}

/// A verifier that hangs up now and then; and where its snapshot was.
async fn verify(publisher: Publisher, reader: usize) -> (Verifier, u64) {
    for _ in 0..reader * 4 {
        yield_now().await;
    }
    let mut verifier = Verifier::start(&publisher).await;
    let began_at = verifier.cursor.position;
    for number in 1..=began_at {
        assert!(verifier.entries.contains(&format!("{:?}", entry(number))), "{number}");
    }
    for round in reader.. {
        let mut stream = Stream::new(publisher.subscribe(verifier.cursor).unwrap());
        for _ in 0..4 + round % 32 {
            if verifier.cursor == at(LAST) {
                return (verifier, began_at);
            }
            let Some(event) = stream.next().await else { break };
            verifier.take(event);
        }
    }
    (verifier, began_at)
}
