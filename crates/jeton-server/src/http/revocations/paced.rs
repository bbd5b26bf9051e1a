//! An answer that has to be read at some pace.
//!
//! What nobody reads is given up by the connection. A reader that takes a little now and then keeps it
//! open, and with it a place, a connection and a snapshot in memory: so there is an end to that.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::feed::Place;

/// What every reader gets, beside the time for its bytes.
const TIME: Duration = Duration::from_secs(30);

/// The slowest that a reader may be, in bytes a second: of a million revocations it has four minutes.
const PACE: usize = 64 * 1024;

/// What is handed over at once: small enough that one who does not read has little of it.
const PIECE: usize = 16 * 1024;

/// Bytes that end with an error when they are not read in time.
struct Paced {
    rest: Bytes,
    too_late: Pin<Box<Sleep>>,
    /// Given back with the last piece.
    place: Option<Place>,
}

/// All of it, and a place for as long as it is read.
pub(super) fn paced(bytes: Bytes, place: Place) -> Body {
    let seconds = u64::try_from(bytes.len() / PACE).unwrap_or(u64::MAX);
    let time = TIME.saturating_add(Duration::from_secs(seconds));
    Body::new(Paced { rest: bytes, too_late: Box::pin(sleep(time)), place: Some(place) })
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.too_late.as_mut().poll(context).is_ready() {
            let error = io::Error::new(io::ErrorKind::TimedOut, "read too slowly");
            return Poll::Ready(Some(Err(error)));
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if self.rest.is_empty() {
            self.place = None;
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::feed::Places;

    /// Reads it piece by piece, each so long after the one before, and says how much of it came.
    async fn read(mut body: Body, wait: Duration) -> (usize, bool) {
        let mut read = 0;
        loop {
            let piece = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            match piece {
                Some(Ok(piece)) => read += piece.into_data().unwrap().len(),
                Some(Err(_)) => return (read, false),
                None => return (read, true),
            }
            sleep(wait).await;
        }
    }

    /// INV10: whoever takes a little now and then does not hold a place for as long as it likes.
    #[tokio::test(start_paused = true)]
    async fn what_is_read_too_slowly_is_not_read_to_its_end() {
        let places = Places::new(1);
        let whole = 64 * PIECE;
        let cases = [(0, true), (250, true), (700, true), (1_000, false), (60_000, false)];
        for (millis, is_whole) in cases {
            let body = paced(vec![0; whole].into(), places.take("orders").unwrap());
            assert_eq!(body.size_hint().exact(), Some(whole as u64));
            assert!(places.take("orders").is_none());

            let (length, came_to_its_end) = read(body, Duration::from_millis(millis)).await;

            assert_eq!((came_to_its_end, length == whole), (is_whole, is_whole), "{millis}");
        }
        assert!(places.take("orders").is_some(), "given back");
    }
}
