//! What a guard does with a good token when its list may be too old to know.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use jeton::limits::Limits;
use jeton::{
    Algorithm, Guard, KeyId, KeySet, Moment, Reason, Refusal, Revocation, RevocationList,
    SigningKey, StalePolicy, Staleness, SubjectKey, Target, Timestamp, Verdict, VerifyError,
};
use serde_json::json;

use crate::given;
use crate::given::{NOW, at};

const MAX: Duration = Duration::from_secs(5);
const SECOND_BOUND: Duration = Duration::from_mins(1);
const NANO: Duration = Duration::from_nanos(1);

/// A guard with a list that follows another, which remembers tokens or does not.
fn follower(key: &SigningKey, cached_tokens: usize) -> Guard {
    let list = Arc::new(RevocationList::following());
    Guard::with_cache(given::keys(key), given::policy(), list, cached_tokens)
}

fn token_issued(key: &SigningKey, second: i64) -> String {
    given::token(key, &given::claims_with("iat", json!(at(second))))
}

/// What became of a token, in a word.
fn word(verdict: &Result<Verdict, Refusal>) -> &'static str {
    match verdict {
        Ok(Verdict::Admitted(_)) => "admitted",
        Ok(Verdict::Unconfirmed(_)) => "ask",
        Err(refusal) => refusal.code(),
    }
}

/// INV5, V27: each policy at each bound; a remembered token and a fresh one are judged alike.
#[test]
fn each_policy_holds_its_bounds_to_the_nanosecond() {
    use StalePolicy::{Accept, AcceptRecent, Ask, Refuse};

    let past = MAX + NANO;
    let second = SECOND_BOUND;
    let cases = [
        // how old the list is, the policy, when the token was issued, what becomes of it
        (Some(Duration::ZERO), Refuse, -100, "admitted"),
        (Some(MAX), Refuse, -100, "admitted"),
        (Some(past), Refuse, -100, "stale"),
        (Some(past), Refuse, 0, "stale"),
        (None, Refuse, 0, "stale"),
        (Some(MAX), Ask, -100, "admitted"),
        (Some(past), Ask, -100, "ask"),
        (None, Ask, -100, "ask"),
        (Some(MAX), AcceptRecent, -100, "admitted"),
        (Some(past), AcceptRecent, -100, "stale"),
        (Some(past), AcceptRecent, -6, "stale"),
        (Some(past), AcceptRecent, -5, "admitted"),
        (Some(past), AcceptRecent, 0, "admitted"),
        (Some(past), AcceptRecent, 5, "admitted"), // our time of day is behind the issuer's
        (Some(past), AcceptRecent, 6, "stale"),    // so far that it says nothing
        (None, AcceptRecent, -5, "admitted"),
        (None, AcceptRecent, -6, "stale"),
        (Some(MAX), Accept(second), -100, "admitted"),
        (Some(past), Accept(second), -100, "admitted"),
        (Some(second), Accept(second), -100, "admitted"),
        (Some(second + NANO), Accept(second), -100, "stale"),
        (Some(second + NANO), Accept(second), 0, "stale"),
        (None, Accept(second), 0, "stale"),
    ];
    let key = given::key(Algorithm::Hs256);
    let heard = Instant::now();
    for (age, policy, issued, expected) in cases {
        let name = format!("{age:?} {policy:?} issued at {issued}");
        let token = token_issued(&key, issued);
        for cached_tokens in [0, 8] {
            let staleness = Staleness { max: MAX, policy };
            let guard = follower(&key, cached_tokens).with_staleness(staleness);
            if age.is_some() {
                guard.revocations().complete_as_of(heard);
            }
            let now = Moment::new(NOW, heard + age.unwrap_or_default());
            for _ in 0..2 {
                let verdict = guard.examine(&token, now, staleness);
                assert_eq!(word(&verdict), expected, "{name}");

                // Who cannot ask has to say that nobody can tell.
                let expected = if expected == "ask" { "stale" } else { expected };
                let checked = guard.check(&token, now).map(Verdict::Admitted);
                assert_eq!(word(&checked), expected, "{name}");
            }
        }
    }
}

/// INV1: what is refused stays refused under every policy, however old the list is.
#[test]
fn what_the_list_refuses_stays_refused_however_old_it_is() {
    let alice = SubjectKey::of("alice");
    let targets = [
        (Target::Session(given::session(), Reason::Banned), "banned"),
        (Target::Token("t1".to_owned(), Reason::Revoked), "revoked"),
        (Target::Subject(alice, 4), "token_recalled"),
        (Target::Key(KeyId::new("k1").unwrap()), "key_withdrawn"),
    ];
    let policies = [
        StalePolicy::Refuse,
        StalePolicy::Ask,
        StalePolicy::AcceptRecent,
        StalePolicy::Accept(Duration::MAX),
    ];
    let key = given::key(Algorithm::Hs256);
    let token = token_issued(&key, 0);
    let heard = Instant::now();
    for (target, code) in targets {
        let guard = follower(&key, 8);
        guard.revocations().add(&Revocation { target, until: at(600) });
        let moments = [Moment::from(NOW), Moment::new(NOW, heard + SECOND_BOUND)];
        for (policy, now) in policies.into_iter().flat_map(|p| moments.map(|now| (p, now))) {
            let verdict = guard.examine(&token, now, Staleness { max: MAX, policy });

            assert_eq!(word(&verdict), code, "{policy:?}");
        }
    }
}

