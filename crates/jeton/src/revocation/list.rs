//! The set of revocations that a verifier holds.

mod answers;
mod freshness;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use self::freshness::Freshness;
use crate::revocation::bound::{self, Taken};
use crate::revocation::holdings::{Holdings, Writer};
use crate::revocation::tables::Kind;
use crate::revocation::waiting::Waiting;
use crate::revocation::{Bound, Entry, Fingerprint, Refused, Revocation, Target};
use crate::timestamp::Timestamp;

/// How many entries of a batch are looked for in memory at a time: some more than a processor has
/// loads under way.
const TOUCHED: usize = 32;

/// What is refused, shared by every check of a process.
///
/// A check never waits, for nobody: not for one who adds a million entries, and not for a sweep.
/// Whoever adds waits for others who do.
///
/// Entries leave when they have expired and in no other way; there is no eviction and nothing
/// un-revokes. Merging is union and maximum, so order and duplicates do not matter. A list that is
/// full refuses more than it was told, never less: see [`Bound`].
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::{Guard, KeySet, Policy, RevocationList};
///
/// let list = Arc::new(RevocationList::new()); // one for all guards of a process
/// let of = |audience| Policy::access_token("https://login.example", audience);
/// let api = Guard::new(KeySet::default(), of("api"), Arc::clone(&list));
/// let admin = Guard::new(KeySet::default(), of("admin"), list);
/// assert!(Arc::ptr_eq(api.revocations(), admin.revocations()));
/// ```
pub struct RevocationList {
    holdings: Holdings,
    waiting: Waiting,
    /// `None` if it follows nobody.
    freshness: Option<Freshness>,
    most: usize,
    /// In seconds.
    retention: AtomicU64,
    coarsened: AtomicU64,
}

