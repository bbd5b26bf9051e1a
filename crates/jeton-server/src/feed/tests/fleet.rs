//! What verifiers are told by several processes over one store.

use std::time::Duration;

use jeton::{Algorithm, Reason, Refusal, RevocationList, StalePolicy, Staleness};
use jeton_feed::wire::{FeedCursor, Polled, WireEntry};
use jeton_session::{Keyring, Login, Sessions, Terms};
use tokio::time::{Instant, sleep, timeout};

use super::NOW;
use super::double::Node;
use crate::feed::Feed;
use crate::settings::Settings;

/// A process: its sessions and its feed.
struct Process {
    sessions: Sessions<Node>,
    feed: Feed,
}

impl Process {
    async fn start(node: Node, keyring: &Keyring) -> Self {
        let terms = Terms::new("https://login.example", "https://api.example");
        let list = RevocationList::following();
        let sessions = Sessions::start_with(node, terms, keyring.clone(), list).await.unwrap();
        let mut settings = Settings::default();
        settings.feed.canary = 0;
        let feed = Feed::new(&sessions, &settings, || NOW).await.unwrap();
        Self { sessions, feed }
    }

    async fn run(&self) {
        self.feed.run(&self.sessions, || NOW).await;
    }

    async fn poll(&self, cursor: FeedCursor) -> Polled {
        let polled = self.feed.publisher().poll(Some(cursor), Duration::ZERO).await.unwrap();
        serde_json::from_slice(&polled).unwrap()
    }

    fn start_of_feed(&self) -> FeedCursor {
        FeedCursor { feed: self.feed.publisher().feed(), position: 0 }
    }
}

/// Runs all of them until this is over.
async fn beside<const N: usize>(processes: [&Process; N], act: impl Future<Output = ()>) {
    let mut all: Vec<_> = processes.iter().map(|process| Box::pin(process.run())).collect();
    let run = std::future::poll_fn(|context| {
        for process in &mut all {
            let _ = process.as_mut().poll(context);
        }
        std::task::Poll::<()>::Pending
    });
    tokio::select! {
        () = run => unreachable!(),
        () = act => {}
    }
}

fn keyring() -> Keyring {
    Keyring::generate(Algorithm::EdDsa, NOW).unwrap()
}

/// INV1, INV9: one feed, wherever it is read; and whoever tells of something refuses it.
#[tokio::test(start_paused = true)]
async fn what_is_revoked_at_one_is_told_and_refused_by_all() {
    let (keyring, node) = (keyring(), Node::default());
    let [a, b] = [node.beside(), node].map(|node| Process::start(node, &keyring));
    let (a, b) = (a.await, b.await);
    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        let pair = a.sessions.open(Login::of("alice"), NOW).await.unwrap();
        let before = a.poll(a.start_of_feed()).await.cursor;
        a.sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();
        sleep(Duration::from_secs(3)).await;

        let [of_a, of_b] = [a.poll(before).await, b.poll(before).await];

        assert_eq!((of_a.reset, of_b.reset), (false, false));
        assert_eq!((of_a.e.len(), &of_a.e), (1, &of_b.e));
        let list = b.sessions.guard().revocations();
        assert_eq!(list.ended(pair.session), Some(Reason::LoggedOut));
    };
    beside([&a, &b], act).await;
}

/// A cursor moves with what all processes are known to have told, and not with one of them.
#[tokio::test(start_paused = true)]
async fn a_cursor_does_not_pass_what_another_process_may_not_have_told() {
    let (keyring, node) = (keyring(), Node::default());
    let other = node.beside();
    let a = Process::start(node, &keyring).await;
    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        let early = a.poll(a.start_of_feed()).await.cursor;
        let pair = a.sessions.open(Login::of("alice"), NOW).await.unwrap();
        a.sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();
        sleep(Duration::from_millis(10)).await;
        let told = a.poll(early).await;
        sleep(Duration::from_secs(2)).await;

        assert_eq!((told.e.len(), told.cursor), (1, early), "told at once, and not passed");
        let later = a.poll(early).await;
        assert!(later.cursor.position > early.position);
        assert_eq!(a.poll(later.cursor).await.e, []);
    };
    beside([&a], act).await;
    drop(other);
}

