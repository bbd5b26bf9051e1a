//! A follower in a world where everything goes wrong, against a server that keeps its word.
//!
//! Time is a number of milliseconds. The server knows of a revocation some time after it was
//! acknowledged, and says truthfully how far it is. What it sends may be lost, repeated, swapped,
//! cut, held back or renumbered on its way.

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jeton::RevocationList;
use jeton_feed::follow::{Follower, Then};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use self::server::{Event, Server};

/// What happens next.
#[derive(Clone, Debug)]
enum Act {
    Wait(u64),
    Revoke,
    /// The server reads what was revoked, and sends it.
    Catch,
    Beat,
    Deliver(u8),
    Drop(Index),
    DropAndRenumber(Index),
    Duplicate(Index),
    Swap(Index),
    Truncate(Index, Index),
    Cut,
    Restart,
    /// What the follower has asked for is done; the request takes so long.
    Obey(u64),
    Poll(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..1_500_u64).prop_map(Act::Wait),
        6 => Just(Act::Revoke),
        5 => Just(Act::Catch),
        6 => Just(Act::Beat),
        6 => (1..4_u8).prop_map(Act::Deliver),
        1 => any::<Index>().prop_map(Act::Drop),
        3 => any::<Index>().prop_map(Act::DropAndRenumber),
        1 => any::<Index>().prop_map(Act::Duplicate),
        1 => any::<Index>().prop_map(Act::Swap),
        1 => any::<(Index, Index)>().prop_map(|(event, at)| Act::Truncate(event, at)),
        1 => Just(Act::Cut),
        1 => Just(Act::Restart),
        6 => (0..200_u64).prop_map(Act::Obey),
        1 => (0..200_u64).prop_map(Act::Poll),
    ]
}

struct World {
    start: Instant,
    now: u64,
    server: Server,
    /// On its way to the follower.
    link: Vec<Event>,
    list: Arc<RevocationList>,
    follower: Follower,
    then: Then,
    complete: Option<Instant>,
}

