//! An issuer on a store in memory, and hands to look into it and to forge with.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Algorithm, Guard, KeyId, Revocation, RevocationList, SecretKey, SigningKey};
use jeton::{SubjectKey, Timestamp, base64url};
use jeton_session::{Cursor, Keyring, MemoryStore, Page, SessionStore, Sessions, Subject, Terms};
use serde_json::{Map, Value};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// This many seconds later than [`NOW`].
pub(crate) const fn at(secs: u64) -> Timestamp {
    NOW.after(Duration::from_secs(secs))
}

pub(crate) fn terms() -> Terms {
    Terms::new(ISSUER, AUDIENCE)
}

/// An issuer whose keys the test holds as well.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) sessions: Arc<Sessions<MemoryStore>>,
    pub(crate) keyring: Keyring,
}

impl Issuer {
    /// On default terms. Shared secrets, since they sign fastest.
    pub(crate) async fn new() -> Self {
        Self::on(terms()).await
    }

    pub(crate) async fn on(terms: Terms) -> Self {
        Self::with(terms, Keyring::generate(Algorithm::Hs256, NOW).unwrap()).await
    }

    pub(crate) async fn with(terms: Terms, keyring: Keyring) -> Self {
        let sessions = Sessions::start(MemoryStore::new(), terms, keyring.clone());
        Self { sessions: Arc::new(sessions.await.unwrap()), keyring }
    }

    pub(crate) fn set_keyring(&mut self, keyring: Keyring) {
        self.sessions.set_keyring(keyring.clone()).unwrap();
        self.keyring = keyring;
    }

    /// A guard as a resource server makes one that starts now: today's keys, the whole feed.
    pub(crate) async fn fresh_guard(&self) -> Guard {
        let list = RevocationList::new();
        for revocation in feed(self.sessions.store()).await {
            list.add(&revocation);
        }
        let keys = self.keyring.access_keys().unwrap();
        let policy = self.sessions.terms().access_policy();
        Guard::with_cache(keys, policy, Arc::new(list), 0)
    }

    pub(crate) async fn subject(&self, name: &str) -> Subject {
        let subject = SubjectKey::of(name);
        self.sessions.store().load(subject).await.unwrap()
    }
}

/// Everything that a store knows.
#[derive(Debug, PartialEq)]
pub(crate) struct Dump {
    pub(crate) subjects: Vec<Subject>,
    pub(crate) feed: Vec<Revocation>,
}

pub(crate) async fn dump(store: &impl SessionStore) -> Dump {
    let page = Page { after: None, limit: usize::MAX };
    Dump { subjects: store.subjects(page).await.unwrap().subjects, feed: feed(store).await }
}

/// All revocations that a store remembers.
pub(crate) async fn feed(store: &impl SessionStore) -> Vec<Revocation> {
    let (mut all, mut cursor) = (Vec::new(), Cursor::START);
    loop {
        let batch = store.tail(cursor, Duration::ZERO).await.unwrap();
        if batch.revocations.is_empty() {
            return all;
        }
        all.extend(batch.revocations);
        cursor = batch.cursor;
    }
}

/// What a token says, read without any check.
pub(crate) fn payload(token: &str) -> Map<String, Value> {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap()
}

/// `kid` of a token, read without any check.
pub(crate) fn key_id(token: &str) -> KeyId {
    let part = token.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&base64url::decode(part).unwrap()).unwrap();
    KeyId::new(header["kid"].as_str().unwrap()).unwrap()
}

/// The first key of a purpose, out of the keyring's document: who has it may sign anything.
pub(crate) fn stolen_key(keyring: &Keyring, purpose: &str) -> SigningKey {
    let document: Value = serde_json::from_str(&keyring.to_document()).unwrap();
    let entry = &document[purpose][0];
    let secret = base64url::decode(entry["material"].as_str().unwrap()).unwrap();
    let id = KeyId::new(entry["kid"].as_str().unwrap()).unwrap();
    SigningKey::secret(SecretKey::new(Algorithm::Hs256, &secret).unwrap()).with_id(id)
}

/// How many different strings there are.
pub(crate) fn distinct<'a>(strings: impl IntoIterator<Item = &'a String>) -> usize {
    strings.into_iter().collect::<BTreeSet<_>>().len()
}
