//! What verifiers are told while the store fails, hangs and comes back.

mod double;
mod fleet;

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use jeton::{Algorithm, Reason, SubjectKey, Target, Timestamp};
use jeton_feed::wire::{FeedCursor, Polled};
use jeton_session::{
    Batch, Cursor, Keyring, Login, MemoryStore, Page, SessionStore, Sessions, Step, StoreError,
    Subject, SubjectPage, Terms,
};
use tokio::time::{sleep, timeout};

use crate::feed::Feed;
use crate::settings::Settings;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

const WORKS: u8 = 0;
const FAILS: u8 = 1;
const HANGS: u8 = 2;

/// A store whose feed and heartbeat can be made to fail or to hang.
#[derive(Debug, Default)]
struct Flaky {
    store: MemoryStore,
    state: AtomicU8,
}

impl Flaky {
    fn set(&self, state: u8) {
        self.state.store(state, Ordering::Relaxed);
    }

    async fn suffer(&self) -> Result<(), StoreError> {
        while self.state.load(Ordering::Relaxed) == HANGS {
            sleep(Duration::from_millis(10)).await;
        }
        match self.state.load(Ordering::Relaxed) {
            FAILS => Err(StoreError::new("on purpose")),
            _ => Ok(()),
        }
    }
}

impl SessionStore for Flaky {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.store.update(subject, step).await
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.store.load(subject).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        self.store.subjects(page).await
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        self.suffer().await?;
        let batch = self.store.tail(after, patience).await;
        self.suffer().await?;
        batch
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.suffer().await?;
        self.store.beat().await
    }
}

async fn sessions(store: Flaky) -> Sessions<Flaky> {
    let keyring = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let terms = Terms::new("https://login.example", "https://api.example");
    Sessions::start(store, terms, keyring).await.unwrap()
}

async fn feed(sessions: &Sessions<Flaky>) -> Feed {
    let mut settings = Settings::default();
    settings.feed.canary = 0;
    Feed::new(sessions, &settings, || NOW).await.unwrap()
}

async fn end_a_session(sessions: &Sessions<Flaky>) {
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();
    sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();
}

async fn poll(feed: &Feed, position: u64) -> Polled {
    let cursor = FeedCursor { feed: feed.publisher().feed(), position };
    let polled = feed.publisher().poll(Some(cursor), Duration::ZERO).await.unwrap();
    serde_json::from_slice(&polled).unwrap()
}

/// INV1, INV5: what was revoked during an outage is told after it, and nobody who has not heard of it
/// is told that he knows everything.
#[tokio::test(start_paused = true)]
async fn while_the_store_suffers_the_age_grows_and_afterwards_nothing_is_missing() {
    for outage in [FAILS, HANGS] {
        let sessions = sessions(Flaky::default()).await;
        let feed = feed(&sessions).await;
        let act = async {
            sleep(Duration::from_millis(1_500)).await;
            let before = poll(&feed, 0).await;
            sessions.store().set(outage);
            end_a_session(&sessions).await;
            sleep(Duration::from_secs(20)).await;
            let during = poll(&feed, 0).await;
            sessions.store().set(WORKS);
            sleep(Duration::from_secs(4)).await;
            [before, during, poll(&feed, 0).await]
        };

        let [before, during, after] = tokio::select! {
            () = feed.run(&sessions, || NOW) => unreachable!(),
            told = act => told,
        };

        assert!(before.complete.age_ms <= 1_001, "{outage}: {before:?}");
        assert!(during.e.is_empty() && during.complete.age_ms >= 20_000, "{outage}: {during:?}");
        assert_eq!(after.e.len(), 1, "{outage}: {after:?}");
        assert!(after.complete.age_ms <= 1_001, "{outage}: {after:?}");
    }
}

/// INV1: what another process has revoked is refused here, too, when others are told of it.
#[tokio::test(start_paused = true)]
async fn what_others_have_revoked_is_on_the_list_when_it_is_published() {
    let sessions = sessions(Flaky::default()).await;
    let feed = feed(&sessions).await;
    let session = sessions.open(Login::of("alice"), NOW).await.unwrap().session;
    let until = NOW.after(sessions.terms().retention());
    let step = move |_: &Subject| {
        Step::keep(()).revoking([Target::Session(session, Reason::Kicked)], until)
    };
    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        sessions.store().update(session.subject(), step).await.unwrap();
        while poll(&feed, 0).await.e.is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };

    tokio::select! {
        () = feed.run(&sessions, || NOW) => unreachable!(),
        () = act => {}
    }

    assert_eq!(sessions.guard().revocations().ended(session), Some(Reason::Kicked));
}

/// INV5: a heartbeat of the store proves nothing until what it has passed is published.
#[tokio::test(start_paused = true)]
async fn a_feed_that_cannot_be_followed_is_not_complete() {
    let sessions = sessions(Flaky::default()).await;
    let feed = feed(&sessions).await;
    end_a_session(&sessions).await;

    let proof = timeout(Duration::from_mins(1), super::prove::beat(&feed, &sessions)).await;

    assert!(proof.is_err());
    assert!(!feed.publisher().is_ready(), "nobody has followed");
}

/// What has expired before anybody followed is waited for by nobody.
#[tokio::test(start_paused = true)]
async fn a_feed_whose_revocations_have_all_expired_is_complete() {
    let store = Flaky::default();
    let early = sessions(store).await;
    end_a_session(&early).await;
    early.store().store.sweep(NOW.after(Duration::from_hours(1)));
    let feed = feed(&early).await;

    let _ = timeout(Duration::from_secs(2), feed.run(&early, || NOW)).await;

    assert!(feed.publisher().is_ready());
}

/// A canary of this feed is told, one of another is not, and neither is on a list.
#[tokio::test(start_paused = true)]
async fn canaries_are_sent_as_often_as_they_should() {
    let sessions = sessions(Flaky::default()).await;
    let mut feed = feed(&sessions).await;
    feed.canary = Duration::from_secs(10);
    let stranger = jeton_session::Canary { sender: 1, t: 2 };
    sessions.send_canary(stranger, NOW).await.unwrap();

    let _ = timeout(Duration::from_secs(35), feed.run(&sessions, || NOW)).await;

    assert_eq!(poll(&feed, 0).await.e.len(), 4);
    assert!(sessions.guard().revocations().is_empty());
}
