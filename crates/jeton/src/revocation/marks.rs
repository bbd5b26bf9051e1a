//! What a check looks for, worked out once for each token.

use crate::claims::AccessClaims;
use crate::id::SubjectKey;
use crate::revocation::Fingerprint;

/// What the entries that could refuse a token would look like.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    pub(super) subject: Fingerprint,
    pub(super) session: Option<Fingerprint>,
    pub(super) token: Fingerprint,
}

impl Marks {
    pub(crate) fn of(claims: &AccessClaims) -> Self {
        let subject =
            claims.session.map_or_else(|| SubjectKey::of(&claims.subject), |s| s.subject());
        Self {
            subject: Fingerprint::of_subject(subject),
            session: claims.session.map(Fingerprint::of_session),
            token: Fingerprint::of_token(&claims.token_id),
        }
    }

    /// All of them, as numbers.
    pub(super) fn ids(self) -> impl Iterator<Item = u64> {
        [Some(self.subject), self.session, Some(self.token)]
            .into_iter()
            .flatten()
            .map(Fingerprint::as_u64)
    }
}
