//! What terms may say.

use std::time::Duration;

use jeton_session::{SessionPolicy, Terms, TermsError};

use crate::support::{AUDIENCE, ISSUER, terms};

/// I6, R16: every term has its bounds, and the refusal names term and bound.
#[test]
fn every_term_has_its_bounds() {
    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }
    const YEAR: u64 = 365 * 24 * 3600;
    let cases: [(&str, fn(&mut Terms), Option<&str>); 22] = [
        ("defaults", |_| {}, None),
        ("no issuer", |t| t.issuer.clear(), Some("issuer")),
        ("no audience", |t| t.audience.clear(), Some("audience")),
        (
            "for itself",
            |t| t.audience = ISSUER.into(),
            Some("audience"),
        ),
        (
            "access 0",
            |t| t.access_lifetime = secs(0),
            Some("access_lifetime"),
        ),
        (
            "access < 1 s",
            |t| t.access_lifetime = Duration::from_millis(999),
            Some("access_lifetime"),
        ),
        ("access 1 s", |t| t.access_lifetime = secs(1), None),
        ("access 1 h", |t| t.access_lifetime = secs(3600), None),
        (
            "access > 1 h",
            |t| t.access_lifetime = secs(3601),
            Some("access_lifetime"),
        ),
        ("leeway 0", |t| t.leeway = secs(0), None),
        ("leeway 60 s", |t| t.leeway = secs(60), None),
        ("leeway 61 s", |t| t.leeway = secs(61), Some("leeway")),
        ("grace off", |t| t.grace = secs(0), None),
        ("grace 61 s", |t| t.grace = secs(61), Some("grace")),
        (
            "idle = access",
            |t| t.idle_lifetime = secs(600),
            Some("idle_lifetime"),
        ),
        ("idle > access", |t| t.idle_lifetime = secs(601), None),
        (
            "idle > absolute",
            |t| t.absolute_lifetime = secs(600),
            Some("absolute_lifetime"),
        ),
        (
            "idle = absolute",
            |t| t.absolute_lifetime = t.idle_lifetime,
            None,
        ),
        ("ten years", |t| t.absolute_lifetime = secs(10 * YEAR), None),
        (
            "for ever",
            |t| t.absolute_lifetime = Duration::MAX,
            Some("absolute_lifetime"),
        ),
        ("no sessions", |t| t.max_sessions = 0, Some("max_sessions")),
        (
            "1,001 sessions",
            |t| t.max_sessions = 1_001,
            Some("max_sessions"),
        ),
    ];
    for (name, change, refused) in cases {
        let mut terms = terms();
        change(&mut terms);

        let checked = terms.check();

        assert_eq!(checked.err().map(|error| error.name), refused, "{name}");
    }
}

/// A refusal is a sentence an operator can act on.
#[test]
fn a_refused_term_says_what_it_must_be() {
    let error = TermsError {
        name: "grace",
        bound: "at most 60 seconds",
    };

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