/// INV9: verifiers that were cut off by a restart go on where they were.
#[tokio::test(start_paused = true)]
async fn a_process_that_has_just_started_takes_the_cursors_of_the_others() {
    let (keyring, node) = (keyring(), Node::default());
    let later = node.beside();
    let a = Process::start(node, &keyring).await;
    let mut cursor = a.start_of_feed();
    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        for reason in [Reason::Kicked, Reason::Banned] {
            let pair = a.sessions.open(Login::of("alice"), NOW).await.unwrap();
            a.sessions.end(pair.session, reason, NOW).await.unwrap();
            sleep(Duration::from_secs(2)).await;
            if reason == Reason::Kicked {
                cursor = a.poll(cursor).await.cursor;
            }
        }
    };
    beside([&a], act).await;
    let b = Process::start(later, &keyring).await;

    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        let [of_a, of_b] = [a.poll(cursor).await, b.poll(cursor).await];
        assert!(!of_b.reset);
        // What it has read at once it tells at once: that may be more than was missed.
        assert!(of_a.e.len() == 1 && of_b.e.ends_with(&of_a.e), "{of_a:?} {of_b:?}");
    };
    beside([&b], act).await;
}

/// INV5: in a fleet nobody knows at once what others have revoked, so a process asks no more of its
/// list than of any verifier's.
#[tokio::test(start_paused = true)]
async fn a_process_that_proves_nothing_calls_its_own_list_old() {
    let node = Node::default();
    let a = Process::start(node, &keyring()).await;
    let pair = a.sessions.open(Login::of("alice"), NOW).await.unwrap();
    let list = a.sessions.guard().revocations();
    let age = || list.staleness(Instant::now().into_std());
    assert_eq!(age(), None, "not yet");
    let strict = Staleness { max: Duration::from_secs(5), policy: StalePolicy::Refuse };
    let check = || {
        let now = jeton::Moment::new(NOW, Instant::now().into_std());
        a.sessions.guard().examine(&pair.access_token, now, strict).map(drop)
    };

    let act = async {
        sleep(Duration::from_millis(1_500)).await;
        assert!(age().is_some_and(|age| age <= Duration::from_secs(1)), "{:?}", age());
        assert_eq!(check(), Ok(()));
        a.sessions.store().fail();
        sleep(Duration::from_secs(20)).await;
        assert!(age().is_some_and(|age| age >= Duration::from_secs(20)), "{:?}", age());
        assert_eq!(check(), Err(Refusal::Stale));
    };
    beside([&a], act).await;
}

/// Nobody else can tell what the time in it means.
#[tokio::test(start_paused = true)]
async fn canaries_are_told_by_the_process_that_sends_them() {
    let (keyring, node) = (keyring(), Node::default());
    let [a, b] = [node.beside(), node].map(|node| Process::start(node, &keyring));
    let (mut a, b) = (a.await, b.await);
    a.feed.canary = Duration::from_secs(10);
    let _ = timeout(Duration::from_secs(15), beside([&a, &b], std::future::pending())).await;

    let [of_a, of_b] = [a.poll(a.start_of_feed()).await, b.poll(b.start_of_feed()).await];

    let is_canary = |entry: &WireEntry| matches!(entry, WireEntry::Canary { .. });
    assert!(of_a.e.len() == 2 && of_a.e.iter().all(is_canary), "{of_a:?}");
    assert_eq!(of_b.e, []);
    assert_eq!(of_b.cursor.feed, of_a.cursor.feed);
    assert!(of_b.cursor.position > 0, "the places of canaries are passed as well");
}
