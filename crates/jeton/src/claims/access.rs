//! The claims of an access token (RFC 9068 section 2.2), as written and as read.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::claims::{Times, timestamp};
use crate::error::VerifyError;
use crate::id::SessionId;
use crate::json::Members;
use crate::key::KeyId;
use crate::limits;
use crate::timestamp::{Rounding, Timestamp};

/// Claims that [`AccessClaims`] has a field for (RFC 7519, RFC 9068, and our own).
const FIELDS: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "sid",
    "ver",
    "auth_time",
    "amr",
];

/// Claims without a field that mean something to a verifier all the same (RFC 9068, RFC 7800, RFC
/// 8693, and our own).
const MEANINGFUL: [&str; 5] = ["acr", "cnf", "act", "nonce", "gen"];

/// Whether this claim is ours to set, so that an application may not.
///
/// # Examples
///
/// ```
/// assert!(jeton::is_reserved("exp"));
/// assert!(!jeton::is_reserved("role"));
/// ```
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    FIELDS.contains(&name) || MEANINGFUL.contains(&name)
}

/// The claims of an access token that is about to be signed.
///
/// [`Signer::access_token`](crate::Signer::access_token) signs it.
///
/// # Examples
///
/// ```
/// use jeton::{NewAccessToken, SessionId, SubjectKey, Timestamp};
///
/// let claims = NewAccessToken {
///     issuer: "https://login.example",
///     subject: "alice",
///     audience: "https://api.example",
///     client_id: "web",
///     issued_at: Timestamp::from_secs(1_800_000_000),
///     expires_at: Timestamp::from_secs(1_800_000_600),
///     token_id: "fWmQHiz6kpFMZ0jVQ4zjbg",
///     session: Some(SessionId::new(SubjectKey::of("alice"), [7; 8])),
///     version: 0,
///     scope: Some("read write"),
///     auth_time: Some(Timestamp::from_secs(1_800_000_000)),
///     amr: &["pwd".to_owned()],
///     other: &serde_json::Map::from_iter([("role".to_owned(), "admin".into())]),
/// };
/// assert_eq!(serde_json::to_value(&claims)?["role"], "admin");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct NewAccessToken<'a> {
    /// `iss`: who issues it.
    #[serde(rename = "iss")]
    pub issuer: &'a str,
    /// `sub`: whom it speaks of.
    #[serde(rename = "sub")]
    pub subject: &'a str,
    /// `aud`: which resource server it is for.
    #[serde(rename = "aud")]
    pub audience: &'a str,
    /// `client_id`: which client asked for it.
    pub client_id: &'a str,
    /// `iat`.
    #[serde(rename = "iat")]
    pub issued_at: Timestamp,
    /// `exp`.
    #[serde(rename = "exp")]
    pub expires_at: Timestamp,
    /// `jti`: 128 random bits, base64url.
    #[serde(rename = "jti")]
    pub token_id: &'a str,
    /// `sid`: the session it was issued in; none for a token that a client gets for itself (RFC 6749
    /// section 4.4), whose `subject` is its `client_id`.
    #[serde(rename = "sid", skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// `ver`: how often the subject's access tokens had been recalled.
    #[serde(rename = "ver")]
    pub version: u64,
    /// `scope`, space-separated (RFC 8693 section 4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'a str>,
    /// `auth_time`: when the subject last proved to be present; none where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// `amr`: how (RFC 8176).
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub amr: &'a [String],
    /// The application's own claims. With a [reserved](is_reserved) one nothing is signed.
    #[serde(flatten)]
    pub other: &'a Map<String, Value>,
}

/// The claims of an access token whose signature was checked and whose claims were accepted.
///
/// Only [`Verifier::verify_access_token`](crate::Verifier::verify_access_token) and
/// [`Guard::check`](crate::Guard::check) make one.
///
/// # Examples
///
/// ```
/// # use jeton::{KeySet, Policy, Verifier};
/// # let (key, token, now) =
/// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
/// # let verifier = Verifier::new(keys, policy);
/// let claims = verifier.verify_access_token(&token, now)?;
/// assert_eq!((claims.subject.as_str(), claims.client_id.as_str()), ("alice", "web"));
/// assert_eq!(claims.expires_at.since(claims.issued_at).as_secs(), 600);
/// assert_eq!(claims.other["role"], "admin");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessClaims {
    /// `kid` of the key that signed it.
    pub key_id: Option<KeyId>,
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audience: Vec<String>,
    /// `client_id`.
    pub client_id: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// `nbf`.
    pub not_before: Option<Timestamp>,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `jti`.
    pub token_id: String,
    /// `sid`; absent in a token that belongs to no session, such as a client's own.
    pub session: Option<SessionId>,
    /// `ver`; 0 if absent, so that any recall reaches it.
    pub version: u64,
    /// `scope`.
    pub scope: Option<String>,
    /// `auth_time`.
    pub auth_time: Option<Timestamp>,
    /// `amr`.
    pub amr: Vec<String>,
    /// Every other claim: the application's, and those like `cnf` that have no field here.
    pub other: Map<String, Value>,
}

