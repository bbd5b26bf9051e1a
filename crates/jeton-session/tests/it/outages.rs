//! Restarts, and a store that does not answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jeton::{Algorithm, KeyError, Reason, SessionId, SubjectKey, Target};
use jeton_session::{Batch, Cursor, Keyring, KeyringError, Login, MemoryStore, OpenError, Outcome};
use jeton_session::{Page, RefreshError, SessionStore, Sessions, StartError, Step, StoreError};
use jeton_session::{Subject, SubjectPage, TokenPair};
use serde_json::Value;

use crate::support::{NOW, at, dump, key_id, terms};

/// R20, X6: a store that does not answer refuses nothing; once it does, nothing has happened.
#[tokio::test]
async fn an_outage_is_unavailable_and_never_a_refusal() {
    let (line, sessions, pair) = alice().await;
    let (session, alice) = (pair.session, pair.session.subject());
    let (key, why) = (key_id(&pair.access_token), Reason::LoggedOut);
    let before = dump(&*line.store).await;
    let down = || StoreError::new("down");
    line.breaks(Fault::Request);

    let opened = sessions.open(Login::of("bob"), NOW).await;
    let refreshed = sessions.refresh(&pair.refresh_token, NOW).await;
    let acts = [
        sessions.end(session, why, NOW).await.map(drop),
        sessions.end_others(session, why, NOW).await.map(drop),
        sessions.end_all(alice, why, NOW).await.map(drop),
        sessions.recall(alice, NOW).await.map(drop),
        sessions.revoke_token(alice, "its-jti", NOW).await,
        sessions.withdraw_key(&key, NOW).await,
        sessions.list(alice, NOW).await.map(drop),
    ];

    assert_eq!(opened, Err(OpenError::Unavailable(down())));
    assert_eq!(refreshed, Err(RefreshError::Unavailable(down())));
    assert_eq!(acts, [(); 7].map(|()| Err(down())));
    assert!(sessions.guard().check(&pair.access_token, NOW).is_ok());
    assert_eq!(dump(&*line.store).await, before);
    line.breaks(Fault::None);
    assert!(sessions.refresh(&pair.refresh_token, NOW).await.is_ok());
}

/// R3, INV4: whoever did not hear the answer asks again and goes on.
#[tokio::test]
async fn a_refresh_whose_answer_was_lost_can_be_asked_again() {
    let (line, sessions, pair) = alice().await;
    line.breaks(Fault::Answer);
    for _ in 0..3 {
        let lost = sessions.refresh(&pair.refresh_token, NOW).await;
        assert!(matches!(lost, Err(RefreshError::Unavailable(_))));
    }
    line.breaks(Fault::None);

    let again = sessions.refresh(&pair.refresh_token, at(9)).await.unwrap();
    let next = sessions.refresh(&again.pair.refresh_token, at(9)).await.unwrap();

    assert_eq!((again.outcome, next.outcome), (Outcome::Repeated, Outcome::Rotated));
}

/// R20, INV1: an end whose answer was lost has happened, and the guard hears of it before anybody is
/// told so.
#[tokio::test]
async fn an_end_whose_answer_was_lost_is_found_when_asked_again() {
    for again in ["end", "end_others", "end_all", "refresh"] {
        let (line, sessions, pair) = alice().await;
        let kept = sessions.open(Login::of("alice"), NOW).await.unwrap();
        let (session, reason) = (pair.session, Reason::LoggedOut);
        line.breaks(Fault::Answer);
        let lost = sessions.end(session, reason, NOW).await;
        assert_eq!(lost, Err(StoreError::new("down")));
        line.breaks(Fault::None);

        match again {
            "end" => assert_eq!(sessions.end(session, reason, NOW).await, Ok(false)),
            "end_others" => {
                let others = sessions.end_others(kept.session, reason, NOW).await;
                assert_eq!(others, Ok(0));
            }
            "end_all" => {
                let all = sessions.end_all(session.subject(), reason, NOW).await;
                assert_eq!(all, Ok(1));
            }
            _ => {
                let refreshed = sessions.refresh(&pair.refresh_token, NOW).await;
                assert_eq!(refreshed, Err(RefreshError::Ended(Some(reason))));
            }
        }

        let refused = sessions.guard().check(&pair.access_token, NOW).unwrap_err();
        assert_eq!(refused.code(), "logged_out", "{again}");
    }
}

