//! Somebody who issues tokens, a gate that knows the key, and requests that carry them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt as _;
use jeton::{
    Algorithm, Guard, KeySet, Moment, Policy, Reason, Revocation, RevocationList, SecretKey,
    SessionId, Signer, SigningKey, Staleness, SubjectKey, Target, Timestamp,
};
use jeton_tower::{Gate, Transport};
use serde_json::{Value, json};
use tower::{Service, ServiceExt as _};

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// An issuer and the gate of a service that trusts it.
pub(crate) struct House {
    signer: Signer,
    pub(crate) list: Arc<RevocationList>,
    pub(crate) gate: Gate,
}

/// What a client got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) challenge: Option<String>,
    pub(crate) retry_after: Option<String>,
    pub(crate) text: String,
}

impl House {
    /// One whose list is told everything at once.
    pub(crate) fn new() -> Self {
        Self::with(RevocationList::new(), Staleness::default(), Transport::bearer())
    }

    pub(crate) fn with_transport(transport: Transport) -> Self {
        Self::with(RevocationList::new(), Staleness::default(), transport)
    }

    /// One whose list follows another, and was complete so long ago.
    pub(crate) fn following(age: Duration, staleness: Staleness) -> Self {
        let house = Self::with(RevocationList::following(), staleness, Transport::bearer());
        house.list.complete_as_of(start().checked_sub(age).unwrap());
        house
    }

    fn with(list: RevocationList, staleness: Staleness, transport: Transport) -> Self {
        let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256).unwrap());
        let keys = KeySet::new([key.verifying_key()]).unwrap();
        let list = Arc::new(list);
        let policy = Policy::access_token("https://login.example", "https://api.example");
        let guard = Guard::new(keys, policy, Arc::clone(&list)).with_staleness(staleness);
        let start = start();
        let gate = Gate::new(Arc::new(guard), transport, move || Moment::new(NOW, start));
        Self { signer: Signer::new(key), list, gate }
    }

    /// A token of this user, in [`session`]; issued a minute ago.
    pub(crate) fn user(&self, subject: &str, scope: &str) -> String {
        self.sign(&json!({ "sub": subject, "client_id": "web", "scope": scope,
                           "sid": session(subject).to_string() }))
    }

    /// A token of this client for itself.
    pub(crate) fn client(&self, name: &str, scope: &str) -> String {
        self.sign(&json!({ "sub": name, "client_id": name, "scope": scope }))
    }

    fn sign(&self, who: &Value) -> String {
        let issued_at = NOW.as_secs() - 60;
        let mut claims = json!({ "iss": "https://login.example", "aud": "https://api.example",
                                 "iat": issued_at, "exp": issued_at + 600, "jti": "t1" });
        let who = who.as_object().unwrap().clone();
        claims.as_object_mut().unwrap().extend(who);
        self.signer.sign("at+jwt", &claims).unwrap()
    }

    /// Ends the session of a user.
    pub(crate) fn log_out(&self, subject: &str) {
        let target = Target::Session(session(subject), Reason::LoggedOut);
        self.list.add(&Revocation { target, until: NOW.after(Duration::from_hours(1)) });
    }
}

/// The one session of this subject.
pub(crate) fn session(subject: &str) -> SessionId {
    SessionId::new(SubjectKey::of(subject), [7; 8])
}

/// A moment with some past before it, always the same.
fn start() -> Instant {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(|| Instant::now() + Duration::from_hours(1));
    *START
}

/// A GET with this token.
pub(crate) fn get(path: &str, token: Option<&str>) -> Request {
    let request = Request::get(path);
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    request.body(Body::empty()).unwrap()
}

/// What a service answers to a request.
pub(crate) async fn ask<S>(service: S, request: Request) -> Answer
where
    S: Service<Request, Response = Response>,
    S::Error: std::fmt::Debug,
{
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    let text = |name| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        challenge: text("www-authenticate"),
        retry_after: text("retry-after"),
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}

impl Answer {
    /// The stable code of a refusal.
    pub(crate) fn code(&self) -> String {
        let json: Value = serde_json::from_str(&self.text).unwrap();
        assert!(json["success"] == false && json["msg"].is_string(), "{json}");
        json["code"].as_str().unwrap().to_owned()
    }
}