impl RevocationList {
    /// An empty list that is told everything at once, in the process that revokes: never stale.
    ///
    /// # Examples
    ///
    /// ```
    /// let list = jeton::RevocationList::new();
    /// assert!(list.is_empty() && !list.follows());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        let bound = Bound::default();
        Self {
            holdings: Holdings::new(),
            waiting: Waiting::default(),
            freshness: None,
            most: bound.entries,
            retention: AtomicU64::new(bound.retention.as_secs()),
            coarsened: AtomicU64::new(0),
        }
    }

    /// An empty list that follows another: stale until it is told that it is
    /// [complete](Self::complete_as_of).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let list = jeton::RevocationList::following();
    /// assert!(list.follows());
    /// assert_eq!(list.staleness(Instant::now()), None); // nobody knows
    /// ```
    #[must_use]
    pub fn following() -> Self {
        Self { freshness: Some(Freshness::default()), ..Self::new() }
    }

    /// The same list with another bound; that of [`Bound::default`] unless told otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use jeton::{Bound, RevocationList};
    ///
    /// let bound = Bound { entries: 100_000, retention: Duration::from_secs(690) };
    /// let list = RevocationList::new().with_bound(bound);
    /// assert_eq!(list.bound(), bound);
    /// ```
    #[must_use]
    pub fn with_bound(self, bound: Bound) -> Self {
        self.set_retention(bound.retention);
        Self { most: bound.entries, ..self }
    }

    /// Sets R alone, [`Bound::retention`], for a list that hears of it later. What was said with less
    /// before stays as it was said.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use jeton::RevocationList;
    ///
    /// let list = RevocationList::following();
    /// list.set_retention(Duration::from_secs(690)); // as its first snapshot says
    /// assert_eq!(list.bound().retention, Duration::from_secs(690));
    /// ```
    pub fn set_retention(&self, retention: Duration) {
        self.retention.store(retention.as_secs(), Ordering::Relaxed);
    }

    /// How much it holds before it says less with less.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Bound, RevocationList};
    ///
    /// assert_eq!(RevocationList::new().bound(), Bound::default());
    /// ```
    #[must_use]
    pub fn bound(&self) -> Bound {
        let retention = Duration::from_secs(self.retention.load(Ordering::Relaxed));
        Bound { entries: self.most, retention }
    }

    /// Adds a revocation. One that is known already lasts until the later of the two, with the greater
    /// version or reason of the two.
    ///
    /// When it returns, every check that begins refuses what it reaches.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Reason, Revocation, RevocationList, SessionId, SubjectKey, Target, Timestamp};
    ///
    /// let list = RevocationList::new();
    /// let session = SessionId::new(SubjectKey::of("alice"), [1; 8]);
    /// list.add(&Revocation {
    ///     target: Target::Session(session, Reason::LoggedOut),
    ///     until: Timestamp::from_secs(700),
    /// });
    ///
    /// assert_eq!(list.ended(session), Some(Reason::LoggedOut));
    /// list.sweep(Timestamp::from_secs(700));
    /// assert!(list.is_empty());
    /// ```
    pub fn add(&self, revocation: &Revocation) {
        let subject = match &revocation.target {
            Target::Session(session, _) => Some(Fingerprint::of_subject(session.subject())),
            Target::Token(..) | Target::Subject(..) | Target::Key(_) => None,
        };
        let entry = Entry::from(revocation);
        let taken = self.take(&mut self.holdings.writer(), &entry, subject);
        self.tell(std::slice::from_ref(&entry), taken);
    }

    /// Adds an entry, likewise. Use [`add`](Self::add) where the names are known: a full list makes
    /// more of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Entry, Fingerprint, Reason, Refused, RevocationList, Timestamp};
    ///
    /// let list = RevocationList::new();
    /// let refused = Refused::Token(Fingerprint::of_token("t1"), Reason::Revoked);
    /// list.apply(&Entry { refused, until: Timestamp::from_secs(700) });
    /// assert_eq!(list.len(), 1);
    /// ```
    pub fn apply(&self, entry: &Entry) {
        let taken = self.take(&mut self.holdings.writer(), entry, None);
        self.tell(std::slice::from_ref(entry), taken);
    }

    /// Adds many at once: a snapshot, or a batch of a feed.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Entry, Fingerprint, Reason, Refused, RevocationList, Timestamp};
    ///
    /// let entries = ["t1", "t2", "t1"].map(|id| Entry {
    ///     refused: Refused::Token(Fingerprint::of_token(id), Reason::Revoked),
    ///     until: Timestamp::from_secs(700),
    /// });
    /// let list = RevocationList::new();
    /// list.merge(&entries);
    /// assert_eq!(list.len(), 2);
    /// ```
    pub fn merge(&self, entries: &[Entry]) {
        let mut writer = self.holdings.writer();
        self.reserve(&mut writer, entries);
        let mut taken = Taken::Exactly;
        for some in entries.chunks(TOUCHED) {
            writer.touch(some.iter().filter_map(|entry| Kind::of(&entry.refused)));
            for entry in some {
                if self.take(&mut writer, entry, None) != Taken::Exactly {
                    taken = Taken::ForAll;
                }
            }
        }
        drop(writer);
        self.tell(entries, taken);
    }

    /// Forgets what has expired. Holds no check up, and others who write for a sixty-fourth of the
    /// time that it takes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let target = Target::Token("t1".to_owned(), Reason::Revoked);
    /// list.add(&Revocation { target, until: Timestamp::from_secs(700) });
    ///
    /// list.sweep(Timestamp::from_secs(699));
    /// assert_eq!(list.len(), 1);
    /// list.sweep(Timestamp::from_secs(700));
    /// assert_eq!(list.len(), 0);
    /// ```
    pub fn sweep(&self, now: Timestamp) {
        self.holdings.sweep(now);
    }

    pub(super) const fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    fn take(&self, writer: &mut Writer<'_>, entry: &Entry, subject: Option<Fingerprint>) -> Taken {
        let taken = bound::take(writer, entry, subject, self.bound());
        if taken != Taken::Exactly {
            self.coarsened.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// Makes room for many at once, as far as the bound goes.
    fn reserve(&self, writer: &mut Writer<'_>, entries: &[Entry]) {
        for kind in Kind::ALL {
            let of_kind = entries
                .iter()
                .filter(|entry| Kind::of(&entry.refused).is_some_and(|(of, _)| of == kind));
            writer.reserve(kind, of_kind.count().min(self.most));
        }
    }

    /// Wakes who waits for one of these, after they were added.
    fn tell(&self, entries: &[Entry], taken: Taken) {
        let waiting = self.waiting.len();
        if waiting == 0 {
            return;
        }
        let reaches_all =
            |entry: &Entry| matches!(entry.refused, Refused::All(_) | Refused::Key(_));
        let is_much = taken == Taken::ForAll || entries.len() > waiting;
        if is_much || entries.iter().any(reaches_all) {
            return self.waiting.wake_all();
        }
        let subject = if let Taken::ForSubject(id) = taken { Some(id) } else { None };
        let ended = entries.iter().filter_map(|entry| match entry.refused {
            Refused::Session(id, _) | Refused::Token(id, _) | Refused::Issued(id, _) => Some(id),
            Refused::Versions(..) | Refused::All(_) | Refused::Key(_) => None,
        });
        self.waiting.wake(ended.chain(subject).map(Fingerprint::as_u64));
    }
}

impl Default for RevocationList {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("entries", &self.len()).finish_non_exhaustive()
    }
}
