//! A store of several processes that has lost a session, while its tokens are alive.

use std::time::Duration;

use jeton::{Algorithm, Reason, SubjectKey};
use jeton_session::{
    Batch, Cursor, FIRST_PARTY, Keyring, Login, MemoryStore, Page, Revocable, SessionStore,
    Sessions, Step, StoreError, Subject, SubjectPage, TokenPair,
};

use crate::support::{NOW, at, terms};

/// A store that others write as well, unless it is not named.
struct Shared {
    store: MemoryStore,
    name: Option<u64>,
}

impl SessionStore for Shared {
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
        self.store.tail(after, patience).await
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.store.beat().await
    }

    fn feed(&self) -> Option<u64> {
        self.name
    }
}

/// Alice has logged in, and the store does not know of it any more.
async fn lost(name: Option<u64>) -> (Sessions<Shared>, TokenPair) {
    let store = Shared { store: MemoryStore::new(), name };
    let keyring = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let sessions = Sessions::start(store, terms(), keyring).await.unwrap();
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let lose =
        |subject: &Subject| Step::change(Subject { sessions: Vec::new(), ..subject.clone() }, ());
    sessions.store().update(pair.session.subject(), lose).await.unwrap();
    (sessions, pair)
}

async fn revocations(sessions: &Sessions<Shared>) -> usize {
    let batch = sessions.store().tail(Cursor::START, Duration::ZERO).await.unwrap();
    batch.revocations.len()
}

/// INV1: whoever logs out is told that the session has ended, so its tokens are refused from then on.
#[tokio::test]
async fn who_logs_out_of_a_session_that_was_lost_is_logged_out() {
    let (sessions, pair) = lost(Some(7)).await;
    assert!(sessions.guard().check(&pair.access_token, at(1)).is_ok());

    let ended = sessions.end(pair.session, Reason::LoggedOut, at(1)).await.unwrap();

    assert!(!ended, "it was not there");
    let refusal = sessions.guard().check(&pair.access_token, at(1)).unwrap_err();
    assert_eq!(refusal.code(), "logged_out");
    assert!(!sessions.end(pair.session, Reason::Banned, at(2)).await.unwrap());
    assert_eq!(revocations(&sessions).await, 1, "said once");
}

/// INV1: the same where a client revokes its refresh token.
#[tokio::test]
async fn a_refresh_token_of_a_session_that_was_lost_revokes_its_access_tokens() {
    let (sessions, pair) = lost(Some(7)).await;

    let revoked = sessions.revoke(&pair.refresh_token, FIRST_PARTY, at(1)).await.unwrap();

    assert_eq!(revoked, Revocable::Nothing);
    let refusal = sessions.guard().check(&pair.access_token, at(1)).unwrap_err();
    assert_eq!(refusal.code(), "revoked");
}

/// INV1: whoever ends everything need not know what there was.
#[tokio::test]
async fn whoever_ends_all_sessions_ends_those_that_were_lost() {
    let (sessions, pair) = lost(Some(7)).await;
    let later = sessions.open(Login::of("alice"), at(1)).await.unwrap();

    let ended = sessions.end_all(SubjectKey::of("alice"), Reason::Banned, at(2)).await.unwrap();

    assert_eq!(ended, 1);
    let code = |token| sessions.guard().check(token, at(2)).unwrap_err().code();
    assert_eq!(code(&later.access_token), "banned");
    assert_eq!(code(&pair.access_token), "token_recalled");
}

/// Where one process writes, and waits for the disk, nothing is lost: what is not there has ended.
#[tokio::test]
async fn a_store_of_one_process_is_told_nothing_of_sessions_that_are_not_there() {
    let (sessions, pair) = lost(None).await;

    assert!(!sessions.end(pair.session, Reason::LoggedOut, at(1)).await.unwrap());
    let all = sessions.end_all(SubjectKey::of("alice"), Reason::Banned, at(1)).await.unwrap();

    assert_eq!((all, revocations(&sessions).await), (0, 0));
}
