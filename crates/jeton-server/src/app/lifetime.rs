//! How long access tokens lived before, so that a shorter life does not revive what was revoked.
//!
//! Verifiers accept a token of the old settings until it expires. A revocation that is remembered
//! only as long as the new tokens live would be forgotten before. So what the settings said at the
//! last start is kept beside the database, and counts until the last token of it has expired.

use std::io;
use std::path::Path;
use std::time::Duration;

use jeton::Timestamp;
use jeton_session::Terms;
use serde::{Deserialize, Serialize};

use crate::file;

/// More than any leeway, and the slack with which revocations are remembered.
const SLACK: Duration = Duration::from_mins(2);

/// What is remembered, lifetimes in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lifetimes {
    /// Of the tokens that are issued now.
    access: u64,
    /// Of the longest that were issued before, 0 for none.
    earlier: u64,
    /// Until when there may be such.
    until: Timestamp,
}

/// These terms, and what is left of earlier ones; remembered before a token is issued on them.
pub(super) fn follow(path: &Path, terms: Terms, now: Timestamp) -> io::Result<Terms> {
    let before = read(path)?;
    let after = before.followed_by(terms.access_lifetime.as_secs(), now);
    if before != after {
        file::replace(path, &serde_json::to_vec(&after)?)?;
    }
    Ok(Terms { earlier_lifetime: Duration::from_secs(after.earlier), ..terms })
}

/// These terms in a store that remembers revocations for so long, or longer than they need. It does so
/// for nodes whose tokens live longer, and for tokens of before; the store never forgets sooner.
pub(super) fn with_retention(terms: Terms, stored: Duration) -> Terms {
    let more = stored.saturating_sub(terms.retention());
    let earlier = if more.is_zero() { Duration::ZERO } else { terms.access_lifetime + more };
    Terms { earlier_lifetime: earlier, ..terms }
}

fn read(path: &Path) -> io::Result<Lifetimes> {
    match std::fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lifetimes::default()),
        Err(error) => Err(error),
    }
}

impl Lifetimes {
    /// With tokens that live so long from now on.
    fn followed_by(self, access: u64, now: Timestamp) -> Self {
        let Self { access: last, mut earlier, mut until } = self;
        if now >= until {
            earlier = 0;
        }
        if last > access {
            earlier = earlier.max(last);
            until = until.max(now.after(Duration::from_secs(last) + SLACK));
        }
        if earlier <= access {
            // The tokens of today outlive them.
            return Self { access, ..Self::default() };
        }
        Self { access, earlier, until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_800_000_000;

    /// INV1: whatever the settings say one after the other, nobody is forgotten who still has a
    /// token.
    #[test]
    fn what_lived_longer_counts_until_it_has_expired() {
        // When it is started, with what lifetime, and which earlier one counts from then on.
        let starts = [
            (0, 3_600, 0),
            (10, 60, 3_600),
            (20, 60, 3_600),
            (30, 600, 3_600),
            (3_700, 60, 3_600),
            (4_300, 60, 3_600),
            (4_500, 60, 0),
            (4_600, 900, 0),
            (4_700, 900, 0),
            (4_800, 899, 900),
            (4_900, 3_600, 0),
        ];
        let mut lifetimes = Lifetimes::default();
        for (after, access, earlier) in starts {
            lifetimes = lifetimes.followed_by(access, Timestamp::from_secs(START + after));

            assert_eq!((lifetimes.access, lifetimes.earlier), (access, earlier), "{after}");
        }
    }
}
