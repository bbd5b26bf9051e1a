//! What the guard of [`Sessions`](crate::Sessions) refuses by.

use jeton::{RevocationList, Staleness};

/// What a guard knows of revocations, and what it does when that is too old.
#[derive(Debug)]
pub struct Knowledge {
    /// What it refuses by. One that [follows](RevocationList::following) is for stores that other
    /// processes write to as well.
    pub list: RevocationList,
    /// How old that may be; of no account to a list that does not follow.
    pub staleness: Staleness,
}

impl From<RevocationList> for Knowledge {
    fn from(list: RevocationList) -> Self {
        Self { list, staleness: Staleness::default() }
    }
}
