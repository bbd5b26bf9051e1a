//! Access tokens are taken back while sessions live on.

use jeton::{KeyId, Reason, Target, Timestamp};
use serde_json::{Map, Value};

use crate::canary::Canary;
use crate::rules::{SessionPolicy, Step};
use crate::subject::Subject;

/// Recalls every access token issued so far and answers the new version. Clients refresh and get
/// one of that version; nobody has to log in again.
///
/// With claims, every session carries these from its next refresh on, in place of all it carried
/// before.
#[must_use]
pub fn recall(
    subject: &Subject,
    claims: Option<&Map<String, Value>>,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<u64> {
    let version = subject.version.saturating_add(1);
    let target = Target::Subject(subject.key, version);
    let mut sessions = subject.sessions.clone();
    if let Some(claims) = claims {
        for session in &mut sessions {
            session.claims.clone_from(claims);
        }
    }
    Step::change(Subject { version, sessions, ..subject.clone() }, version)
        .revoking([target], policy.remember_until(subject, now))
}

/// Revokes one access token by its `jti`. The subject stays as it is.
#[must_use]
pub fn revoke_token(
    subject: &Subject,
    token_id: &str,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<()> {
    let target = Target::Token(token_id.to_owned(), Reason::Revoked);
    Step::keep(()).revoking([target], policy.remember_until(subject, now))
}

/// Withdraws a signing key: everything it has signed is refused.
#[must_use]
pub fn withdraw_key(key: &KeyId, policy: &SessionPolicy, now: Timestamp) -> Step<()> {
    Step::keep(()).revoking([Target::Key(key.clone())], now.after(policy.retention))
}

/// Revokes what nobody has, to see how long it is under way.
#[must_use]
pub fn send_canary(canary: Canary, now: Timestamp) -> Step<()> {
    Step::keep(()).revoking([canary.target()], now.after(Canary::LIFE))
}
