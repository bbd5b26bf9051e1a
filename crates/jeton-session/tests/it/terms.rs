//! What terms may say.

use std::time::Duration;

use jeton_session::{Login, SessionPolicy, Terms, TermsError};

use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, terms};

/// The term that is meant, and a change to the defaults.
type Case = (&'static str, fn(&mut Terms));

const YEAR: Duration = Duration::from_hours(365 * 24);
const EVER: Duration = Duration::MAX;

/// I6, R16: what is out of bounds is refused by name.
#[test]
fn a_term_out_of_bounds_is_refused() {
    let cases: [Case; 14] = [
        ("issuer", |t| t.issuer.clear()),
        ("audience", |t| t.audience.clear()),
        ("audience", |t| t.audience = ISSUER.into()),
        ("access_lifetime", |t| t.access_lifetime = millis(999)),
        ("access_lifetime", |t| t.access_lifetime = secs(3601)),
        ("earlier_lifetime", |t| t.earlier_lifetime = secs(3_661)),
        ("leeway", |t| t.leeway = secs(61)),
        ("grace", |t| t.grace = secs(61)),
        ("idle_lifetime", |t| t.idle_lifetime = secs(600)),
        ("absolute_lifetime", |t| t.absolute_lifetime = YEAR / 365),
        ("absolute_lifetime", |t| t.absolute_lifetime = YEAR * 11),
        ("absolute_lifetime", |t| t.absolute_lifetime = EVER),
        ("max_sessions", |t| t.max_sessions = 0),
        ("max_sessions", |t| t.max_sessions = 1_001),
    ];
    for (n, (name, change)) in cases.into_iter().enumerate() {
        let mut terms = terms();
        change(&mut terms);

        let refused = terms.check().map_err(|error| error.name);

        assert_eq!(refused, Err(name), "case {n}");
    }
}

/// The bounds themselves are within bounds.
#[test]
fn a_term_at_its_bound_is_fine() {
    let cases: [Case; 10] = [
        ("nothing", |_| {}),
        ("access_lifetime", |t| t.access_lifetime = secs(1)),
        ("access_lifetime", |t| t.access_lifetime = secs(3600)),
        ("leeway", |t| t.leeway = secs(0)),
        ("leeway", |t| t.leeway = secs(60)),
        ("grace", |t| t.grace = secs(0)),
        ("grace", |t| t.grace = secs(60)),
        ("idle_lifetime", |t| t.idle_lifetime = secs(601)),
        ("idle_lifetime", |t| t.idle_lifetime = t.absolute_lifetime),
        ("absolute_lifetime", |t| t.absolute_lifetime = YEAR * 10),
    ];
    for (n, (name, change)) in cases.into_iter().enumerate() {
        let mut terms = terms();
        change(&mut terms);

        assert_eq!(terms.check(), Ok(()), "case {n}, {name}");
    }
}

/// What is within bounds works: a session as long as there can be is refreshed to its end.
#[tokio::test]
async fn the_longest_session_there_can_be_works() {
    let longest = Terms { idle_lifetime: YEAR * 10, absolute_lifetime: YEAR * 10, ..terms() };
    let issuer = Issuer::on(longest).await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();

    let last_second = NOW.after(YEAR * 10).before(secs(1));
    let refreshed = issuer.sessions.refresh(&pair.refresh_token, last_second).await;

    assert_eq!(refreshed.unwrap().pair.expires_in, secs(1));
}

/// A refusal is a sentence an operator can act on.
#[test]
fn a_refused_term_says_what_it_must_be() {
    let error = TermsError { name: "grace", bound: "at most 60 seconds" };

    assert_eq!(error.to_string(), "grace must be at most 60 seconds");
}

/// I6: a revocation is remembered longer than any access token lives by the slowest clock.
#[test]
fn retention_is_lifetime_and_leeway_and_a_minute() {
    let default = terms();
    let widest = Terms {
        access_lifetime: Duration::from_hours(1),
        leeway: Duration::from_mins(1),
        ..terms()
    };

    assert_eq!(default.retention().as_secs(), 690);
    assert_eq!(widest.retention().as_secs(), 3_600 + 60 + 60);
}

/// Section 10 of the design: the defaults, and that the rules are given them.
#[test]
fn the_defaults_are_those_of_the_design() {
    let expected = SessionPolicy {
        idle: Duration::from_hours(14 * 24),
        absolute: Duration::from_hours(90 * 24),
        grace: Duration::from_secs(10),
        max_sessions: 100,
        refuse_over_limit: false,
        one_per_device_kind: false,
        retention: Duration::from_secs(690),
    };

    let terms = Terms::new(ISSUER, AUDIENCE);

    assert_eq!(terms.session_policy(), expected);
    assert_eq!(terms.access_lifetime.as_secs(), 600);
    assert_eq!(terms.leeway.as_secs(), 30);
    assert_eq!(terms.key_times().lead.as_secs(), 600);
    assert_eq!(terms.key_times().access_tail, terms.retention());
    assert_eq!(terms.key_times().refresh_tail, expected.idle + terms.leeway);
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
