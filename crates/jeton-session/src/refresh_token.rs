//! The refresh token: what a session's holder trades for the next pair.
//!
//! Deterministic: the token of a session and generation is a function of the stored session, so a
//! retry gets the same string again and nothing secret has to be stored.

use jeton::{KeySet, Policy, SessionId, SignError, Signer, Timestamp, Verifier, VerifyError};
use serde::{Deserialize, Serialize};

use crate::keyring::Keyring;
use crate::rules::Presented;
use crate::subject::Session;
use crate::terms::Terms;

/// `typ` of refresh tokens.
const REFRESH_TOKEN: &str = "rt+jwt";

#[derive(Serialize)]
struct RefreshClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: SessionId,
    #[serde(rename = "gen")]
    generation: u64,
    iat: Timestamp,
    exp: Timestamp,
}

/// A refresh token whose signature and claims were accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) subject: String,
    pub(crate) presented: Presented,
}

/// The one refresh token of this session's present generation.
pub(crate) fn sign(
    terms: &Terms,
    keyring: &Keyring,
    subject: &str,
    session: &Session,
) -> Result<String, SignError> {
    let key = keyring.refresh_key(session.rotated_at);
    let claims = RefreshClaims {
        iss: &terms.issuer,
        aud: &terms.issuer,
        sub: subject,
        sid: session.id,
        generation: session.generation,
        iat: session.rotated_at,
        exp: session.idle_expires_at,
    };
    Signer::new(key.clone()).sign(REFRESH_TOKEN, &claims)
}

/// What verifies refresh tokens. Whether the session still lives is the store's to say; their order
/// is their generation's, so one from a clock ahead of ours is as good.
pub(crate) fn verifier(terms: &Terms, keys: KeySet) -> Verifier {
    let policy = Policy::signature_and_time_only()
        .with_type(REFRESH_TOKEN)
        .with_issuer(&terms.issuer)
        .with_audience(&terms.issuer)
        .with_leeway(terms.leeway);
    Verifier::new(keys, policy)
}

/// What is read out of accepted claims; `exp` has been looked at, and must be there.
#[derive(Deserialize)]
struct Read {
    sub: String,
    sid: SessionId,
    #[serde(rename = "gen")]
    generation: u64,
    #[serde(rename = "exp")]
    _expires_at: Timestamp,
}

/// The refresh token in this text, if this verifier accepts it.
pub(crate) fn read(
    verifier: &Verifier,
    token: &str,
    now: Timestamp,
) -> Result<RefreshToken, VerifyError> {
    let Read { sub: subject, sid: session, generation, .. } = verifier.verify(token, now)?;
    if !session.belongs_to(&subject) {
        return Err(VerifyError::ClaimRefused("sid"));
    }
    Ok(RefreshToken { subject, presented: Presented { session, generation } })
}
