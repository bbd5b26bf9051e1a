//! What to do when a list may be too old.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// How old a guard's revocation list may be, and what it does when that is exceeded.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// use std::time::{Duration, Instant};
/// use jeton::{Guard, Moment, Refusal, RevocationList, StalePolicy, Staleness};
/// # use jeton::{KeySet, Policy};
/// # let (key, token, now) =
/// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
///
/// let list = Arc::new(RevocationList::following()); // which a subscriber keeps fresh
/// let payments = Staleness { max: Duration::from_secs(2), policy: StalePolicy::Refuse };
/// let guard = Guard::new(keys, policy, Arc::clone(&list)).with_staleness(payments);
///
/// let heard = Instant::now();
/// list.complete_as_of(heard);
/// let at = |secs| Moment::new(now, heard + Duration::from_secs(secs));
/// assert!(guard.check(&token, at(2)).is_ok());
/// assert_eq!(guard.check(&token, at(3)), Err(Refusal::Stale)); // 503
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::{StalePolicy, Staleness};
///
/// // Reading goes on for a minute without news; everything else is as by default.
/// let reading = Staleness {
///     policy: StalePolicy::Accept(Duration::from_mins(1)),
///     ..Staleness::default()
/// };
/// assert_eq!(Staleness::default().policy, StalePolicy::AcceptRecent);
/// # let _ = reading;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StalePolicy {
    /// [`Refusal::Stale`](crate::Refusal::Stale): answer 503, never 401.
    Refuse,
    /// Somebody has to ask the issuer: [`Verdict::Unconfirmed`](crate::Verdict::Unconfirmed).
    Ask,
    /// Accepts tokens that were issued within the bound, by `iat` and the time of day, in whole
    /// seconds: the issuer itself checked them then. One that seems to come from further in the
    /// future than that says that a clock is wrong, and is refused.
    #[default]
    AcceptRecent,
    /// Accepts every good token, until the list is older than this second bound; none if it was
    /// never complete.
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
