//! For those who pass on what a follower brings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::wire::WireEntry;

/// What a follower has brought to its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Brought<'b> {
    /// A snapshot: the list holds it, and it may hold anything new.
    Snapshot,
    /// What was revoked, and canaries. Some of it may be known already.
    Revocations(&'b [WireEntry]),
    /// The list is complete as of a later moment than before.
    Fresh,
    /// A canary has been under way for so long.
    Measured(Duration),
}

/// Is told what a follower brings. Called while the follower waits, so it should be quick.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::RevocationList;
/// use jeton_feed::follow::{Brought, Follower, Tap};
///
/// let follower = Follower::new(Arc::new(RevocationList::following()));
/// let follower = follower.with_tap(Tap::new(|brought| match brought {
///     Brought::Snapshot => println!("everything may be new"),
///     Brought::Revocations(entries) => println!("{} entries", entries.len()),
///     _ => {}
/// }));
/// # let _ = follower;
/// ```
#[derive(Clone)]
pub struct Tap(Arc<dyn Fn(Brought<'_>) + Send + Sync>);

impl Tap {
    /// A tap that calls this.
    pub fn new(told: impl Fn(Brought<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    pub(crate) fn tell(&self, brought: Brought<'_>) {
        (self.0)(brought);
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}
