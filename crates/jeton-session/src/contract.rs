//! What every [`SessionStore`] must do, as tests that run on any of them.
//!
//! [`contract_tests!`](crate::contract_tests) makes one test of each function here. A store that
//! passes them carries the rules as faithfully as [`MemoryStore`](crate::MemoryStore).
//!
//! # Panics
//!
//! Every function panics where the store breaks its promise: they are tests.

#![expect(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "tests: the errors are the store's, the panics are the point"
)]

use std::sync::Arc;
use std::time::Duration;

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use tokio::task::JoinSet;

use crate::rules::Step;
use crate::store::{Batch, Cursor, Page, Place, SessionStore, StoreError};
use crate::subject::Subject;

type Outcome = Result<(), StoreError>;

/// Until long after any test.
const FOREVER: Timestamp = Timestamp::from_secs(1 << 40);

/// Defines one `#[tokio::test]` for each promise of the port.
///
/// The argument is an async function that makes an empty store and answers it in an `Arc`, and
/// beside it whatever must stay alive meanwhile: a folder, a process, or `()`.
///
/// Where starting takes long, `contract_tests!(name: start, make)` defines one test of them all: it
/// calls `start()` once, and then `make(&started, "name of the promise")` for an empty store each.
#[macro_export]
macro_rules! contract_tests {
    ($make:path) => { $crate::contract_tests! { [$make] } };
    ($test:ident: $start:path, $make:path) => { $crate::contract_tests! { [$test $start, $make] } };
    ([$($how:tt)*]) => {
        $crate::contract_tests! { [$($how)*] =>
            a_subject_nobody_knows_is_blank
            an_update_is_seen_by_every_later_load
            a_step_that_keeps_changes_nothing
            no_two_updates_start_from_the_same_state
            revocations_arrive_in_the_order_of_their_commits
            revocations_of_many_subjects_arrive_once
            a_heartbeat_proves_that_everything_was_read
            a_heartbeat_of_a_subject_is_behind_its_revocations
            revocations_are_there_when_the_update_returns
            a_tail_waits_for_the_first_revocation
            a_tail_that_waits_in_vain_answers_nothing
            pages_visit_every_subject_once
        }
    };
    ([$test:ident $start:path, $make:path] => $($name:ident)*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $test() {
            let started = $start().await;
            $(
                let store = $make(&started, stringify!($name)).await;
                $crate::contract::$name(&store).await.expect(stringify!($name));
            )*
        }
    };
    ([$make:path] => $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (store, _alive) = $make().await;
            $crate::contract::$name(&store).await.expect("the store answers");
        }
    )*};
}

/// A subject of whom nothing was ever stored loads as a blank one.
pub async fn a_subject_nobody_knows_is_blank<S: SessionStore + 'static>(store: &Arc<S>) -> Outcome {
    let nobody = SubjectKey::of("nobody");

    assert_eq!(store.load(nobody).await?, Subject::new(nobody));
    Ok(())
}

/// An update that returned is what every later load sees.
pub async fn an_update_is_seen_by_every_later_load<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let alice = SubjectKey::of("alice");

    for version in 1..=50 {
        assert_eq!(store.update(alice, count).await?, version);
        assert_eq!(store.load(alice).await?.version, version);
    }
    assert_eq!(store.load(SubjectKey::of("bob")).await?.version, 0, "another subject");
    Ok(())
}

/// A step without a new state leaves the old one, and its revocations still count.
pub async fn a_step_that_keeps_changes_nothing<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let alice = SubjectKey::of("alice");
    store.update(alice, count).await?;

    store.update(alice, |_| Step::keep(()).revoking([target(1)], FOREVER)).await?;

    assert_eq!(store.load(alice).await?.version, 1);
    assert_eq!(store.tail(Cursor::START, Duration::ZERO).await?.revocations.len(), 1);
    Ok(())
}

/// Of many concurrent updates of one subject, each starts where another has ended.
pub async fn no_two_updates_start_from_the_same_state<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let alice = SubjectKey::of("alice");
    let mut updates = JoinSet::new();
    for _ in 0..64 {
        let store = Arc::clone(store);
        updates.spawn(async move { store.update(alice, count).await });
    }

    let versions: Result<Vec<u64>, StoreError> = updates.join_all().await.into_iter().collect();

    let mut versions = versions?;

    versions.sort_unstable();
    assert_eq!(versions, (1..=64).collect::<Vec<_>>());
    Ok(())
}

/// The feed tells what was revoked of a subject in order, from any place on, and each once.
pub async fn revocations_arrive_in_the_order_of_their_commits<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let alice = SubjectKey::of("alice");
    for n in 0..20 {
        let step =
            move |_: &Subject| Step::keep(()).revoking([target(2 * n), target(2 * n + 1)], FOREVER);
        store.update(alice, step).await?;
    }

    let mut seen = Vec::new();
    let mut cursor = Cursor::START;
    loop {
        let batch = store.tail(cursor, Duration::ZERO).await?;
        if batch.revocations.is_empty() {
            break;
        }
        assert!(batch.cursor > cursor, "a batch goes on");
        seen.extend(batch.revocations);
        cursor = batch.cursor;
    }

    let expected = (0..40).map(|n| Revocation { target: target(n), until: FOREVER });
    assert_eq!(seen, expected.collect::<Vec<_>>());
    Ok(())
}

/// No update returns before its revocations are in the feed.
pub async fn revocations_are_there_when_the_update_returns<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let mut cursor = Cursor::START;
    for n in 0..50 {
        let step = move |_: &Subject| Step::keep(()).revoking([target(n)], FOREVER);
        store.update(SubjectKey::of("alice"), step).await?;

        let batch = store.tail(cursor, Duration::ZERO).await?;
        assert_eq!(batch.revocations, [Revocation { target: target(n), until: FOREVER }]);
        cursor = batch.cursor;
    }
    Ok(())
}

