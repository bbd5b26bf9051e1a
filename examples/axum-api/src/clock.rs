//! The program's one clock, and events that come from it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use axum::response::sse::Event;
use futures_core::Stream;
use jeton::Timestamp;
use tokio::time::{Interval, interval};

#[expect(clippy::disallowed_methods, reason = "the program's one clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// An event each second, the first at once.
pub(crate) struct Ticks(Interval);

impl Ticks {
    pub(crate) fn new() -> Self {
        Self(interval(Duration::from_secs(1)))
    }
}

impl Stream for Ticks {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.0.poll_tick(context));
        Poll::Ready(Some(Ok(Event::default().data(now().to_string()))))
    }
}