/// INV5: without a clock that nobody can set, a list that follows another is of an unknown age; one
/// that follows nobody is never old.
#[test]
fn a_list_that_follows_is_stale_to_the_time_of_day_alone() {
    let key = given::key(Algorithm::Hs256);
    let token = token_issued(&key, -100);
    let following = follower(&key, 8);
    following.revocations().complete_as_of(Instant::now());

    assert_eq!(following.check(&token, NOW), Err(Refusal::Stale));
    assert_eq!(Refusal::Stale.code(), "stale");
    assert!(given::guard(&key).check(&token, NOW).is_ok());
}

/// INV5: the age of a list is measured on a clock that nobody can set; setting the time of day back
/// makes nothing fresh.
#[test]
fn setting_the_time_of_day_back_makes_no_list_fresh() {
    let key = given::key(Algorithm::Hs256);
    let token = token_issued(&key, -100);
    let guard = follower(&key, 8);
    let heard = Instant::now();
    guard.revocations().complete_as_of(heard);
    let later = heard + MAX + NANO;

    for wall in [at(0), at(-50), at(-100), at(100)] {
        let staleness = Staleness { max: MAX, policy: StalePolicy::Refuse };
        let fresh = guard.examine(&token, Moment::new(wall, heard), staleness);
        let stale = guard.examine(&token, Moment::new(wall, later), staleness);
        assert_eq!((word(&fresh), word(&stale)), ("admitted", "stale"), "{wall}");
    }
}

/// INV5: completeness never moves back, and no moment is too early or too late to be told.
#[test]
fn completeness_never_moves_back() {
    let list = RevocationList::following();
    let long_ago = Instant::now();
    let start = long_ago + Duration::from_secs(1_000);
    assert_eq!(list.staleness(start), None);
    let steps = [
        (Duration::from_secs(10), Duration::from_secs(90)),
        (Duration::from_secs(30), Duration::from_secs(70)),
        (Duration::from_secs(20), Duration::from_secs(70)),
        (Duration::ZERO, Duration::from_secs(70)),
        (Duration::from_secs(30) + NANO, Duration::from_nanos(69_999_999_999)),
        (Duration::from_secs(200), Duration::ZERO), // later than now: no age is below zero
    ];
    for (told, age) in steps {
        list.complete_as_of(start + told);
        assert_eq!(list.staleness(start + Duration::from_secs(100)), Some(age), "{told:?}");
    }
    assert_eq!(list.staleness(long_ago), Some(Duration::ZERO));

    let alone = RevocationList::new();
    alone.complete_as_of(start);
    assert_eq!(alone.staleness(start + SECOND_BOUND), Some(Duration::ZERO));
}

/// V27: a hit asks for the age again, and never profits from that of the last one.
#[test]
fn a_list_that_ages_between_two_hits_is_stale_at_the_second() {
    let key = given::key(Algorithm::Hs256);
    let token = token_issued(&key, -100);
    let guard = follower(&key, 8);
    let heard = Instant::now();
    guard.revocations().complete_as_of(heard);
    let check = |age| guard.check(&token, Moment::new(NOW, heard + age)).map(|_| ());

    assert_eq!(check(MAX), Ok(()));
    assert_eq!(check(MAX + NANO), Err(Refusal::Stale));
    guard.revocations().complete_as_of(heard + NANO);
    assert_eq!(check(MAX + NANO), Ok(()));
}

/// What a guard was told about staleness survives whatever else it is told.
#[test]
fn a_guard_keeps_its_staleness() {
    let key = given::key(Algorithm::Hs256);
    let staleness = Staleness { max: Duration::from_secs(1), policy: StalePolicy::Ask };
    let guard = follower(&key, 0).with_staleness(staleness).with_limits(Limits::default());
    guard.set_keys(given::keys(&given::key(Algorithm::Hs256)));
    guard.set_keys(given::keys(&key));

    assert_eq!(guard.staleness(), staleness);
    assert_eq!(follower(&key, 8).staleness(), Staleness::default());
    let default = Staleness { max: MAX, policy: StalePolicy::AcceptRecent };
    assert_eq!(Staleness::default(), default);
}

