//! The store in memory: the promises of every store, and forgetting.

use std::sync::Arc;
use std::time::Duration;

use jeton::{Reason, SubjectKey};
use jeton_session::{Cursor, Login, MemoryStore, SessionStore as _};

use crate::support::{Issuer, NOW, at, dump, feed, terms};

jeton_session::contract_tests!(empty);

#[expect(clippy::unused_async, reason = "other stores wait for a file or a server")]
async fn empty() -> (Arc<MemoryStore>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

/// INV10: a sweep forgets expired sessions and revocations, and in their very second.
#[tokio::test]
async fn a_sweep_forgets_what_has_expired() {
    let issuer = Issuer::new().await;
    let store = issuer.sessions.store();
    let idle = terms().idle_lifetime.as_secs();
    let alice = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    issuer.sessions.open(Login::of("bob"), at(1)).await.unwrap();
    issuer.sessions.end(alice.session, Reason::LoggedOut, NOW).await.unwrap();

    let left = async |secs| {
        store.sweep(at(secs));
        let dump = dump(store).await;
        (dump.feed.len(), dump.subjects.len())
    };

    assert_eq!(left(689).await, (1, 1), "Alice has no session left");
    assert_eq!(left(690).await, (0, 1));
    assert_eq!(left(idle).await, (0, 1));
    assert_eq!(left(idle + 1).await, (0, 0));
}

/// INV11: a recalled subject is remembered without any session.
#[tokio::test]
async fn a_sweep_never_forgets_a_version() {
    let issuer = Issuer::new().await;
    issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    issuer.sessions.recall(SubjectKey::of("alice"), NOW).await.unwrap();

    issuer.sessions.store().sweep(NOW.after(Duration::from_hours(365 * 24)));

    let alice = issuer.subject("alice").await;
    assert_eq!((alice.version, alice.sessions.len()), (1, 0));
}

/// INV1: no place in the feed is given twice, so whoever waits at one misses nothing.
#[tokio::test]
async fn a_cursor_goes_on_behind_a_sweep() {
    let issuer = Issuer::new().await;
    let store = issuer.sessions.store();
    let end = async |name, now| {
        let pair = issuer.sessions.open(Login::of(name), now).await.unwrap();
        issuer.sessions.end(pair.session, Reason::LoggedOut, now).await.unwrap();
    };
    end("alice", NOW).await;
    let read = store.tail(Cursor::START, Duration::ZERO).await.unwrap();

    store.sweep(at(690));
    let nothing = store.tail(Cursor::START, Duration::ZERO).await.unwrap();
    assert_eq!((nothing.revocations.len(), nothing.cursor), (0, read.cursor));
    end("bob", at(690)).await;

    let next = store.tail(read.cursor, Duration::ZERO).await.unwrap();
    assert!(next.cursor > read.cursor);
    assert_eq!(next.revocations, feed(store).await);
    assert_eq!(next.revocations.len(), 1);
}
