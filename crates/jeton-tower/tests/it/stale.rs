//! What happens when nobody knows what was revoked.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use jeton::{StalePolicy, Staleness};
use jeton_tower::{Gate, Identity, Outage, User};
use tower::{Layer as _, Service};

use crate::house::{House, ask, get as request};

const MAX: Duration = Duration::from_secs(5);
const OLD: Duration = Duration::from_secs(6);

fn staleness(policy: StalePolicy) -> Staleness {
    Staleness { max: MAX, policy }
}

async fn who(identity: Identity) -> String {
    identity.subject().to_owned()
}

/// The same question by both ways: to an extractor, and through a layer.
fn routers(gate: &Gate) -> [Router; 2] {
    let router = || Router::new().route("/", get(who)).with_state(gate.clone());
    [router(), router().layer(gate.layer())]
}

/// W5: a client throws its token away at a 401; this one is good.
#[tokio::test]
async fn a_stale_verifier_answers_503_and_never_401() {
    let house = House::following(OLD, staleness(StalePolicy::Refuse));
    let token = house.user("alice", "");
    for router in routers(&house.gate) {
        let answer = ask(router, request("/", Some(&token))).await;

        assert_eq!((answer.status, &*answer.code()), (503, "stale"));
        assert_eq!(answer.retry_after.as_deref(), Some("1"));
        assert_eq!(answer.challenge, None);
    }
    assert_eq!(ask(routers(&house.gate)[0].clone(), request("/", None)).await.status, 401);
}

#[tokio::test]
async fn a_verifier_that_is_fresh_again_answers_again() {
    let house = House::following(OLD, staleness(StalePolicy::Refuse));
    let token = house.user("alice", "");
    let [router, _] = routers(&house.gate);
    assert_eq!(ask(router.clone(), request("/", Some(&token))).await.status, 503);

    house.list.complete_as_of(std::time::Instant::now() + Duration::from_hours(1));
    let answer = ask(router, request("/", Some(&token))).await;

    assert_eq!((answer.status, &*answer.text), (200, "alice"));
}

/// Money waits where a page does not.
#[tokio::test]
async fn each_route_has_the_staleness_it_asks_for() {
    let house = House::following(OLD, staleness(StalePolicy::Accept(Duration::from_mins(1))));
    let token = house.user("alice", "");
    let strict = house.gate.layer().staleness(staleness(StalePolicy::Refuse));
    let router = Router::new()
        .route("/page", get(who))
        .route("/money", get(who).layer(strict))
        .with_state(house.gate.clone());

    let page = ask(router.clone(), request("/page", Some(&token))).await;
    let money = ask(router, request("/money", Some(&token))).await;

    assert_eq!((page.status, &*page.text), (200, "alice"));
    assert_eq!((money.status, &*money.code()), (503, "stale"));
}

/// What the issuer says counts; where it says nothing, nobody knows.
#[tokio::test]
async fn the_issuer_is_asked_where_the_list_is_too_old() {
    let cases = [
        ("active", Some(true), 200, ""),
        ("inactive", Some(false), 401, "revoked"),
        ("silent", None, 503, "stale"),
    ];
    for (name, says, status, code) in cases {
        let house = House::following(OLD, staleness(StalePolicy::Ask));
        let token = house.user("alice", "");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let gate = house.gate.clone().with_confirm(move |token: String| {
            seen.lock().unwrap().push(token);
            async move { says.ok_or_else(|| Outage::new("no answer in time")) }
        });
        for router in routers(&gate) {
            let answer = ask(router, request("/", Some(&token))).await;

            assert_eq!(answer.status, status, "{name}: {answer:?}");
            assert!(status == 200 || answer.code() == code, "{name}: {answer:?}");
            assert_eq!(answer.challenge.is_some(), status == 401, "{name}");
            // Once, even where a layer and an extractor want to know.
            assert_eq!(*asked.lock().unwrap(), [&*token], "{name}");
            asked.lock().unwrap().clear();
        }
        assert_eq!(gate.check(&request("/", Some(&token))).map(drop).unwrap_err().code(), "stale");
    }
}

#[tokio::test]
async fn nobody_is_asked_about_a_token_that_is_known_to_be_good_or_bad() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let confirm = move |_: String| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(true) }
    };
    let ask_policy = staleness(StalePolicy::Ask);
    let (fresh, old) = (House::following(MAX, ask_policy), House::following(OLD, ask_policy));
    old.log_out("alice");
    let cases = [
        ("fresh", &fresh, fresh.user("alice", ""), 200),
        ("revoked", &old, old.user("alice", ""), 401),
        ("forged", &old, fresh.user("bob", ""), 401),
    ];
    for (name, house, token, status) in cases {
        let gate = house.gate.clone().with_confirm(confirm.clone());
        for router in routers(&gate) {
            let answer = ask(router, request("/", Some(&token))).await;

            assert_eq!(answer.status, status, "{name}: {answer:?}");
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_anybody_to_ask_it_stays_unknown() {
    let house = House::following(OLD, staleness(StalePolicy::Ask));
    let token = house.user("alice", "");
    for router in routers(&house.gate) {
        let answer = ask(router, request("/", Some(&token))).await;

        assert_eq!((answer.status, &*answer.code()), (503, "stale"));
    }
}

/// A handler may want to know it in two ways.
#[tokio::test]
async fn the_issuer_is_asked_once_in_a_request() {
    let house = House::following(OLD, staleness(StalePolicy::Ask));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let gate = house.gate.clone().with_confirm(move |_: String| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(true) }
    });
    let both =
        async |identity: Identity, user: User| format!("{} {}", identity.subject(), user.subject());
    let router = Router::new().route("/", get(both)).with_state(gate);

    let answer = ask(router, request("/", Some(&house.user("alice", "")))).await;

    assert_eq!((answer.status, &*answer.text), (200, "alice alice"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// A rule of the route holds for those whom the issuer has confirmed, too.
#[tokio::test]
async fn a_confirmed_token_needs_its_scope_all_the_same() {
    let house = House::following(OLD, staleness(StalePolicy::Ask));
    let gate = house.gate.clone().with_confirm(|_: String| async { Ok(true) });
    let router = Router::new().route("/", get(who).layer(gate.layer().scope("a"))).with_state(gate);

    let with = ask(router.clone(), request("/", Some(&house.user("alice", "a")))).await;
    let without = ask(router, request("/", Some(&house.user("alice", "b")))).await;

    assert_eq!((with.status, &*with.text), (200, "alice"));
    assert_eq!((without.status, &*without.code()), (403, "insufficient_scope"));
}

/// A service that must be found ready before it is called; its clones are not.
#[derive(Default)]
struct Picky {
    is_ready: bool,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request> for Picky {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        std::future::ready(Ok(Response::new(Body::from("served"))))
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_serves() {
    let house = House::following(OLD, staleness(StalePolicy::Ask));
    let token = house.user("alice", "");
    let gate = house.gate.with_confirm(|_: String| async {
        tokio::task::yield_now().await;
        Ok(true)
    });

    let answer = ask(gate.layer().layer(Picky::default()), request("/", Some(&token))).await;

    assert_eq!((answer.status, &*answer.text), (200, "served"));
}