impl World {
    fn new(clock: u64) -> Self {
        let list = Arc::new(RevocationList::following());
        let follower = Follower::new(Arc::clone(&list));
        let server = Server::new(clock);
        let then = Then::FetchSnapshot;
        let (start, link) = (Instant::now(), Vec::new());
        Self { start, now: 0, server, link, list, follower, then, complete: None }
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    fn act(&mut self, act: &Act) {
        let any =
            |index: &Index, link: &[Event]| (!link.is_empty()).then(|| index.index(link.len()));
        match act {
            Act::Wait(ms) => self.now += ms,
            Act::Revoke => self.server.revoke(self.now),
            Act::Catch => self.link.extend(self.server.catch_up(self.now)),
            Act::Beat => self.link.extend(self.server.beat(self.now)),
            Act::Deliver(many) => self.deliver(usize::from(*many)),
            Act::Drop(index) => {
                any(index, &self.link).map(|at| self.link.remove(at));
            }
            Act::DropAndRenumber(index) => {
                if let Some(at) = any(index, &self.link) {
                    self.link.remove(at);
                    self.link.iter_mut().skip(at).for_each(Event::count_down);
                }
            }
            Act::Duplicate(index) => {
                if let Some(at) = any(index, &self.link) {
                    self.link.insert(at, self.link[at].clone());
                }
            }
            Act::Swap(index) => {
                if let Some(at) = any(index, &self.link).filter(|at| *at > 0) {
                    self.link.swap(at - 1, at);
                }
            }
            Act::Truncate(index, cut) => {
                if let Some(at) = any(index, &self.link) {
                    self.link[at].truncate(*cut);
                }
            }
            Act::Cut => self.cut(),
            Act::Restart => {
                self.server.restart();
                self.cut();
            }
            Act::Obey(ms) => self.obey(*ms),
            Act::Poll(ms) => self.poll(*ms),
        }
    }

    fn cut(&mut self) {
        self.link.clear();
        self.server.hang_up();
        if self.then == Then::GoOn {
            self.then = Then::Reconnect;
        }
    }

    fn deliver(&mut self, many: usize) {
        for event in self.link.drain(..many.min(self.link.len())) {
            let arrived_at = self.start + Duration::from_millis(self.now);
            let step = self.follower.event(event.name, &event.text(), arrived_at);
            if step.then != Then::GoOn {
                // Whoever must reconnect still reads what was on its way.
                self.then = step.then;
            }
        }
    }

    /// Does what the follower has asked for. A snapshot is one that was made a while ago.
    fn obey(&mut self, ms: u64) {
        let requested_at = self.instant();
        match self.then {
            Then::GoOn => {}
            Then::FetchSnapshot => {
                let snapshot = self.server.snapshot(self.now);
                self.server.revoke(self.now);
                self.now += ms;
                self.follower.snapshot(snapshot.as_bytes()).unwrap();
                self.then = Then::Reconnect;
            }
            Then::Reconnect => {
                self.now += ms;
                let cursor = self.follower.cursor().unwrap();
                self.link = self.server.connect(&cursor.to_string(), self.now);
                self.follower.connected(requested_at);
                self.then = Then::GoOn;
            }
        }
    }

    /// Polls instead of reading the feed, which has to be connected to again.
    fn poll(&mut self, ms: u64) {
        let Some(cursor) = self.follower.cursor() else { return };
        self.cut();
        let requested_at = self.instant();
        self.now += ms / 2;
        let answer = self.server.poll(&cursor.to_string(), self.now);
        self.now += ms / 2;
        let step = self.follower.polled(answer.as_bytes(), requested_at);
        self.then = if step.then == Then::GoOn { Then::Reconnect } else { step.then };
    }

    /// What must hold at any time.
    fn check(&mut self) -> Result<(), TestCaseError> {
        let now = self.instant();
        let complete = self.list.staleness(now).and_then(|age| now.checked_sub(age));
        prop_assert!(complete >= self.complete, "moved back");
        prop_assert!(complete.is_none_or(|complete| complete <= now), "ahead of its arrival");
        self.complete = complete;

        let Some(complete) = complete else { return Ok(()) };
        let held = self.list.entries();
        for (acknowledged, entry) in &self.server.log {
            let acknowledged = self.start + Duration::from_millis(*acknowledged);
            let is_held = held.contains(entry);
            prop_assert!(is_held || acknowledged >= complete, "{entry:?} is missing");
        }
        Ok(())
    }

    /// Nothing goes wrong any more; a connection that says nothing is closed.
    fn heal(&mut self) {
        self.deliver(usize::MAX);
        self.cut();
        for _ in 0..4 {
            self.obey(1);
            self.link.extend(self.server.catch_up(self.now));
            self.link.extend(self.server.beat(self.now));
            self.deliver(usize::MAX);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// INV1, INV5: whatever goes wrong on the way, a list that is called complete as of a moment
    /// holds everything acknowledged before it.
    #[test]
    fn a_list_that_is_complete_lacks_nothing(
        clock in 0..10_000_000_u64,
        acts in vec(act(), 1..120),
    ) {
        let mut world = World::new(clock);
        for act in acts {
            world.act(&act);
            world.check()?;
        }
    }

    /// INV9: when nothing goes wrong any more, all lists hold the same, and nobody is stale.
    #[test]
    fn what_went_wrong_is_made_up_for(
        clock in 0..10_000_000_u64,
        acts in vec(act(), 1..120),
    ) {
        let mut world = World::new(clock);
        for act in &acts {
            world.act(act);
        }

        world.heal();

        prop_assert_eq!(world.then, Then::GoOn);
        prop_assert_eq!(server::sorted(world.list.entries()), world.server.revoked());
        let staleness = world.list.staleness(world.instant());
        // As long as the slowest request took, from which the connection counts.
        prop_assert!(staleness.is_some_and(|age| age < Duration::from_millis(210)), "{staleness:?}");
    }

    /// INV6, INV11: the same events in any order, repeated or not, make the same list.
    #[test]
    fn order_and_duplicates_do_not_matter(
        events in vec(server::any_revocations(), 1..12),
        order in vec(any::<Index>(), 0..24),
    ) {
        let list = |events: &[&String]| {
            let list = Arc::new(RevocationList::following());
            let mut follower = Follower::new(Arc::clone(&list));
            for data in events {
                follower.event("rev", data, Instant::now());
            }
            server::sorted(list.entries())
        };
        let once: Vec<&String> = events.iter().collect();
        let mut shuffled: Vec<&String> = order.iter().map(|at| at.get(&once)).copied().collect();
        shuffled.extend(once.iter().rev());

        prop_assert_eq!(list(&once), list(&shuffled));
    }
}
