//! Revocations as lists hold them and feeds carry them.

use crate::key::KeyId;
use crate::revocation::{Fingerprint, Reason, Revocation, Target};
use crate::timestamp::Timestamp;

/// One entry of a revocation list: a [`Revocation`] without the names in it.
///
/// # Examples
///
/// ```
/// use jeton::{Entry, Fingerprint, Reason, Refused, Revocation, Target, Timestamp};
///
/// let until = Timestamp::from_secs(700);
/// let revocation = Revocation { target: Target::Token("t1".to_owned(), Reason::Revoked), until };
///
/// let refused = Refused::Token(Fingerprint::of_token("t1"), Reason::Revoked);
/// assert_eq!(Entry::from(&revocation), Entry { refused, until });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is refused.
    pub refused: Refused,
    /// When the last token it can reach has expired, leeway included.
    pub until: Timestamp,
}

/// What an [`Entry`] refuses.
///
/// # Examples
///
/// ```
/// use jeton::{Entry, Fingerprint, Refused, RevocationList, SubjectKey, Timestamp};
///
/// let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
/// let list = RevocationList::new();
/// let until = Timestamp::from_secs(700);
/// list.merge(&[
///     Entry { refused: Refused::Versions(alice, 4), until }, // versions 0 to 3
///     Entry { refused: Refused::Versions(alice, 3), until }, // known already
/// ]);
/// assert_eq!(list.entries(), [Entry { refused: Refused::Versions(alice, 4), until }]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Refused {
    /// Every access token of a session.
    Session(Fingerprint, Reason),
    /// One access token.
    Token(Fingerprint, Reason),
    /// A subject's access tokens with a `ver` below this one.
    Versions(Fingerprint, u64),
    /// A subject's access tokens issued in this second or before: what the subject's sessions have
    /// become in a list that is full.
    Issued(Fingerprint, Timestamp),
    /// Every access token issued in this second or before: what a list that is full has become.
    All(Timestamp),
    /// Everything signed by the key of this id.
    Key(KeyId),
}

impl From<&Revocation> for Entry {
    fn from(revocation: &Revocation) -> Self {
        let refused = match &revocation.target {
            Target::Session(id, reason) => Refused::Session(Fingerprint::of_session(*id), *reason),
            Target::Token(id, reason) => Refused::Token(Fingerprint::of_token(id), *reason),
            Target::Subject(key, version) => {
                Refused::Versions(Fingerprint::of_subject(*key), *version)
            }
            Target::Key(id) => Refused::Key(id.clone()),
        };
        Self { refused, until: revocation.until }
    }
}
