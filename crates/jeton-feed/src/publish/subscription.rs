//! One connection's share of the feed.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::publish::frame::Frame;
use crate::publish::stats::Counters;

/// Events are put together until they are as long as this.
const TOGETHER: usize = 16 * 1024;

/// What is longer is not copied for each connection.
const COPIED: usize = 2 * 1024;

/// A stream of events, as bytes of server-sent events.
#[derive(Debug)]
pub struct Subscription {
    n: u64,
    /// What the stream begins with.
    first: VecDeque<Frame>,
    live: Receiver<Frame>,
    /// The rest of an event that has begun.
    begun: Option<Bytes>,
    counters: Arc<Counters>,
}

impl Subscription {
    pub(super) fn new(
        first: VecDeque<Frame>,
        live: Receiver<Frame>,
        counters: Arc<Counters>,
    ) -> Self {
        counters.subscribers.add(1);
        counters.subscribed.add(1);
        Self { n: 0, first, live, begun: None, counters }
    }

    /// The next bytes: whole events, or the parts of a long one. `None` at the end: the feed has
    /// been closed, or this stream was read too slowly to be kept.
    ///
    /// May be given up and asked again; nothing is lost by it.
    pub async fn next(&mut self) -> Option<Bytes> {
        if let Some(rest) = self.begun.take() {
            return Some(rest);
        }
        let frame = match self.first.pop_front() {
            Some(frame) => frame,
            None => self.wait().await?,
        };
        let mut bytes = BytesMut::new();
        self.write(&frame, &mut bytes);
        // What has piled up goes along: one write for all of it.
        while self.begun.is_none()
            && bytes.len() < TOGETHER
            && let Some(frame) = self.first.pop_front().or_else(|| self.waiting())
        {
            self.write(&frame, &mut bytes);
        }
        Some(bytes.freeze())
    }

    async fn wait(&mut self) -> Option<Frame> {
        match self.live.recv().await {
            Ok(frame) => Some(frame),
            Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(_)) => {
                self.counters.slow.add(1);
                None
            }
        }
    }

    /// The next event, if it is there. That events were missed is noticed by [`wait`](Self::wait),
    /// which ends the stream: so it must not be swallowed here.
    fn waiting(&mut self) -> Option<Frame> {
        if self.live.is_empty() {
            return None;
        }
        match self.live.try_recv() {
            Ok(frame) => Some(frame),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
            Err(TryRecvError::Lagged(_)) => {
                self.counters.slow.add(1);
                self.live = closed();
                None
            }
        }
    }

    fn write(&mut self, frame: &Frame, to: &mut BytesMut) {
        self.n += 1;
        frame.begin(self.n, to);
        if frame.rest().len() > COPIED {
            self.begun = Some(frame.rest().clone());
        } else {
            to.extend_from_slice(frame.rest());
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.counters.subscribers.subtract_one();
    }
}

/// A stream that has ended.
pub(super) fn closed() -> Receiver<Frame> {
    tokio::sync::broadcast::channel(1).1
}
