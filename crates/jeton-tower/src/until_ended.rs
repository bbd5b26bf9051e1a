//! A stream that ends with the identity it was made for.

use std::fmt;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use jeton::Ended;
use pin_project_lite::pin_project;

pin_project! {
    /// A stream, until an identity ends. Made by
    /// [`Identity::until_ended`](crate::Identity::until_ended).
    ///
    /// It ends as if there were no more; nothing is cut in the middle. An answer whose length was
    /// announced is then too short, which clients notice. For one that must not look complete
    /// without being it, race [`Identity::ended`](crate::Identity::ended) yourself and fail.
    pub struct UntilEnded<S> {
        #[pin]
        stream: S,
        #[pin]
        ended: Ended,
        over: bool,
    }
}

impl<S> UntilEnded<S> {
    pub(crate) const fn new(stream: S, ended: Ended) -> Self {
        Self { stream, ended, over: false }
    }
}

impl<S: Stream> Stream for UntilEnded<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        // First, for a stream that always has more would never let it be asked.
        if *this.over || this.ended.poll(context).is_ready() {
            *this.over = true;
            return Poll::Ready(None);
        }
        this.stream.poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.stream.size_hint().1)
    }
}

impl<S> fmt::Debug for UntilEnded<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilEnded").field("over", &self.over).finish_non_exhaustive()
    }
}
