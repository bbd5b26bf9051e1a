//! What this process has heard of everybody's revocations: one list, in the order of hearing.
//!
//! Always true:
//!
//! 1. an entry of a stream is in it once, whoever told of it: the reader, our own update, a page;
//! 2. sequence numbers only go up, and so does what a mark claims;
//! 3. it is bounded: what is older than the retention is dropped from its front.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jeton::{Revocation, SubjectKey};
use jeton_session::{Batch, Cursor, Place};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::redis::answer::Entry;
use crate::redis::bucket::Bucket;
use crate::redis::{lost, place};

/// Most revocations in one batch.
const BATCH: usize = 1_000;

/// How many of the last are looked through for what is not in the journal.
const LATEST: usize = 20_000;

/// The list, and a bell for those who wait for more.
#[derive(Debug)]
pub(super) struct Log {
    retention: Duration,
    state: Mutex<State>,
    last: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    /// The sequence number of whatever came last.
    last: u64,
    items: VecDeque<Item>,
    /// Claims of completeness behind the items of lower numbers, oldest first.
    marks: VecDeque<(u64, Place)>,
    /// What the last mark that was dropped has claimed.
    dropped: Place,
    /// Of each bucket, the number of the first item of each entry.
    known: HashMap<(Bucket, u64), u64>,
}

/// One revocation of an entry.
#[derive(Debug)]
struct Item {
    sequence: u64,
    bucket: Bucket,
    place: Place,
    revocation: Revocation,
    /// Whether it is in this node's journal as well.
    is_written: bool,
}

impl Log {
    pub(super) fn new(retention: Duration) -> Self {
        Self { retention, state: Mutex::default(), last: watch::Sender::default() }
    }

    /// Takes entries in that are not in it yet.
    pub(super) fn add(&self, bucket: Bucket, entries: Vec<Entry>) {
        let mut state = self.state();
        for entry in entries {
            state.add(bucket, entry);
        }
        self.ring(state);
    }

    /// Puts everything in the order of its places, before anybody has read it: buckets are read one
    /// beside the other, and whoever publishes batches would have each reach from the first place to
    /// the last.
    pub(super) fn arrange(&self) {
        self.state().arrange();
    }

    /// Claims that everything at or before this place is in it, and answers where the claim is.
    pub(super) fn mark(&self, complete: Place) -> Cursor {
        let mut state = self.state();
        let cursor = Cursor::at(state.mark(complete));
        self.ring(state);
        cursor
    }

    /// Drops what was told so long before this moment, in milliseconds, that no token is alive that
    /// it could reach.
    pub(super) fn trim(&self, now: u64) {
        let retention = u64::try_from(self.retention.as_millis()).unwrap_or(u64::MAX);
        self.state().trim(now.saturating_sub(retention));
    }

    /// The same for buckets of which each has a moment of its own. It goes through all of it.
    pub(super) fn trim_each(&self, now: &HashMap<Bucket, u64>) {
        let retention = u64::try_from(self.retention.as_millis()).unwrap_or(u64::MAX);
        self.state().trim_each(|bucket| now.get(&bucket).map(|now| now.saturating_sub(retention)));
    }

    /// Every revocation of a bucket that is in it.
    pub(super) fn of(&self, bucket: Bucket) -> Vec<Revocation> {
        let state = self.state();
        let items = state.items.iter().filter(|item| item.bucket == bucket);
        items.map(|item| item.revocation.clone()).collect()
    }

    /// What was revoked of a subject lately, and is not in this node's journal.
    pub(super) fn unwritten(&self, subject: SubjectKey) -> Vec<(Place, Revocation)> {
        let (state, bucket) = (self.state(), Bucket::of(subject));
        let is_one = |item: &&Item| {
            !item.is_written
                && item.bucket == bucket
                && lost::home(&item.revocation.target) == Some(subject)
        };
        let found = state.items.iter().rev().take(LATEST).filter(is_one);
        found.map(|item| (item.place, item.revocation.clone())).collect()
    }

    /// What was told at this place is in this node's journal.
    pub(super) fn written(&self, bucket: Bucket, place: Place) {
        let mut state = self.state();
        let Some(first) = state.known.get(&(bucket, place.position())).copied() else { return };
        let from = state.items.partition_point(|item| item.sequence < first);
        let items = state.items.range_mut(from..);
        let same = items.take_while(|item| item.bucket == bucket && item.place == place);
        same.for_each(|item| item.is_written = true);
    }

    /// Where it ends.
    pub(super) fn end(&self) -> Cursor {
        Cursor::at(self.state().last)
    }

