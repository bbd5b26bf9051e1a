//! A subscriber, its issuer, and tokens.

use std::sync::Arc;
use std::time::Duration;

use jeton::{
    Algorithm, Fingerprint, Guard, Identity, JwkSet, KeyId, Policy, PrivateKey, Refusal, SessionId,
    SigningKey, StalePolicy, Staleness, SubjectKey, jws,
};
use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
use serde_json::{Value, json};

use crate::issuer::{Issuer, NOW, wall};

/// Longer than anything should take, and short enough to fail.
pub(crate) const MOST: Duration = Duration::from_secs(20);

pub(crate) fn key(kid: &str) -> SigningKey {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    SigningKey::private(key).with_id(KeyId::new(kid).unwrap())
}

pub(crate) fn jwks(keys: &[&SigningKey]) -> Value {
    let public = keys.iter().map(|key| (key.id().cloned(), key.public_key().unwrap()));
    serde_json::from_str(&JwkSet::new(public).to_json()).unwrap()
}

pub(crate) fn session(number: u8) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [number; 8])
}

/// An access token of a session.
pub(crate) fn token(key: &SigningKey, session: SessionId) -> String {
    let claims = json!({ "iss": "issuer", "aud": "api", "sub": "alice", "client_id": "web",
        "iat": NOW - 60, "exp": NOW + 540, "jti": session.to_string(), "sid": session.to_string() });
    jws::sign(key, "at+jwt", claims.to_string().as_bytes()).unwrap()
}

pub(crate) fn ended(session: SessionId) -> Value {
    json!(["s", Fingerprint::of_session(session).to_string(), NOW + 690, "logged_out"])
}

/// An issuer, and a subscriber that follows it.
pub(crate) struct Case {
    pub(crate) key: SigningKey,
    pub(crate) issuer: Issuer,
    pub(crate) subscriber: Subscriber,
    pub(crate) guard: Arc<Guard>,
}

/// Those of a verifier that refuses what it cannot know after five seconds.
pub(crate) fn settings(issuer: &Issuer) -> Settings {
    let staleness = Staleness { max: Duration::from_secs(5), policy: StalePolicy::Refuse };
    Settings::new(&issuer.url, Credentials::client("orders", "jcs_s:cret"), wall)
        .with_staleness(staleness)
}

/// Those of one that has less patience.
pub(crate) fn strict(issuer: &Issuer) -> Settings {
    let staleness = Staleness { max: Duration::from_millis(1_500), policy: StalePolicy::Refuse };
    settings(issuer).with_staleness(staleness)
}

impl Case {
    /// A subscriber that is ready.
    pub(crate) async fn ready() -> Self {
        let case = Self::start(settings).await;
        case.subscriber.wait_ready(MOST).await.unwrap();
        case
    }

    pub(crate) async fn start(settings: impl FnOnce(&Issuer) -> Settings) -> Self {
        let key = key("k1");
        let issuer = Issuer::start(jwks(&[&key])).await;
        Self::at(key, issuer, settings)
    }

    pub(crate) fn at(
        key: SigningKey,
        issuer: Issuer,
        settings: impl FnOnce(&Issuer) -> Settings,
    ) -> Self {
        let subscriber = Subscriber::start(settings(&issuer)).unwrap();
        let guard = subscriber.guard(Policy::access_token("issuer", "api"));
        Self { key, issuer, subscriber, guard }
    }

    pub(crate) fn check(&self, session: SessionId) -> Result<Identity, Refusal> {
        self.guard.check(&token(&self.key, session), self.subscriber.clock()())
    }

    pub(crate) fn code(&self, session: SessionId) -> &'static str {
        self.check(session).map_or_else(|refusal| refusal.code(), |_| "accepted")
    }
}
