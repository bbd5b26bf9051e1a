//! The feed as server-sent events.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::http::{Call, Failure, media_type};
use super::run::{Ended, Runner};
use super::sse::SseReader;
use super::token::Held;
use crate::wire::FeedCursor;

/// Most of one event.
const EVENT: usize = 16 * 1024 * 1024;

impl Runner {
    /// Follows the feed from a cursor to the end of the connection.
    pub(super) async fn stream(&mut self, token: &Held, cursor: FeedCursor) -> Ended {
        // Before anything leaves: all that comes is measured from here.
        let (requested_at, slept) = (self.shared.steadily(), self.shared.steady.slept());
        let patience = self.patience();
        let response = match timeout(patience, self.connect(token, cursor)).await {
            Ok(Ok(response)) => response,
            Ok(Err(failure)) => return Ended::Failed(failure),
            Err(_) => {
                // What holds events back may hold the head of the answer back as well.
                self.fell_silent();
                return Ended::Silent;
            }
        };
        self.follower.connected(requested_at);
        let mut events = Events { body: response.into_body(), reader: SseReader::new(EVENT) };
        let mut was_heard = false;

        let shared = Arc::clone(&self.shared);
        let mut renewed = pin!(shared.tokens.renewed(&shared.http, token));
        loop {
            let piece = tokio::select! {
                piece = timeout(patience, events.next()) => piece,
                () = &mut renewed => return Ended::Planned,
            };
            let ended = match piece {
                Ok(Some(Ok(piece))) => self.read_piece(&mut events.reader, &piece, &mut was_heard),
                Ok(Some(Err(failure))) => Some(Ended::Failed(failure)),
                Ok(None) => Some(Ended::Closed),
                Err(_) => Some(Ended::Silent),
            };
            // What this connection told the server's clock by, was before the sleep.
            let ended = ended.or_else(|| {
                let has_slept = self.shared.steady.slept() != slept;
                has_slept.then_some(Ended::Slept)
            });
            if let Some(ended) = ended {
                if matches!(ended, Ended::Silent) && !was_heard {
                    self.fell_silent();
                }
                return ended;
            }
        }
    }

    async fn connect(
        &self,
        token: &Held,
        cursor: FeedCursor,
    ) -> Result<Response<Incoming>, Failure> {
        let call = Call {
            route: &format!("/v1/revocations/feed?cursor={cursor}"),
            authorization: Some(token.authorization.clone()),
            accept: "text/event-stream",
            body: None,
        };
        let response = self.shared.http.send(call).await?;
        let media_type = media_type(response.headers().get(CONTENT_TYPE));
        if media_type == "text/event-stream" { Ok(response) } else { Err(Failure::ContentType) }
    }

    fn read_piece(
        &mut self,
        reader: &mut SseReader,
        piece: &Bytes,
        was_heard: &mut bool,
    ) -> Option<Ended> {
        let arrived_at = self.shared.steadily();
        let Ok(events) = reader.read(piece) else {
            return Some(Ended::Gap);
        };
        let mut ended = None;
        for event in events {
            let step = self.follower.event(&event.name, &event.data, arrived_at);
            let is_beat = step.now.is_some();
            // After a gap, what is there already is still merged.
            ended = ended.or(self.take(step));
            if is_beat {
                *was_heard = true;
                self.heard_live();
            }
        }
        ended
    }
}

/// The body of the feed, piece by piece.
struct Events {
    body: Incoming,
    reader: SseReader,
}

impl Events {
    async fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        loop {
            match self.body.frame().await? {
                // Trailers say nothing that we know of.
                Ok(frame) => {
                    if let Ok(piece) = frame.into_data() {
                        return Some(Ok(piece));
                    }
                }
                Err(_) => return Some(Err(Failure::BrokenOff)),
            }
        }
    }
}
