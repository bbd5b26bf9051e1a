use std::time::Duration;

use jeton::{Algorithm, Reason, SubjectKey, Timestamp};
use jeton_session::{Cursor, Keyring, Login, Page, SessionStore as _, Sessions, Terms};
use jeton_store::SqliteStore;
use tempfile::{TempDir, tempdir};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_hours(24);

async fn sessions() -> (Sessions<SqliteStore>, TempDir) {
    let folder = tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("jeton.db")).unwrap();
    let keyring = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let terms = Terms::new("https://login.example", "https://api.example");
    (Sessions::start(store, terms, keyring).await.unwrap(), folder)
}

async fn sweep(store: &SqliteStore, now: Timestamp) -> usize {
    let mut steps = 1;
    while store.sweep(now).await.unwrap() {
        steps += 1;
    }
    steps
}

#[tokio::test]
async fn living_sessions_and_revocations_stay() {
    let (sessions, _folder) = sessions().await;
    let alice = SubjectKey::of("alice");
    sessions.open(Login::of("alice"), NOW).await.unwrap();
    let ended = sessions.open(Login::of("alice"), NOW).await.unwrap();
    sessions.end(ended.session, Reason::LoggedOut, NOW).await.unwrap();

    sweep(sessions.store(), NOW.after(sessions.terms().retention()).before(Duration::from_secs(1)))
        .await;

    assert_eq!(sessions.list(alice, NOW).await.unwrap().len(), 1);
    let feed = sessions.store().tail(Cursor::START, Duration::ZERO).await.unwrap();
    assert_eq!(feed.revocations.len(), 1);
}

#[tokio::test]
async fn the_dead_leave_in_bounded_steps() {
    let (sessions, _folder) = sessions().await;
    for n in 0..1_200 {
        let pair = sessions.open(Login::of(n.to_string()), NOW).await.unwrap();
        if n % 2 == 0 {
            sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();
        }
    }

    let steps = sweep(sessions.store(), NOW.after(91 * DAY)).await;

    assert!(steps >= 2, "600 subjects and 600 revocations, 500 a step: {steps}");
    let left = sessions.store().subjects(Page { after: None, limit: 10 }).await.unwrap();
    assert!(left.subjects.is_empty());
    let feed = sessions.store().tail(Cursor::START, Duration::ZERO).await.unwrap();
    assert!(feed.revocations.is_empty());
    assert_eq!(feed.cursor, sessions.store().beat().await.unwrap(), "goes on behind the forgotten");
}

#[tokio::test]
async fn a_version_outlives_the_sessions() {
    let (sessions, _folder) = sessions().await;
    let alice = SubjectKey::of("alice");
    sessions.open(Login::of("alice"), NOW).await.unwrap();
    sessions.recall(alice, NOW).await.unwrap();

    sweep(sessions.store(), NOW.after(91 * DAY)).await;

    let subject = sessions.store().load(alice).await.unwrap();
    assert!(subject.sessions.is_empty());
    assert_eq!(subject.version, 1, "counters never fall");
}