/// A token that is bad is bad, whatever anybody could say about the list.
#[test]
fn a_bad_token_is_never_a_question_of_staleness() {
    let key = given::key(Algorithm::Hs256);
    let guard = follower(&key, 8);
    let staleness = Staleness { max: MAX, policy: StalePolicy::Ask };
    let token = token_issued(&key, -100);
    assert_eq!(word(&guard.examine(&token, NOW, staleness)), "ask");

    let expired = guard.examine(&token, at(531), staleness);
    assert_eq!(expired, Err(VerifyError::Expired.into()));
    let foreign = token_issued(&given::key(Algorithm::Hs256), -100);
    let forged = guard.examine(&foreign, NOW, staleness);
    assert_eq!(forged, Err(VerifyError::BadSignature.into()));
}

/// Who was asked and said yes has confirmed this identity.
#[test]
fn an_unconfirmed_identity_is_the_tokens() {
    let key = given::key(Algorithm::Hs256);
    let guard = follower(&key, 8);
    let ask = Staleness { max: MAX, policy: StalePolicy::Ask };
    let verdict = guard.examine(&token_issued(&key, -100), NOW, ask).unwrap();

    let Verdict::Unconfirmed(unconfirmed) = verdict else { panic!("{verdict:?}") };
    assert_eq!(unconfirmed.confirmed().subject(), "alice");
}

/// INV1, INV5: a list that learns of an end and becomes complete during a check does not vouch for
/// what the check saw before.
#[test]
fn a_list_never_vouches_for_a_look_before_it_was_complete() {
    let key = given::key(Algorithm::Hs256);
    let token = token_issued(&key, -100);
    let refuse = Staleness { max: MAX, policy: StalePolicy::Refuse };
    for round in 0..1_000 {
        let guard = follower(&key, 8).with_staleness(refuse);
        let (start, done) = (Barrier::new(2), AtomicBool::new(false));
        let now = Moment::new(NOW, Instant::now());
        assert_eq!(guard.check(&token, now), Err(Refusal::Stale));
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                let target = Target::Session(given::session(), Reason::Banned);
                guard.revocations().add(&Revocation { target, until: at(600) });
                guard.revocations().complete_as_of(Instant::now());
                done.store(true, Ordering::Release);
            });
            start.wait();
            loop {
                let was_done = done.load(Ordering::Acquire);
                let verdict = guard.check(&token, now);
                assert!(verdict.is_err(), "round {round}");
                if was_done {
                    break;
                }
            }
        });
    }
}

/// V19: a client that speaks for itself is known by its claims, and is nobody else.
#[test]
fn a_client_is_no_user_whatever_it_is_called() {
    let key = given::key(Algorithm::Hs256);
    let guard = given::guard(&key);
    let cases = [
        ("a user in a session", "alice", "web", true, false),
        ("a user without one", "alice", "web", false, false),
        ("a client", "reports", "reports", false, true),
        ("a user called like the client", "web", "web", true, false),
        ("a client called like a user", "alice", "alice", false, true),
    ];
    for (name, subject, client, in_session, is_client) in cases {
        let mut claims = given::claims_of(subject);
        claims["client_id"] = json!(client);
        if !in_session {
            claims.as_object_mut().unwrap().remove("sid");
        }
        let identity = guard.check(&given::token(&key, &claims), NOW).unwrap();

        assert_eq!(identity.is_client(), is_client, "{name}");
        assert_eq!(identity.session().is_some(), in_session, "{name}");
    }
}

/// The time of day that a moment tells is the one it was made of.
#[test]
fn a_moment_is_of_one_clock_or_of_two() {
    let instant = Instant::now();
    let both = Moment::new(NOW, instant);

    assert_eq!((both.wall(), both.monotonic()), (NOW, Some(instant)));
    let wall: Timestamp = NOW;
    assert_eq!((Moment::from(wall).wall(), Moment::from(wall).monotonic()), (NOW, None));
}

/// W5: a key that is not known is no fault of the token's while nobody can know the newest keys.
#[test]
fn a_key_that_an_old_list_has_not_heard_of_may_be_a_new_one() {
    let (key, heard) = (given::key(Algorithm::Es256), Instant::now());
    let list = Arc::new(RevocationList::following());
    let guard = Guard::new(KeySet::default(), given::policy(), Arc::clone(&list));
    let token = token_issued(&key, -100);
    let code = |after| guard.check(&token, Moment::new(NOW, heard + after)).unwrap_err().code();

    assert_eq!(code(Duration::ZERO), "stale", "never heard");
    list.complete_as_of(heard);
    assert_eq!(code(MAX), "key_unknown");
    assert_eq!(code(MAX + NANO), "stale");
    assert_eq!(guard.check("no token", NOW).unwrap_err().code(), "token_malformed");
}
