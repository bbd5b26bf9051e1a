use std::sync::Arc;
use std::time::Duration;

use jeton::Timestamp;
use jeton_session::{MemoryStore, SessionStore as _, Terms};
use jeton_store::RedisStore;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::model::{Act, acts, everything, step};
use crate::redis::fleet::{Fleet, heard};

/// Whatever happens on whichever node, Redis and memory hold the same and answer the same, and every
/// node tells the same revocations.
#[test]
fn three_nodes_agree_with_memory() {
    let fleet = Fleet::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config::with_cases(24));
    let cases = (acts(), prop::collection::vec(0..3_usize, 60));
    let outcome = runner.run(&cases, |(acts, nodes)| {
        fleet.redis.cli(&["flushall"]);
        runtime.block_on(compare(&fleet, &acts, &nodes))
    });
    outcome.unwrap();
}

async fn compare(fleet: &Fleet, acts: &[(Act, u64)], nodes: &[usize]) -> Result<(), TestCaseError> {
    let memory = MemoryStore::new();
    let stores: [Arc<RedisStore>; 3] = fleet.nodes().await;
    let policy = Terms::new("https://login.example", "api").session_policy();
    let mut now = Timestamp::from_secs(1_800_000_000);
    for ((act, passed), node) in acts.iter().zip(nodes) {
        now = now.after(Duration::from_secs(*passed));
        let (subject, rule) = step(act, policy, now);
        let expected = memory.update(subject, rule).await.unwrap();
        let (subject, rule) = step(act, policy, now);
        let answer = stores[*node].update(subject, rule).await.unwrap();
        prop_assert_eq!(answer, expected);
    }
    let (subjects, mut revocations) = everything(&memory).await;
    revocations.sort_by_key(|one| format!("{one:?}"));
    for store in &stores {
        store.beat().await.unwrap();
        let mut told = heard(store).await;
        told.sort_by_key(|one| format!("{one:?}"));
        prop_assert_eq!(&told, &revocations);
        prop_assert_eq!(&everything(&**store).await.0, &subjects);
    }
    Ok(())
}
