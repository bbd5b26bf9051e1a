//! A resource server that follows the feed, and is held to what it says of itself.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jeton::{Guard, Identity, Moment, Policy, Refusal, StalePolicy, Staleness, Verdict};
use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
use tokio::runtime::Runtime;

use crate::chaos::MAX;
use crate::chaos::network::{Network, pause};
use crate::chaos::people::{People, State};
use crate::setup::secret_of;

/// What was under way when a network went dark may still arrive.
const UNDER_WAY: Duration = Duration::from_millis(500);

/// However old the list is.
const ANYHOW: Staleness =
    Staleness { max: Duration::ZERO, policy: StalePolicy::Accept(Duration::MAX) };

pub(crate) struct Verifier {
    subscriber: Subscriber,
    guard: Arc<Guard>,
    clock: Box<dyn Fn() -> Moment + Send + Sync>,
    judged: AtomicU64,
}

impl Verifier {
    pub(crate) fn start(runtime: &Runtime, address: SocketAddr) -> Self {
        let _entered = runtime.enter();
        let credentials = Credentials::client("verifier", secret_of("verifier"));
        let settings =
            Settings::new(format!("http://{address}"), credentials, jeton_server::clock::system)
                .with_staleness(Staleness { max: MAX, policy: StalePolicy::Refuse });
        let subscriber = Subscriber::start(settings).unwrap();
        let guard = subscriber.guard(Policy::access_token("http://localhost:8080", "api"));
        let clock = Box::new(subscriber.clock());
        Self { subscriber, guard, clock, judged: AtomicU64::new(0) }
    }

    pub(crate) fn judged(&self) -> u64 {
        self.judged.load(Ordering::Relaxed)
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.staleness().is_some_and(|staleness| staleness <= MAX)
    }

    pub(crate) fn verdict(&self, token: &str) -> Result<Identity, Refusal> {
        self.guard.check(token, (self.clock)())
    }

    fn staleness(&self) -> Option<Duration> {
        self.subscriber.list().staleness(Instant::now())
    }

    /// Asks about every token, again and again.
    pub(crate) fn judge_until(&self, is_over: &AtomicBool, people: &People, network: &Network) {
        while !is_over.load(Ordering::SeqCst) {
            for (index, known) in people.tokens() {
                let still = || people.state(index);
                self.judge(&known.token, known.state, still, network);
                self.judged.fetch_add(1, Ordering::Relaxed);
            }
            pause(Duration::from_millis(2));
        }
    }

    fn judge(&self, token: &str, state: State, still: impl Fn() -> State, network: &Network) {
        let (asked_at, dark_since) = (Instant::now(), network.dark_since());
        let complete_as_of = self.staleness().and_then(|staleness| asked_at.checked_sub(staleness));
        let anyhow = self.guard.examine(token, (self.clock)(), ANYHOW);
        let verdict = self.verdict(token);

        if let State::Revoked(at) = state {
            // What a list knew before it was asked, it knows.
            let is_known = complete_as_of.is_some_and(|complete| at < complete);
            assert!(
                !is_known || !matches!(anyhow, Ok(Verdict::Admitted(_))),
                "known, and accepted"
            );
            let is_late = at + MAX < asked_at;
            assert!(!is_late || verdict.is_err(), "revoked {:?} ago, and accepted", at.elapsed());
        }
        if state == State::Good && still() == State::Good {
            let is_stale = |refusal: &Refusal| *refusal == Refusal::Stale;
            assert!(verdict.as_ref().err().is_none_or(is_stale), "good, and refused: {verdict:?}");
        }
        if let Some(since) = dark_since.filter(|since| *since + MAX + UNDER_WAY < asked_at) {
            assert!(
                verdict.is_err(),
                "nothing was heard for {:?}, and it accepts",
                since.elapsed()
            );
        }
    }
}
