//! A subscriber over real sockets, whose connections go to one process and then to another.

mod balancer;
mod service;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jeton::{Fingerprint, Guard, Policy, Refused, SessionId, SigningKey, StalePolicy, Staleness};
use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
use tokio::task::JoinSet;

use self::balancer::Balancer;
use self::service::Service;
use super::double::Streams;
use crate::issuer::{eventually, wall};
use crate::subscriber::given::{MOST, key, session, token};

/// Two processes over one store, a balancer in front of them, and a verifier behind it.
struct Case {
    key: SigningKey,
    streams: Arc<Mutex<Streams>>,
    services: [Service; 2],
    balancer: Balancer,
    subscriber: Subscriber,
    guard: Arc<Guard>,
    _tasks: JoinSet<()>,
}

impl Case {
    /// The second of them has its turn so many milliseconds after the first, and is as far behind.
    async fn start(apart: u64, holds_back: bool) -> Self {
        let key = key("k1");
        let streams = Arc::new(Mutex::new(Streams::new([0, 40, 90])));
        let services = [Service::start(&key).await, Service::start(&key).await];
        for service in &services {
            service.hold_back(holds_back);
        }
        let mut tasks = JoinSet::new();
        for (service, every) in services.iter().zip([20, 20 + apart]) {
            tasks.spawn(service.keep_up(Arc::clone(&streams), Duration::from_millis(every)));
        }
        let balancer = Balancer::to(services[0].address).await;
        let staleness = Staleness { max: Duration::from_secs(5), policy: StalePolicy::Refuse };
        let credentials = Credentials::client("orders", "jcs_s:cret");
        let settings = Settings::new(&balancer.url, credentials, wall).with_staleness(staleness);
        let subscriber = Subscriber::start(settings).unwrap();
        let guard = subscriber.guard(Policy::access_token("issuer", "api"));
        let case = Self { key, streams, services, balancer, subscriber, guard, _tasks: tasks };
        case.subscriber.wait_ready(MOST).await.unwrap();
        case
    }

    fn revoke(&self, session: SessionId, stream: usize) {
        let refused = Refused::Session(Fingerprint::of_session(session), jeton::Reason::LoggedOut);
        self.streams.lock().unwrap().revoke_what(stream, refused);
    }

    fn code(&self, session: SessionId) -> &'static str {
        let checked = self.guard.check(&token(&self.key, session), self.subscriber.clock()());
        checked.map_or_else(|refusal| refusal.code(), |_| "accepted")
    }

    fn asked(&self, path: &str) -> usize {
        self.services.iter().map(|service| service.asked(path)).sum()
    }
}

/// INV1, INV9: behind a balancer no verifier has to know how many there are.
#[tokio::test]
async fn a_verifier_that_is_cut_off_goes_on_with_its_cursor_at_the_next() {
    for apart in [0, 150] {
        let case = Case::start(apart, false).await;
        for number in 0..16 {
            case.revoke(session(number), usize::from(number % 3));
            if number % 2 == 0 {
                let hops = case.asked("/v1/revocations/feed");
                case.balancer.turn_to(case.services[usize::from(number / 2 + 1) % 2].address);
                eventually("connected", || case.asked("/v1/revocations/feed") > hops).await;
            }
        }

        eventually("all refused", || (0..16).all(|n| case.code(session(n)) == "logged_out")).await;
        eventually("fresh", || case.code(session(99)) == "accepted").await;
        assert_eq!(case.subscriber.status().resets, 0, "{apart}");
        assert_eq!(case.asked("/v1/revocations/snapshot"), 1, "{apart}");
        assert!(case.services.iter().all(|service| service.asked("/v1/revocations/feed") > 1));
    }
}

/// INV1: polls of one verifier, each answered by another process.
#[tokio::test]
async fn polls_that_are_answered_in_turns_lack_nothing() {
    let case = Case::start(150, true).await;

    for number in 0..12 {
        case.revoke(session(number), usize::from(number % 3));
        let polls = case.asked("/v1/revocations/poll");
        case.balancer.lead_to(case.services[usize::from(number) % 2].address);
        eventually("polled", || case.asked("/v1/revocations/poll") > polls).await;
    }

    eventually("all refused", || (0..12).all(|n| case.code(session(n)) == "logged_out")).await;
    eventually("fresh", || case.code(session(99)) == "accepted").await;
    let asked = case.services.iter().map(|service| service.asked("/v1/revocations/poll"));
    assert!(asked.min() >= Some(4), "not in turns");
    assert_eq!(case.subscriber.status().resets, 0);
}
