//! The access token that a subscriber reads the feed with, renewed before it expires.

use std::time::Duration;

use base64_simd::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::warn;
use zeroize::Zeroizing;

use super::backoff::{part, random};
use super::credentials::{BearerToken, Credentials, Kind};
use super::form;
use super::http::{Call, Failure, Http, authorization};

/// Most of an answer with a token.
const ANSWER: usize = 64 * 1024;

/// How long it may take to get one.
const WITHIN: Duration = Duration::from_secs(10);

/// No token is renewed sooner than this, however short it says to live: each one is a connection.
const SOONEST: Duration = Duration::from_secs(1);

/// Between attempts to renew one that still lives.
const RETRY: Duration = Duration::from_secs(5);

/// A token that does not say how long it lives is taken to live so long.
const UNKNOWN: Duration = Duration::from_mins(5);

/// Holds a token, and gets others.
#[derive(Debug)]
pub(super) struct Tokens {
    credentials: Credentials,
    held: Mutex<Option<Held>>,
}

/// A token that is held.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) authorization: HeaderValue,
    renew_at: Instant,
    expires_at: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Zeroizing<String>,
    token_type: String,
    expires_in: Option<u64>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self { credentials, held: Mutex::new(None) }
    }

    /// A token that is good for a while. Whoever asks first gets it; the others wait for the same.
    pub(super) async fn get(&self, http: &Http) -> Result<Held, Failure> {
        let mut held = self.held.lock().await;
        let now = Instant::now();
        if let Some(good) = held.as_ref().filter(|held| now < held.renew_at) {
            return Ok(good.clone());
        }
        match self.fetch(http).await {
            Ok(token) => Ok(held.insert(Held::new(&token, Instant::now())?).clone()),
            Err(failure) => {
                // The old one serves until its end.
                held.clone().filter(|held| now < held.expires_at).ok_or(failure)
            }
        }
    }

    /// Forgets a token that was refused, unless another one is held by now.
    pub(super) async fn forget(&self, refused: &Held) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|held| held.authorization == refused.authorization) {
            *held = None;
        }
    }

    /// Resolves when there is a token to follow this one, which lives on meanwhile.
    pub(super) async fn renewed(&self, http: &Http, old: &Held) {
        sleep_until(old.renew_at).await;
        loop {
            match self.get(http).await {
                Ok(held) if held.authorization != old.authorization => return,
                Ok(_) => warn!("the access token cannot be renewed yet"),
                Err(failure) => warn!(%failure, "the access token cannot be renewed"),
            }
            sleep(RETRY + part(RETRY, random())).await;
        }
    }

    /// What the client presents at other endpoints: itself, or else its token.
    pub(super) async fn own(&self, http: &Http) -> Result<HeaderValue, Failure> {
        match &self.credentials.0 {
            Kind::Client { id, secret } => basic(id, secret),
            Kind::Source(_) => self.get(http).await.map(|held| held.authorization),
        }
    }

    async fn fetch(&self, http: &Http) -> Result<BearerToken, Failure> {
        match &self.credentials.0 {
            Kind::Client { id, secret } => grant(http, basic(id, secret)?).await,
            Kind::Source(source) => {
                source().await.map_err(|error| Failure::Token(error.to_string()))
            }
        }
    }
}

impl Held {
    /// Whether it is time for another one.
    pub(super) fn is_old(&self) -> bool {
        Instant::now() >= self.renew_at
    }

    fn new(token: &BearerToken, now: Instant) -> Result<Self, Failure> {
        let lifetime = token.lifetime.unwrap_or(UNKNOWN);
        let after = |span: Duration| now.checked_add(span).unwrap_or(now + UNKNOWN);
        let authorization = authorization("Bearer", &token.text)?;
        let (renew_at, expires_at) = (after((lifetime / 3 * 2).max(SOONEST)), after(lifetime));
        Ok(Self { authorization, renew_at, expires_at })
    }
}

/// Asks for a token by the client's own credentials (RFC 6749 section 4.4).
async fn grant(http: &Http, client: HeaderValue) -> Result<BearerToken, Failure> {
    let body = Bytes::from_static(b"grant_type=client_credentials&scope=revocations%3Aread");
    let call = Call {
        route: "/oauth2/token",
        authorization: Some(client),
        accept: "application/json",
        body: Some(("application/x-www-form-urlencoded", body)),
    };
    let answer = http.fetch(call, ANSWER, WITHIN).await.map_err(refused)?;
    let granted = answer.of_type("application/json")?;
    let granted: Granted = serde_json::from_slice(&granted).map_err(|_| Failure::NotUnderstood)?;
    if !granted.token_type.eq_ignore_ascii_case("Bearer") {
        return Err(Failure::Token("it is none to be borne".to_owned()));
    }
    let lifetime = granted.expires_in.map(Duration::from_secs);
    Ok(BearerToken::new(granted.access_token.as_str(), lifetime))
}

/// What the issuer says to credentials that it does not take is nothing that passes.
fn refused(failure: Failure) -> Failure {
    match failure {
        Failure::Status(status @ (StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST)) => {
            Failure::Credentials(status)
        }
        other => other,
    }
}

/// RFC 6749 section 2.3.1: both are encoded as in a form first.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, Failure> {
    let (id, secret) = (form::encode(id), Zeroizing::new(form::encode(secret)));
    let credentials = Zeroizing::new(format!("{id}:{}", *secret));
    let encoded = Zeroizing::new(STANDARD.encode_to_string(credentials.as_bytes()));
    authorization("Basic", &encoded)
}
