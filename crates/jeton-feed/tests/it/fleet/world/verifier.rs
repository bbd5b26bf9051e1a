//! A verifier that goes to whichever process it is told to.

use std::collections::{BTreeSet, VecDeque};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Refused, RevocationList};
use jeton_feed::follow::{Follower, Then};
use jeton_feed::publish::{Form, Subscription};
use proptest::prelude::*;
use tokio::time::Instant;

use crate::fleet::double::{Node, Revoked, Streams};

/// One verifier, by the rules of the library.
pub(super) struct Verifier {
    pub(super) list: Arc<RevocationList>,
    /// How many entries were on the list when it was last looked at, and which.
    held: (usize, BTreeSet<Refused>),
    pub(super) follower: Follower,
    /// Where it is connected to, and what is on its way from there.
    pub(super) connection: Option<(usize, Subscription)>,
    pub(super) events: VecDeque<String>,
    complete: Option<Instant>,
    pub(super) resets: usize,
}

impl Verifier {
    pub(super) fn new() -> Self {
        let list = Arc::new(RevocationList::following());
        let follower = Follower::new(Arc::clone(&list));
        let (held, events) = (Default::default(), VecDeque::new());
        Self { list, held, follower, connection: None, events, complete: None, resets: 0 }
    }

    pub(super) fn cut(&mut self) {
        self.connection = None;
        self.events.clear();
    }

    pub(super) async fn connect(&mut self, index: usize, node: &Node) {
        self.cut();
        let publisher = &node.publisher;
        if self.follower.cursor().is_none() {
            // One that has just begun knows nothing yet.
            let Ok(snapshot) = publisher.snapshot(Form::Json).await else { return };
            self.follower.snapshot(&snapshot).unwrap();
        }
        let requested_at = Instant::now().into_std();
        if !publisher.is_ready() {
            return;
        }
        match publisher.subscribe(self.follower.cursor().unwrap()) {
            Ok(subscription) => {
                self.follower.connected(requested_at);
                self.connection = Some((index, subscription));
            }
            Err(_) => self.reset(),
        }
    }

    fn reset(&mut self) {
        self.follower.event("reset", r#"{"n":1}"#, Instant::now().into_std());
        self.resets += 1;
    }

    pub(super) async fn poll(&mut self, node: &Node) {
        let Some(cursor) = self.follower.cursor() else { return };
        self.cut();
        let requested_at = Instant::now().into_std();
        if let Ok(answer) = node.publisher.poll(Some(cursor), Duration::ZERO).await {
            let step = self.follower.polled(&answer, requested_at);
            self.resets += usize::from(step.then == Then::FetchSnapshot);
        }
    }

    /// What the service has written by now is on its way.
    pub(super) async fn receive(&mut self) {
        let Some((_, subscription)) = &mut self.connection else { return };
        let mut text = String::new();
        loop {
            tokio::select! {
                biased;
                bytes = subscription.next() => match bytes {
                    Some(bytes) => text.push_str(std::str::from_utf8(&bytes).unwrap()),
                    None => break,
                },
                () = ready(()) => break,
            }
        }
        self.events.extend(text.split_terminator("\n\n").map(str::to_owned));
    }

    pub(super) async fn deliver(&mut self, most: usize) {
        self.receive().await;
        for event in self.events.drain(..most.min(self.events.len())).collect::<Vec<_>>() {
            let (name, data) = event.split_once('\n').unwrap();
            let (name, data) = (&name["event: ".len()..], &data["data: ".len()..]);
            let step = self.follower.event(name, data, Instant::now().into_std());
            if step.then != Then::GoOn {
                return self.cut();
            }
        }
    }

    /// What must hold at any time.
    pub(super) fn check(&mut self, streams: &Streams) -> Result<(), TestCaseError> {
        let now = Instant::now();
        let age = self.list.staleness(now.into_std());
        let complete = age.and_then(|age| now.checked_sub(age));
        prop_assert!(complete >= self.complete, "moved back");
        self.complete = complete;

        let entries = self.list.len();
        if self.held.0 < entries {
            self.list.for_each_entry(|entry| {
                self.held.1.insert(entry.refused.clone());
            });
            self.held.0 = entries;
        }
        let cursor = self.follower.cursor().map(|cursor| cursor.position);
        let is_held = |revoked: &Revoked| self.held.1.contains(&revoked.entry.refused);
        for revoked in streams.revoked().filter(|revoked| !is_held(revoked)) {
            prop_assert!(complete.is_none_or(|at| revoked.at >= at), "{revoked:?} is missing");
            prop_assert!(
                cursor.is_none_or(|cursor| revoked.place > cursor),
                "{revoked:?} is missing at {cursor:?}"
            );
        }
        Ok(())
    }
}
