use std::sync::Arc;
use std::time::Duration;

use jeton::{Reason, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::{Cursor, SessionStore as _, Step, Subject};
use jeton_store::SqliteStore;
use rusqlite::Connection;
use tempfile::tempdir;
use tokio::task::JoinSet;

const LATER: Timestamp = Timestamp::from_secs(1 << 40);

fn count(subject: &Subject) -> Step<u64> {
    let version = subject.version + 1;
    Step::change(Subject { version, ..subject.clone() }, version)
}

fn count_and_revoke(subject: &Subject) -> Step<u64> {
    let session = SessionId::new(subject.key, subject.version.to_be_bytes());
    count(subject).revoking([Target::Session(session, Reason::Revoked)], LATER)
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let alice = SubjectKey::of("alice");
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..3 {
        store.update(alice, count_and_revoke).await.unwrap();
    }
    let before = store.tail(Cursor::START, Duration::ZERO).await.unwrap();
    drop(store);

    let store = SqliteStore::open(&path).unwrap();

    assert_eq!(store.load(alice).await.unwrap().version, 3);
    assert_eq!(store.tail(Cursor::START, Duration::ZERO).await.unwrap(), before);
    assert_eq!(before.revocations.len(), 3);
}

#[tokio::test]
async fn a_position_of_the_feed_is_never_used_twice() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let alice = SubjectKey::of("alice");
    let store = SqliteStore::open(&path).unwrap();
    store.update(alice, count_and_revoke).await.unwrap();
    let first = store.tail(Cursor::START, Duration::ZERO).await.unwrap().cursor;
    store.sweep(LATER).await.unwrap();
    assert!(store.tail(Cursor::START, Duration::ZERO).await.unwrap().revocations.is_empty());
    drop(store);

    let store = SqliteStore::open(&path).unwrap();
    store.update(alice, count_and_revoke).await.unwrap();

    let batch = store.tail(first, Duration::ZERO).await.unwrap();
    assert_eq!(batch.revocations.len(), 1, "seen from the old cursor");
}

/// Group commit: updates that wait together are answered together, and none gets lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_updates_loses_nothing() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let mut crowd = JoinSet::new();
    for n in 0..2_000_u32 {
        let (store, subject) = (Arc::clone(&store), SubjectKey::of(&(n % 50).to_string()));
        crowd.spawn(async move { store.update(subject, count_and_revoke).await.unwrap() });
    }

    crowd.join_all().await;

    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    for n in 0..50 {
        assert_eq!(store.load(SubjectKey::of(&n.to_string())).await.unwrap().version, 40);
    }
    let (mut cursor, mut revocations) = (Cursor::START, 0);
    loop {
        let batch = store.tail(cursor, Duration::ZERO).await.unwrap();
        if batch.revocations.is_empty() {
            break;
        }
        revocations += batch.revocations.len();
        cursor = batch.cursor;
    }
    assert_eq!(revocations, 2_000);
}

/// Whoever asked may hang up: the update happens all the same, once.
#[tokio::test]
async fn an_update_whose_caller_has_gone_is_still_whole() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let store = SqliteStore::open(&path).unwrap();
    let alice = SubjectKey::of("alice");

    for _ in 0..20 {
        let update = store.update(alice, count_and_revoke);
        let _ = tokio::time::timeout(Duration::from_nanos(1), update).await;
    }
    drop(store);

    let store = SqliteStore::open(&path).unwrap();
    let version = store.load(alice).await.unwrap().version;
    let feed = store.tail(Cursor::START, Duration::ZERO).await.unwrap();
    assert_eq!(u64::try_from(feed.revocations.len()).unwrap(), version, "state and feed agree");
}

/// A commit that cannot be made answers an error to everyone in it and changes nothing.
#[tokio::test]
async fn a_writer_that_cannot_write_refuses_and_recovers() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let store = SqliteStore::open(&path).unwrap();
    let alice = SubjectKey::of("alice");
    store.update(alice, count).await.unwrap();
    // Another connection cannot limit the writer's pages, but it can hold the write lock for longer
    // than the writer waits: the same kind of error, undone cleanly.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = store.update(alice, count).await;
    other.execute_batch("ROLLBACK").unwrap();

    assert!(refused.is_err(), "unknown, so an error");
    assert_eq!(store.load(alice).await.unwrap().version, 1);
    assert_eq!(store.update(alice, count).await, Ok(2));
}