/// INV1: what another process revokes, this one refuses once it has caught up.
#[tokio::test]
async fn catching_up_tells_the_guard_what_others_revoked() {
    let (line, keyring) = (Line::default(), keyring());
    let here = restart(&line, &keyring).await.unwrap();
    let there = restart(&line, &keyring).await.unwrap();
    let pair = here.open(Login::of("alice"), NOW).await.unwrap();
    let checked = |code: Option<&str>| {
        let refused = here.guard().check(&pair.access_token, NOW).err();
        assert_eq!(refused.map(|refusal| refusal.code()), code);
    };

    there.recall(pair.session.subject(), NOW).await.unwrap();
    checked(None);
    here.catch_up().await.unwrap();
    checked(Some("token_recalled"));
    there.end(pair.session, Reason::Kicked, NOW).await.unwrap();
    line.breaks(Fault::Request);
    assert_eq!(here.catch_up().await, Err(StoreError::new("down")));
    line.breaks(Fault::None);
    here.catch_up().await.unwrap();

    checked(Some("kicked"));
}

/// INV1: whoever reads the feed for the guard may have begun anywhere; what was before is still read.
#[tokio::test]
async fn what_is_heard_out_of_turn_hides_nothing_before_it() {
    let (line, keyring) = (Line::default(), keyring());
    let here = restart(&line, &keyring).await.unwrap();
    let there = restart(&line, &keyring).await.unwrap();
    let alice = here.open(Login::of("alice"), NOW).await.unwrap().session;
    let bob = here.open(Login::of("bob"), NOW).await.unwrap().session;
    there.end(alice, Reason::Kicked, NOW).await.unwrap();
    there.end(bob, Reason::Banned, NOW).await.unwrap();
    let second = Cursor::at(1);
    let known = || [alice, bob].map(|session| here.guard().revocations().ended(session));

    here.heard(second, &here.store().tail(second, Duration::ZERO).await.unwrap());
    assert_eq!(known(), [None, Some(Reason::Banned)]);
    here.catch_up().await.unwrap();

    assert_eq!(known(), [Some(Reason::Kicked), Some(Reason::Banned)]);
    assert_eq!(here.followed().await, Cursor::at(2));
}

/// What was heard in turn is not read again.
#[tokio::test]
async fn what_is_heard_in_turn_is_followed() {
    let (line, keyring) = (Line::default(), keyring());
    let here = restart(&line, &keyring).await.unwrap();
    let there = restart(&line, &keyring).await.unwrap();
    let alice = here.open(Login::of("alice"), NOW).await.unwrap().session;
    there.end(alice, Reason::Kicked, NOW).await.unwrap();
    let batch = here.store().tail(Cursor::START, Duration::ZERO).await.unwrap();

    here.heard(Cursor::START, &batch);

    assert_eq!(here.guard().revocations().ended(alice), Some(Reason::Kicked));
    assert_eq!(here.followed().await, Cursor::at(1));
}

/// INV1: what was revoked before a restart is refused after it, however much it was.
#[tokio::test]
async fn revocations_survive_a_restart() {
    let (line, keyring) = (Line::default(), keyring());
    let sessions = restart(&line, &keyring).await.unwrap();
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let others = (0..2_500_u64).map(|n| {
        let session = SessionId::new(SubjectKey::of("bob"), n.to_be_bytes());
        Target::Session(session, Reason::Banned)
    });
    let others: Vec<Target> = others.collect();
    let ban = move |_: &Subject| Step::keep(()).revoking(others.clone(), at(690));
    line.store.update(SubjectKey::of("bob"), ban).await.unwrap();
    sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();

    let sessions = restart(&line, &keyring).await.unwrap();

    assert_eq!(sessions.guard().revocations().len(), 2_501);
    let refused = sessions.guard().check(&pair.access_token, NOW).unwrap_err();
    assert_eq!(refused.code(), "logged_out");
}