/// A tail with patience answers once there is something to tell, be it that there is nothing yet.
pub async fn a_tail_waits_for_the_first_revocation<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let tail = async {
        let mut batch = store.tail(Cursor::START, Duration::from_mins(1)).await?;
        while batch.revocations.is_empty() {
            let cursor = batch.cursor;
            batch = store.tail(cursor, Duration::from_mins(1)).await?;
            assert!(batch.cursor > cursor, "it waits for more than it has told");
        }
        Ok(batch)
    };
    let update = async {
        tokio::task::yield_now().await;
        let step = |_: &Subject| Step::keep(()).revoking([target(1)], FOREVER);
        store.update(SubjectKey::of("alice"), step).await
    };

    let (batch, updated) = tokio::join!(tail, update);

    updated?;
    let batch: Batch = batch?;
    assert_eq!(batch.revocations.len(), 1);
    Ok(())
}

/// A tail that is out of patience answers an empty batch and stays where it was.
pub async fn a_tail_that_waits_in_vain_answers_nothing<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let batch = store.tail(Cursor::at(7), Duration::from_millis(20)).await?;

    assert!(batch.revocations.is_empty());
    assert!(batch.cursor >= Cursor::at(7), "it never goes back");
    Ok(())
}

/// Of many subjects, each revocation is told once, whoever they belong to.
pub async fn revocations_of_many_subjects_arrive_once<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    for n in 0..100 {
        let subject = SubjectKey::of(&format!("subject {n}"));
        let step = move |_: &Subject| Step::keep(()).revoking([target(n)], FOREVER);
        store.update(subject, step).await?;
    }

    let told = all(store, Cursor::START).await?;

    let told: Vec<_> = told.iter().flat_map(|batch| &batch.revocations).collect();
    let is_told = |n| told.iter().filter(|revocation| revocation.target == target(n)).count();
    assert!((0..100).all(|n| is_told(n) == 1), "{told:?}");
    assert_eq!(told.len(), 100);
    Ok(())
}

/// A heartbeat answers a place behind everything acknowledged before it. Whoever has read up to there
/// is complete up to a place that moves on, and before which nothing more will come.
pub async fn a_heartbeat_proves_that_everything_was_read<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let (mut cursor, mut complete) = (Cursor::START, Place::default());
    for n in 0..20 {
        let subject = SubjectKey::of(&format!("subject {n}"));
        let step = move |_: &Subject| Step::keep(()).revoking([target(n)], FOREVER);
        store.update(subject, step).await?;

        let beaten = store.beat().await?;
        let told = all(store, cursor).await?;

        cursor = told.iter().map(|batch| batch.cursor).max().unwrap_or_default();
        assert!(cursor >= beaten, "{told:?} {beaten:?}");
        let news: Vec<_> = told.iter().filter(|batch| !batch.revocations.is_empty()).collect();
        assert!(news.iter().all(|batch| batch.highest > complete), "{told:?} {complete:?}");
        assert_eq!(news.iter().flat_map(|batch| &batch.revocations).count(), 1);
        let covered = told.iter().map(|batch| batch.complete).max().unwrap_or_default();
        assert!(covered > complete, "it moves on");
        complete = covered;
    }
    Ok(())
}

/// A heartbeat of one subject answers a place behind everything revoked of it.
pub async fn a_heartbeat_of_a_subject_is_behind_its_revocations<S: SessionStore + 'static>(
    store: &Arc<S>,
) -> Outcome {
    let alice = SubjectKey::of("alice");
    store.update(alice, |_| Step::keep(()).revoking([target(1)], FOREVER)).await?;

    let beaten = store.beat_of(alice).await?;

    let told = all(store, Cursor::START).await?;
    let until = told.iter().find(|batch| batch.cursor >= beaten);
    assert!(until.is_some(), "{told:?} {beaten:?}");
    assert_eq!(told.iter().map(|batch| batch.revocations.len()).sum::<usize>(), 1);
    Ok(())
}

/// All batches after a cursor, the last of which has no revocations.
async fn all<S: SessionStore>(
    store: &Arc<S>,
    mut cursor: Cursor,
) -> Result<Vec<Batch>, StoreError> {
    let mut batches = Vec::new();
    loop {
        let batch = store.tail(cursor, Duration::ZERO).await?;
        cursor = batch.cursor;
        batches.push(batch);
        if batches.last().is_some_and(|batch| batch.revocations.is_empty()) {
            return Ok(batches);
        }
    }
}

/// Paging through the subjects meets each of them once, in the order of their keys.
pub async fn pages_visit_every_subject_once<S: SessionStore + 'static>(store: &Arc<S>) -> Outcome {
    let mut expected: Vec<_> = (0..25).map(|n| SubjectKey::of(&n.to_string())).collect();
    for subject in &expected {
        store.update(*subject, count).await?;
    }

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.subjects(Page { after, limit: 10 }).await?;
        seen.extend(page.subjects.iter().map(|subject| subject.key));
        after = page.next;
        if after.is_none() {
            break;
        }
    }

    expected.sort_unstable();
    assert_eq!(seen, expected);
    Ok(())
}

fn count(subject: &Subject) -> Step<u64> {
    let version = subject.version + 1;
    Step::change(Subject { version, ..subject.clone() }, version)
}

fn target(n: u64) -> Target {
    let session = SessionId::new(SubjectKey::of("alice"), n.to_be_bytes());
    Target::Session(session, Reason::Revoked)
}
