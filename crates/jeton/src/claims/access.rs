//! The claims of an access token (RFC 9068 section 2.2), as written and as read.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::claims::{Claims, Times};
use crate::error::VerifyError;
use crate::id::SessionId;
use crate::key::KeyId;
use crate::limits;
use crate::timestamp::Timestamp;

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
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    FIELDS.contains(&name) || MEANINGFUL.contains(&name)
}

/// The claims of an access token that is about to be signed.
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
    /// `sid`: the session it was issued in.
    #[serde(rename = "sid")]
    pub session: SessionId,
    /// `ver`: how often the subject's access tokens had been recalled.
    #[serde(rename = "ver")]
    pub version: u64,
    /// `scope`, space-separated (RFC 8693 section 4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'a str>,
    /// `auth_time`: when the subject last proved to be present.
    pub auth_time: Timestamp,
    /// `amr`: how (RFC 8176).
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub amr: &'a [String],
    /// The application's own claims. With a [reserved](is_reserved) one nothing is signed.
    #[serde(flatten)]
    pub other: &'a Map<String, Value>,
}

/// The claims of an access token whose signature was checked and whose claims were accepted.
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
    pub(crate) fn from_claims(key_id: Option<KeyId>, claims: Claims) -> Result<Self, VerifyError> {
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let required = |name: &'static str| {
            claims.text(name)?.map(str::to_owned).ok_or(VerifyError::ClaimMissing(name))
        };
        let date = |name: &'static str| claims.date(name)?.ok_or(VerifyError::ClaimMissing(name));

        let subject = required("sub")?;
        if subject.is_empty() || subject.len() > limits::SUBJECT {
            return Err(VerifyError::ClaimRefused("sub"));
        }
        let session = session(&claims)?;
        // A recall reaches a subject's tokens by either name, so both must be the same subject's.
        if session.is_some_and(|session| !session.belongs_to(&subject)) {
            return Err(VerifyError::ClaimRefused("sid"));
        }
        Ok(Self {
            key_id,
            issuer: required("iss")?,
            subject,
            audience: owned(audience(&claims)?),
            client_id: required("client_id")?,
            issued_at: date("iat")?,
            not_before: claims.date("nbf")?,
            expires_at: date("exp")?,
            token_id: required("jti")?,
            session,
            version: version(&claims)?,
            scope: claims.text("scope")?.map(str::to_owned),
            auth_time: claims.date("auth_time")?,
            amr: owned(claims.texts("amr")?),
            other: {
                let mut other = claims.into_members();
                other.retain(|name, _| !FIELDS.contains(&name.as_str()));
                other
            },
        })
    }
}

/// Whom the token is for, whatever the policy asked: a token for nobody is for everybody.
fn audience(claims: &Claims) -> Result<Vec<&str>, VerifyError> {
    match claims.get("aud") {
        None => Err(VerifyError::ClaimMissing("aud")),
        Some(Value::Array(nobody)) if nobody.is_empty() => Err(VerifyError::ClaimRefused("aud")),
        Some(_) => claims.texts("aud"),
    }
}

fn session(claims: &Claims) -> Result<Option<SessionId>, VerifyError> {
    let Some(text) = claims.text("sid")? else {
        return Ok(None);
    };
    SessionId::parse(text).map(Some).ok_or(VerifyError::ClaimRefused("sid"))
}

fn version(claims: &Claims) -> Result<u64, VerifyError> {
    match claims.get("ver") {
        None => Ok(0),
        Some(value) => value.as_u64().ok_or(VerifyError::ClaimMistyped("ver")),
    }
}
