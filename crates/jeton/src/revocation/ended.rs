//! Waiting for the end of a token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::revocation::waiting::Ticket;
use crate::revocation::{Marks, RevocationList};

/// Resolves once what a token stands for has ended: its session, the token itself, or the key that
/// signed it. Made by [`RevocationList::ending`] and [`Guard::ending`](crate::Guard::ending); needs no
/// runtime.
///
/// For whatever outlives a request: a WebSocket, a stream of events, a long job. A recall does not
/// resolve it, for a recall asks for a new token and not for an end. A list that is [full](crate::Bound)
/// cannot tell which session it was: then this resolves to [`Refusal::Recalled`] for every token that
/// may have been meant, and whoever still has a session comes back.
///
/// It does not watch the clock: a token that expires, or an entry that does, resolves nothing.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// # use std::task::{Context, Poll, Waker};
/// # use jeton::{Guard, KeySet, Policy, Reason, Refusal, Revocation, RevocationList, Target};
/// # let (key, token, now) =
/// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
/// # let guard = Guard::new(keys, policy, Arc::new(RevocationList::new()));
/// let identity = guard.check(&token, now)?;
/// let session = identity.session().ok_or("no session")?;
/// let mut ended = std::pin::pin!(guard.ending(&identity)); // or `select!` in a runtime
///
/// let mut context = Context::from_waker(Waker::noop());
/// assert!(ended.as_mut().poll(&mut context).is_pending());
/// let target = Target::Session(session, Reason::Banned);
/// guard.revocations().add(&Revocation { target, until: identity.claims().expires_at });
/// assert_eq!(ended.poll(&mut context), Poll::Ready(Refusal::Ended(Reason::Banned)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a future does nothing unless it is awaited"]
pub struct Ended {
    list: Arc<RevocationList>,
    claims: Arc<AccessClaims>,
    marks: Marks,
    ticket: Option<Ticket>,
}

impl Ended {
    pub(super) fn new(list: Arc<RevocationList>, claims: Arc<AccessClaims>) -> Self {
        let marks = Marks::of(&claims);
        Self { list, claims, marks, ticket: None }
    }

    fn poll_ended(&self) -> Poll<Refusal> {
        match self.list.check_ending(self.marks, &self.claims) {
            Err(refusal) => Poll::Ready(refusal),
            Ok(()) => Poll::Pending,
        }
    }
}

impl Future for Ended {
    type Output = Refusal;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refusal> {
        let this = self.get_mut();
        let waiting = this.list.waiting();
        match this.ticket {
            Some(ticket) => waiting.renew(ticket, context.waker()),
            None => this.ticket = Some(waiting.enter(this.marks.ids(), context.waker())),
        }
        this.poll_ended()
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.list.waiting().leave(ticket, self.marks.ids());
        }
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").finish_non_exhaustive()
    }
}
