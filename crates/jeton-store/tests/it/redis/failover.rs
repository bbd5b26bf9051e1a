//! Redis fails over and has lost what it had acknowledged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jeton::{Reason, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::{Outcome, RefreshError, SessionStore as _, TokenPair};
use jeton_store::Acknowledge;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::redis::pair::{Node, Pair, all_told, beats, logged_in, told};

/// Sessions that are ended, of which Redis loses all.
const ENDED: usize = 100;

/// Sessions that are refreshed, three times each, of which Redis loses all.
const ROTATED: usize = 100;

/// What was acknowledged, and when.
type Acknowledged = Arc<Mutex<Vec<(Instant, SessionId)>>>;

/// Asks a node for proof all the time: whatever was acknowledged before the question has been told
/// when it is answered.
fn prover(node: Node, acknowledged: Acknowledged, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    tokio::spawn(async move {
        let mut proofs = 0;
        while !stop.load(Ordering::Relaxed) {
            let asked = Instant::now();
            if node.store().beat().await.is_ok() {
                proofs += 1;
                let due = acknowledged.lock().unwrap().clone();
                let due = due.into_iter().filter(|(at, _)| *at < asked).map(|(_, id)| id);
                let due: Vec<_> = due.collect();
                assert!(all_told(&told(&node).await, &due), "complete, and something is missing");
            }
        }
        proofs
    })
}

/// Tries to refresh what has ended, at a node that may never have heard of it.
fn attacker(
    node: Node,
    tokens: Vec<String>,
    now: Timestamp,
    stop: Arc<AtomicBool>,
) -> JoinHandle<usize> {
    tokio::spawn(async move {
        let mut refused = 0;
        while !stop.load(Ordering::Relaxed) {
            for token in &tokens {
                match node.refresh(token, now).await {
                    Err(RefreshError::Unavailable(_)) => break,
                    Err(RefreshError::Ended(_)) => refused += 1,
                    other => panic!("a session that has ended was answered {other:?}"),
                }
            }
            tokio::task::yield_now().await;
        }
        refused
    })
}

async fn end(nodes: &[Node], pairs: &[TokenPair], now: Timestamp, acknowledged: &Acknowledged) {
    let mut running = JoinSet::new();
    for (number, pair) in pairs.iter().enumerate() {
        let (node, session) = (Arc::clone(&nodes[number % nodes.len()]), pair.session);
        let acknowledged = Arc::clone(acknowledged);
        running.spawn(async move {
            assert!(node.end(session, Reason::LoggedOut, now).await.unwrap());
            acknowledged.lock().unwrap().push((Instant::now(), session));
        });
    }
    running.join_all().await;
}

async fn rotate_three_times(
    nodes: &[Node],
    pairs: Vec<TokenPair>,
    now: Timestamp,
) -> Vec<TokenPair> {
    let mut running = JoinSet::new();
    for (number, mut pair) in pairs.into_iter().enumerate() {
        let node = Arc::clone(&nodes[number % nodes.len()]);
        running.spawn(async move {
            for _ in 0..3 {
                pair = node.refresh(&pair.refresh_token, now).await.unwrap().pair;
            }
            pair
        });
    }
    running.join_all().await
}

/// INV2, INV4, C4: whatever a promoted replica lacks, the nodes remember: no session that has ended
/// is refreshed at any node at any moment, every other one goes on, and no proof is false.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failover_that_loses_acknowledged_writes_loses_nothing() {
    let mut pair = Pair::start(&[]);
    let now = pair.now();
    let mut nodes = Vec::new();
    for number in 0..3 {
        nodes.push(pair.node(number, Acknowledge::Journal).await);
    }
    let ended = logged_in(&nodes[0], "ended", ENDED, now).await;
    let rotated = logged_in(&nodes[1], "rotated", ROTATED, now).await;
    let spent: HashMap<_, _> =
        rotated.iter().map(|pair| (pair.session, pair.refresh_token.clone())).collect();
    let alice = SubjectKey::of("rotated-0");
    pair.cut();
    let (acknowledged, stop) = (Acknowledged::default(), Arc::new(AtomicBool::new(false)));
    let provers: Vec<_> = nodes
        .iter()
        .map(|node| prover(Arc::clone(node), Arc::clone(&acknowledged), Arc::clone(&stop)))
        .collect();
    end(&nodes, &ended, now, &acknowledged).await;
    let rotated = rotate_three_times(&nodes, rotated, now).await;
    let version = nodes[2].recall(alice, now).await.unwrap();

    pair.fail_over();
    let lost = pair.replica.cli(&["info", "replication"]);
    let tokens: Vec<_> = ended.iter().map(|pair| pair.refresh_token.clone()).collect();
    let attack = |node: &Node| attacker(Arc::clone(node), tokens.clone(), now, Arc::clone(&stop));
    let mut attackers: Vec<_> = nodes.iter().map(attack).collect();
    // One that knows nothing of it but what Redis says.
    let stranger = pair.node(9, Acknowledge::Memory).await;
    attackers.push(attack(&stranger));
    for node in nodes.iter().chain([&stranger]) {
        beats(node).await;
    }
    let rounds = Duration::from_millis(300);
    tokio::time::sleep(rounds).await;
    stop.store(true, Ordering::Relaxed);

    for prover in provers {
        assert!(prover.await.unwrap() > 0, "proved something");
    }
    for attacker in attackers {
        assert!(attacker.await.unwrap() >= ENDED, "refused everything once it was open: {lost}");
    }
    let pushed: u64 = nodes.iter().map(|node| node.store().stats().pushed_back).sum();
    assert!(pushed >= ENDED as u64, "Redis had lost it: {pushed}");
    for node in nodes.iter().chain([&stranger]) {
        let sessions: Vec<_> = ended.iter().map(|pair| pair.session).collect();
        let told = told(node).await;
        assert!(all_told(&told, &sessions), "the feed of each node has all of them");
        assert!(told.iter().any(|one| one.target == Target::Subject(alice, version)));
        assert_eq!(node.store().load(alice).await.unwrap().version, version);
    }
    let later = now.after(Duration::from_mins(1));
    for (number, pair) in rotated.iter().enumerate() {
        let node = &nodes[number % 3];
        let refreshed = node.refresh(&pair.refresh_token, now).await.unwrap();
        assert_eq!(refreshed.outcome, Outcome::Repaired);
        // The first one was spent long ago, and Redis had forgotten.
        let replay = node.refresh(&spent[&pair.session], later).await;
        assert_eq!(replay, Err(RefreshError::Replayed), "{number}");
    }
}