    /// How many revocations are in it, and how many bytes they take, about.
    pub(super) fn size(&self) -> (usize, usize) {
        let state = self.state();
        let items = state.items.capacity() * size_of::<Item>();
        // A table of hashes keeps one byte more for each.
        let known = state.known.capacity() * (size_of::<((Bucket, u64), u64)>() + 1);
        (state.items.len(), items + known)
    }

    /// What came after a cursor; waits for something to come if nothing has.
    pub(super) async fn tail(&self, after: Cursor, patience: Duration) -> Batch {
        if !patience.is_zero() {
            let mut last = self.last.subscribe();
            let news = last.wait_for(|last| *last > after.position());
            // Too late or gone: either way the answer is what there is now.
            let _ = timeout(patience, news).await;
        }
        self.state().after(after)
    }

    fn ring(&self, state: MutexGuard<'_, State>) {
        let last = state.last;
        drop(state);
        // Two that ring at once may do so in the wrong order.
        self.last.send_if_modified(|rung| {
            let is_news = last > *rung;
            *rung = last.max(*rung);
            is_news
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, bucket: Bucket, entry: Entry) {
        let Entry { place, revocations } = entry;
        if self.has(bucket, place, &revocations) {
            return;
        }
        self.known.insert((bucket, place.position()), self.last + 1);
        for revocation in revocations {
            self.last += 1;
            let (sequence, is_written) = (self.last, false);
            self.items.push_back(Item { sequence, bucket, place, revocation, is_written });
        }
    }

    fn arrange(&mut self) {
        let complete = self.complete_at(self.last);
        self.items.make_contiguous().sort_by_key(|item| (item.place, item.bucket));
        self.known.clear();
        for (sequence, item) in (1..).zip(&mut self.items) {
            item.sequence = sequence;
            self.known.entry((item.bucket, item.place.position())).or_insert(sequence);
        }
        self.marks = VecDeque::from([(self.last, complete)]);
    }

    /// Whether this entry is in it. A place alone does not say so: what one primary has lost, another
    /// may have given to something else.
    fn has(&self, bucket: Bucket, place: Place, revocations: &[Revocation]) -> bool {
        let Some(first) = self.known.get(&(bucket, place.position())) else { return false };
        let from = self.items.partition_point(|item| item.sequence < *first);
        let items = self.items.range(from..);
        let same = items.take_while(|item| item.bucket == bucket && item.place == place);
        same.map(|item| &item.revocation).eq(revocations)
    }

    fn mark(&mut self, complete: Place) -> u64 {
        let complete = complete.max(self.complete_at(self.last));
        // Whoever reads past the one before reads past this one too.
        let replaces = self.items.back().is_none_or(|item| item.sequence < self.last);
        if replaces {
            self.marks.pop_back();
        }
        self.last += 1;
        self.marks.push_back((self.last, complete));
        self.last
    }

    fn trim(&mut self, oldest: u64) {
        while let Some(item) = self.items.pop_front_if(|item| place::millis(item.place) < oldest) {
            let known = (item.bucket, item.place.position());
            if self.known.get(&known) == Some(&item.sequence) {
                self.known.remove(&known);
            }
        }
        self.trim_marks();
    }

    fn trim_each(&mut self, oldest: impl Fn(Bucket) -> Option<u64>) {
        let stays =
            |bucket, place| oldest(bucket).is_none_or(|oldest| place::millis(place) >= oldest);
        self.items.retain(|item| stays(item.bucket, item.place));
        self.known.retain(|(bucket, position), _| stays(*bucket, Place::at(*position)));
        self.trim_marks();
    }

    fn trim_marks(&mut self) {
        let first = self.items.front().map_or(self.last, |item| item.sequence);
        while let Some((_, complete)) = self.marks.pop_front_if(|(sequence, _)| *sequence < first) {
            self.dropped = complete;
        }
    }

    fn after(&self, after: Cursor) -> Batch {
        let from = self.items.partition_point(|item| item.sequence <= after.position());
        let news: Vec<_> = self.items.range(from..).take(BATCH).collect();
        let end = match news.last() {
            Some(item) if from + news.len() < self.items.len() => item.sequence,
            _ => self.last.max(after.position()),
        };
        let highest = news.iter().map(|item| item.place).max().unwrap_or_default();
        let revocations = news.into_iter().map(|item| item.revocation.clone()).collect();
        Batch { revocations, cursor: Cursor::at(end), highest, complete: self.complete_at(end) }
    }

    /// What the last mark at or before this number claims.
    fn complete_at(&self, sequence: u64) -> Place {
        let behind = self.marks.partition_point(|(at, _)| *at <= sequence);
        let mark = behind.checked_sub(1).and_then(|last| self.marks.get(last));
        mark.map_or(self.dropped, |(_, complete)| *complete)
    }
}

#[cfg(test)]
mod tests;