impl AccessClaims {
    pub(crate) const fn times(&self) -> Times {
        Times {
            issued_at: Some(self.issued_at),
            not_before: self.not_before,
            expires_at: Some(self.expires_at),
        }
    }

    /// Reads the claims of RFC 9068 section 2.2 out of accepted ones.
    pub(crate) fn read(
        key_id: Option<KeyId>,
        claims: &Members<'_>,
        times: Times,
    ) -> Result<Self, VerifyError> {
        let subject = required(claims, "sub")?;
        if subject.is_empty() || subject.len() > limits::SUBJECT {
            return Err(VerifyError::ClaimRefused("sub"));
        }
        let session = session(claims)?;
        // A recall reaches a subject's tokens by either name, so both must be the same subject's.
        if session.is_some_and(|session| !session.belongs_to(&subject)) {
            return Err(VerifyError::ClaimRefused("sid"));
        }
        Ok(Self {
            key_id,
            issuer: required(claims, "iss")?,
            subject,
            audience: audience(claims)?,
            client_id: required(claims, "client_id")?,
            issued_at: times.issued_at.ok_or(VerifyError::ClaimMissing("iat"))?,
            not_before: times.not_before,
            expires_at: times.expires_at.ok_or(VerifyError::ClaimMissing("exp"))?,
            token_id: required(claims, "jti")?,
            session,
            version: version(claims)?,
            scope: text(claims, "scope")?,
            auth_time: timestamp(claims, "auth_time", Rounding::Down)?,
            amr: texts(claims, "amr")?,
            other: claims
                .iter()
                .filter(|(name, _)| !FIELDS.contains(&&**name))
                .map(|(name, value)| (name.into_owned(), value.to_value()))
                .collect(),
        })
    }
}

fn text(claims: &Members<'_>, name: &'static str) -> Result<Option<String>, VerifyError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let text = value.to_text().ok_or(VerifyError::ClaimMistyped(name))?;
    Ok(Some(text.into_owned()))
}

fn required(claims: &Members<'_>, name: &'static str) -> Result<String, VerifyError> {
    text(claims, name)?.ok_or(VerifyError::ClaimMissing(name))
}

/// One text or an array of them; none if the claim is absent.
fn texts(claims: &Members<'_>, name: &'static str) -> Result<Vec<String>, VerifyError> {
    let Some(value) = claims.get(name) else {
        return Ok(Vec::new());
    };
    if let Some(text) = value.to_text() {
        return Ok(vec![text.into_owned()]);
    }
    let texts = value.to_texts().ok_or(VerifyError::ClaimMistyped(name))?;
    Ok(texts.into_iter().map(Cow::into_owned).collect())
}

/// Whom the token is for, whatever the policy asked: a token for nobody is for everybody.
fn audience(claims: &Members<'_>) -> Result<Vec<String>, VerifyError> {
    if claims.get("aud").is_none() {
        return Err(VerifyError::ClaimMissing("aud"));
    }
    let audience = texts(claims, "aud")?;
    if audience.is_empty() { Err(VerifyError::ClaimRefused("aud")) } else { Ok(audience) }
}

fn session(claims: &Members<'_>) -> Result<Option<SessionId>, VerifyError> {
    let Some(value) = claims.get("sid") else {
        return Ok(None);
    };
    let text = value.to_text().ok_or(VerifyError::ClaimMistyped("sid"))?;
    SessionId::parse(&text).map(Some).ok_or(VerifyError::ClaimRefused("sid"))
}

fn version(claims: &Members<'_>) -> Result<u64, VerifyError> {
    match claims.get("ver") {
        None => Ok(0),
        Some(value) => value.to_u64().ok_or(VerifyError::ClaimMistyped("ver")),
    }
}