/// R5, R3: after a restart a repeat is the same string, and a replay is a replay.
#[tokio::test]
async fn a_refresh_is_answered_alike_after_a_restart() {
    let (line, keyring) = (Line::default(), keyring());
    let sessions = restart(&line, &keyring).await.unwrap();
    let first = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let second = sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let sessions = restart(&line, &keyring).await.unwrap();

    let repeat = sessions.refresh(&first.refresh_token, at(9)).await.unwrap();
    let replay = sessions.refresh(&first.refresh_token, at(10)).await;

    assert_eq!(repeat.pair.refresh_token, second.refresh_token);
    assert_eq!(replay, Err(RefreshError::Replayed));
    let sessions = restart(&line, &keyring).await.unwrap();
    let refused = sessions.guard().check(&second.access_token, at(10)).unwrap_err();
    assert_eq!(refused.code(), "replayed");
}

/// P12, I6: nothing starts on bad terms, on keys that cannot be told apart, or blind.
#[tokio::test]
async fn a_start_that_cannot_keep_its_promises_fails() {
    let line = Line::default();
    let mut bad = terms();
    bad.max_sessions = 0;
    let on_bad_terms = Sessions::start(line.clone(), bad, keyring()).await;
    let twice = keys_twice(&keyring()).unwrap();
    let on_bad_keys = restart(&line, &twice).await;
    line.breaks(Fault::Request);
    let on_bad_store = restart(&line, &keyring()).await;

    assert!(matches!(on_bad_terms, Err(StartError::Terms(error)) if error.name == "max_sessions"));
    assert_eq!(on_bad_keys.err(), Some(StartError::Keys(KeyError::Ambiguous)));
    assert_eq!(on_bad_store.err(), Some(StartError::Store(StoreError::new("down"))));
}

/// What goes wrong between an issuer and its store.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Fault {
    #[default]
    None,
    /// Requests do not arrive.
    Request,
    /// They do, but the answers are lost.
    Answer,
}

/// A store that outlives the process, at the end of a line that may break.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    store: Arc<MemoryStore>,
    fault: Arc<Mutex<Fault>>,
}

impl Line {
    fn breaks(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn carries(&self, direction: Fault) -> Result<(), StoreError> {
        let fault = *self.fault.lock().unwrap();
        if fault == direction { Err(StoreError::new("down")) } else { Ok(()) }
    }
}

impl SessionStore for Line {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.carries(Fault::Request)?;
        let answer = self.store.update(subject, step).await?;
        self.carries(Fault::Answer)?;
        Ok(answer)
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.carries(Fault::Request)?;
        self.store.load(subject).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        self.carries(Fault::Request)?;
        self.store.subjects(page).await
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        self.carries(Fault::Request)?;
        self.store.tail(after, patience).await
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.carries(Fault::Request)?;
        self.store.beat().await
    }
}

pub(crate) fn keyring() -> Keyring {
    Keyring::generate(Algorithm::Hs256, NOW).unwrap()
}

pub(crate) async fn restart(line: &Line, keyring: &Keyring) -> Result<Sessions<Line>, StartError> {
    Sessions::start(line.clone(), terms(), keyring.clone()).await
}

async fn alice() -> (Line, Sessions<Line>, TokenPair) {
    let line = Line::default();
    let sessions = restart(&line, &keyring()).await.unwrap();
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();
    (line, sessions, pair)
}

/// A keyring that somebody has edited: its first access key stands in it twice.
fn keys_twice(keyring: &Keyring) -> Result<Keyring, KeyringError> {
    let mut document: Value = serde_json::from_str(&keyring.to_document()).unwrap();
    let entry = document["access"][0].clone();
    document["access"].as_array_mut().unwrap().push(entry);
    Keyring::from_document(&document.to_string())
}
