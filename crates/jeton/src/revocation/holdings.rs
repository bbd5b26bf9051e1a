//! What a list holds: read by anybody at any time, changed by one writer at a time.
//!
//! Readers load one pointer and look. A writer writes into the tables that readers look into; where
//! one has to grow or to shrink, it fills another and publishes it. A reader that still looks into
//! the old one finds there what was acknowledged before its look began, for nothing leaves a table.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};

use crate::key::KeyId;
use crate::revocation::Fingerprint;
use crate::revocation::parts::{PARTS, Parts};
use crate::revocation::table::{Put, Spread, Table, Term};
use crate::revocation::tables::{Kind, Tables};
use crate::timestamp::Timestamp;

/// See the module.
pub(super) struct Holdings {
    tables: ArcSwap<Tables>,
    spread: Spread,
    /// How many entries there are. Never zero while there is one that somebody was told of.
    len: AtomicUsize,
    turn: Mutex<()>,
}

impl Holdings {
    pub(super) fn new() -> Self {
        let random = RandomState::new();
        let spread = Spread::new(random.hash_one(0), random.hash_one(1));
        Self {
            tables: ArcSwap::from_pointee(Tables::new(spread)),
            spread,
            len: AtomicUsize::new(0),
            turn: Mutex::default(),
        }
    }

    #[inline]
    pub(super) fn tables(&self) -> Guard<Arc<Tables>> {
        self.tables.load()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Waits for its turn to write.
    pub(super) fn writer(&self) -> Writer<'_> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Writer { tables: self.tables.load_full(), holdings: self, _turn: turn }
    }

    /// Drops what has expired, part by part, so that writers get a turn in between.
    pub(super) fn sweep(&self, now: Timestamp) {
        for kind in Kind::ALL {
            for part in 0..PARTS {
                self.writer().sweep(kind, part, now);
            }
        }
        self.writer().sweep_few(now);
    }
}

/// Who alone changes the holdings while it lives.
pub(super) struct Writer<'a> {
    holdings: &'a Holdings,
    tables: Arc<Tables>,
    _turn: MutexGuard<'a, ()>,
}

impl Writer<'_> {
    pub(super) fn len(&self) -> usize {
        self.holdings.len()
    }

    pub(super) fn knows(&self, kind: Kind, id: Fingerprint) -> bool {
        self.tables.get(kind, id).is_some()
    }

    /// Touches the places of some entries that are about to be put in: the memory fetches them all
    /// at a time then, instead of one after the other.
    pub(super) fn touch(&self, ids: impl Iterator<Item = (Kind, Fingerprint)>) {
        let spread = self.holdings.spread;
        let touch =
            |(kind, id): (Kind, Fingerprint)| self.tables.of(kind).touch(spread.key(id.as_u64()));
        std::hint::black_box(ids.map(touch).fold(0, u64::wrapping_add));
    }

    /// Adds an entry, or merges it with the one there is.
    pub(super) fn put(&mut self, kind: Kind, id: Fingerprint, (term, number): (Term, u64)) {
        let key = self.holdings.spread.key(id.as_u64());
        let index = Parts::index(key);
        let Some(part) = self.tables.of(kind).part(index) else {
            return;
        };
        let mut put = part.put(key, term, number);
        if put == Put::Full {
            let part = self.grow(kind, index, 1);
            put = part.map_or(Put::Full, |part| part.put(key, term, number));
        }
        if put == Put::Added {
            self.count(self.len().saturating_add(1));
        }
    }

    /// Makes room for so many in all: they are spread over the parts evenly, or nearly so. As many
    /// more are not made room for, because what comes in such numbers is known already, mostly.
    pub(super) fn reserve(&mut self, kind: Kind, entries: usize) {
        for index in 0..PARTS {
            let len = self.tables.of(kind).part(index).map_or(0, |part| part.len());
            let more = (entries / PARTS).saturating_sub(len);
            if self.tables.of(kind).part(index).is_some_and(|part| !part.has_room(more)) {
                self.grow(kind, index, more);
            }
        }
    }

    /// Refuses everything signed by a key.
    pub(super) fn withdraw(&mut self, id: &KeyId, until: Timestamp) {
        let mut keys = HashMap::clone(&self.tables.keys);
        let known = keys.entry(id.clone()).or_insert(until);
        *known = until.max(*known);
        self.keep_keys(keys);
    }

    pub(super) fn withdrawn(&self) -> &HashMap<KeyId, Timestamp> {
        &self.tables.keys
    }

    /// Refuses every token issued in a second or before.
    pub(super) fn refuse_all(&mut self, until: Timestamp, at: Timestamp) {
        let known = self.tables.all;
        let merged = known.map_or((until, at), |(u, a)| (u.max(until), a.max(at)));
        if known != Some(merged) {
            self.publish(self.tables.with_all(Some(merged)));
            self.count(self.len().saturating_add(usize::from(known.is_none())));
        }
    }

    fn sweep(&mut self, kind: Kind, index: usize, now: Timestamp) {
        let Some(part) = self.tables.of(kind).part(index) else {
            return;
        };
        let Some(living) = part.living(now.as_secs()) else {
            return;
        };
        let dropped = part.len().saturating_sub(living);
        // And an eighth, so that the next one that comes does not have it grow again.
        let table = Table::with_room(living.saturating_add(living / 8), kind.is_numbered());
        table.fill_from(part, self.holdings.spread, Some(now.as_secs()));
        self.publish(self.tables.with(kind, index, Arc::new(table)));
        self.count(self.len().saturating_sub(dropped));
    }

    fn sweep_few(&mut self, now: Timestamp) {
        if self.tables.keys.values().any(|until| *until <= now) {
            let mut keys = HashMap::clone(&self.tables.keys);
            keys.retain(|_, until| *until > now);
            self.keep_keys(keys);
        }
        if self.tables.all.is_some_and(|(until, _)| until <= now) {
            self.publish(self.tables.with_all(None));
            self.count(self.len().saturating_sub(1));
        }
    }

    fn keep_keys(&mut self, keys: HashMap<KeyId, Timestamp>) {
        let others = self.len().saturating_sub(self.tables.keys.len());
        let len = others.saturating_add(keys.len());
        self.publish(self.tables.with_keys(keys));
        self.count(len);
    }

    /// Puts a larger table in the place of a part, and returns it.
    fn grow(&mut self, kind: Kind, index: usize, more: usize) -> Option<Arc<Table>> {
        let part = self.tables.of(kind).part(index)?;
        let table = Table::with_room(part.len().saturating_add(more), kind.is_numbered());
        table.fill_from(part, self.holdings.spread, None);
        let table = Arc::new(table);
        self.publish(self.tables.with(kind, index, Arc::clone(&table)));
        Some(table)
    }

    fn publish(&mut self, tables: Tables) {
        self.tables = Arc::new(tables);
        self.holdings.tables.store(Arc::clone(&self.tables));
    }

    /// After what it counts was written, and published.
    fn count(&self, len: usize) {
        self.holdings.len.store(len, Ordering::Release);
    }
}
