//! What to do when a list may be too old.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// How old a guard's revocation list may be, and what it does when that is exceeded.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::{StalePolicy, Staleness};
///
/// let payments = Staleness { max: Duration::from_secs(2), policy: StalePolicy::Refuse };
/// assert_eq!(Staleness::default().max, Duration::from_secs(5));
/// # let _ = payments;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staleness {
    /// The bound: 5 seconds.
    pub max: Duration,
    /// What happens past it.
    pub policy: StalePolicy,
}

/// What a guard does with a good token when its list is older than the bound. Whatever the list
/// refuses stays refused, however old it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StalePolicy {
    /// [`Refusal::Stale`](crate::Refusal::Stale): answer 503, never 401.
    Refuse,
    /// Somebody has to ask the issuer: [`Verdict::Unconfirmed`](crate::Verdict::Unconfirmed).
    Ask,
    /// Accepts tokens that were issued within the bound: the issuer itself checked them then.
    #[default]
    AcceptRecent,
    /// Accepts every good token, until the list is older than this second bound.
    Accept(Duration),
}

impl Default for Staleness {
    fn default() -> Self {
        Self { max: Duration::from_secs(5), policy: StalePolicy::default() }
    }
}

/// What becomes of a good token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Accept,
    Ask,
    Refuse,
}

impl Staleness {
    /// By the age of the list, which may be unknown, and by when the token was issued.
    #[inline]
    pub(crate) fn judge(
        self,
        age: Option<Duration>,
        now: Timestamp,
        issued: Timestamp,
    ) -> Judgement {
        if age.is_some_and(|age| age <= self.max) {
            return Judgement::Accept;
        }
        let accepts = match self.policy {
            StalePolicy::Refuse => false,
            StalePolicy::Ask => return Judgement::Ask,
            // A clock that is behind by more than that says nothing about what is recent.
            StalePolicy::AcceptRecent => {
                now.since(issued) <= self.max && issued.since(now) <= self.max
            }
            StalePolicy::Accept(most) => age.is_some_and(|age| age <= most),
        };
        if accepts { Judgement::Accept } else { Judgement::Refuse }
    }
}
