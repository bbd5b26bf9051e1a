//! A store that commits and is slow to say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jeton::{Algorithm, SubjectKey};
use jeton_session::{
    Batch, Cursor, Keyring, Login, MemoryStore, Outcome, Page, RefreshError, SessionStore,
    Sessions, Step, StoreError, Subject, SubjectPage,
};
use tokio::sync::Semaphore;

use crate::support::{NOW, at, terms};

/// Commits at once and answers when it is let.
struct Slow {
    inner: MemoryStore,
    answers: Arc<Semaphore>,
}

impl SessionStore for Slow {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        let answer = self.inner.update(subject, step).await;
        drop(self.answers.acquire().await.unwrap());
        answer
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.inner.load(subject).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        self.inner.subjects(page).await
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        self.inner.tail(after, patience).await
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.inner.beat().await
    }
}

/// INV4, R3: a client that was told to try again, and comes back a second after the grace because
/// the store had stalled for one, is no thief. One that comes still later is.
#[tokio::test]
async fn a_stall_of_the_store_is_not_held_against_its_victims() {
    let answers = Arc::new(Semaphore::new(1));
    let store = Slow { inner: MemoryStore::new(), answers: Arc::clone(&answers) };
    let keyring = Keyring::generate(Algorithm::Hs256, NOW).unwrap();
    let sessions = Sessions::start(store, terms(), keyring).await.unwrap();
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();

    let held = answers.acquire().await.unwrap();
    let late = sessions.refresh(&pair.refresh_token, NOW);
    // The stall is real time, which is what is measured; no test could hurry it.
    let (late, ()) = tokio::join!(late, async {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        drop(held);
    });
    let victim = sessions.refresh(&pair.refresh_token, at(11)).await;
    let thief = sessions.refresh(&pair.refresh_token, at(60)).await;

    let (late, victim) = (late.unwrap().pair, victim.unwrap());
    assert_eq!(victim.outcome, Outcome::Repeated, "11 seconds later, with a grace of 10");
    assert_eq!(victim.pair.refresh_token, late.refresh_token);
    assert_eq!(thief, Err(RefreshError::Replayed));
}

/// Commits, and fails to say so while it is down.
struct Down {
    inner: MemoryStore,
    is_down: Arc<AtomicBool>,
}

impl Down {
    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        let is_down = self.is_down.load(Ordering::SeqCst);
        if is_down { Err(StoreError::new("no answer")) } else { Ok(answer) }
    }
}

impl SessionStore for Down {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.answer(self.inner.update(subject, step).await?)
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.inner.load(subject).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        self.inner.subjects(page).await
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        self.inner.tail(after, patience).await
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.answer(self.inner.beat().await?)
    }
}

/// INV4: a rotation that was made while nobody could be told is repeated when the store is back,
/// whether this process has seen the outage by that refresh or by its heartbeats alone.
#[tokio::test]
async fn an_outage_of_the_store_is_not_held_against_its_victims() {
    for seen_by_heartbeats in [false, true] {
        let is_down = Arc::new(AtomicBool::new(false));
        let store = Down { inner: MemoryStore::new(), is_down: Arc::clone(&is_down) };
        let keyring = Keyring::generate(Algorithm::Hs256, NOW).unwrap();
        let sessions = Sessions::start(store, terms(), keyring).await.unwrap();
        let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();

        if seen_by_heartbeats {
            let rotated = sessions.refresh(&pair.refresh_token, NOW).await;
            assert!(rotated.is_ok(), "whose answer got lost on its way from another node");
            is_down.store(true, Ordering::SeqCst);
            assert!(sessions.beat().await.is_err());
        } else {
            is_down.store(true, Ordering::SeqCst);
            let rotated = sessions.refresh(&pair.refresh_token, NOW).await;
            assert!(matches!(rotated, Err(RefreshError::Unavailable(_))), "{rotated:?}");
        }
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        is_down.store(false, Ordering::SeqCst);
        let victim = sessions.refresh(&pair.refresh_token, at(11)).await;

        assert_eq!(victim.map(|refreshed| refreshed.outcome), Ok(Outcome::Repeated));
    }
}
