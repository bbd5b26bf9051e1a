//! A revocation of nothing.

use std::time::Duration;

use jeton::{Fingerprint, Reason, Revocation, Target};

/// A revocation that nothing has, sent now and then to see how long one is under way. It is the
/// revocation of a token whose id no token ever has, so every store carries it like any other; guards
/// pass it over.
///
/// # Examples
///
/// ```
/// use jeton::{Revocation, Timestamp};
/// use jeton_session::Canary;
///
/// let canary = Canary { sender: 7, t: 4_711 };
/// let until = Timestamp::from_secs(60);
/// assert_eq!(Canary::of(&Revocation { target: canary.target(), until }), Some(canary));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canary {
    /// The process that sends it; no other can tell what its `t` means.
    pub sender: u64,
    /// Milliseconds of that process's clock when it was sent.
    pub t: u64,
}

impl Canary {
    /// How long it is remembered.
    pub const LIFE: Duration = Duration::from_mins(1);

    /// What it seems to revoke. An id of ours has no dots.
    #[must_use]
    pub fn target(self) -> Target {
        let Self { sender, t } = self;
        Target::Token(format!("canary.{sender:016x}.{t}"), Reason::Revoked)
    }

    /// The canary that this revocation is, if it is one.
    #[must_use]
    pub fn of(revocation: &Revocation) -> Option<Self> {
        let Target::Token(id, _) = &revocation.target else { return None };
        let (sender, t) = id.strip_prefix("canary.")?.split_once('.')?;
        let sender = Fingerprint::parse(sender)?.as_u64();
        let is_plain = t.bytes().all(|byte| byte.is_ascii_digit());
        t.parse().ok().filter(|_| is_plain).map(|t| Self { sender, t })
    }
}
