use jeton::{Entry, KeyId, Reason, Revocation, RevocationList, SessionId, SubjectKey};
use jeton::{Target, Timestamp};
use proptest::prelude::*;

use super::*;

fn subject(number: u8) -> SubjectKey {
    SubjectKey::of(&number.to_string())
}

fn revocation() -> impl Strategy<Value = Revocation> {
    let target = prop_oneof![
        (0..3_u8, 0..3_u8, 0..2_u8).prop_map(|(of, random, reason)| {
            let reason = if reason == 0 { Reason::LoggedOut } else { Reason::Banned };
            Target::Session(SessionId::new(subject(of), [random; 8]), reason)
        }),
        (0..3_u8).prop_map(|id| Target::Token(id.to_string(), Reason::Revoked)),
        (0..3_u8, 0..4_u64).prop_map(|(of, version)| Target::Subject(subject(of), version)),
        (0..2_u8).prop_map(|id| Target::Key(KeyId::new(&format!("k{id}")).unwrap())),
    ];
    (target, 0..4_u64).prop_map(|(target, until)| Revocation {
        target,
        until: Timestamp::from_secs(1_000 + until),
    })
}

fn revocations() -> impl Strategy<Value = Vec<Revocation>> {
    prop::collection::vec(revocation(), 0..30)
}

fn covered(all: &[Revocation]) -> Covered {
    let mut covered = Covered::default();
    for revocation in all {
        covered.add(revocation);
    }
    covered
}

fn list(all: &[Revocation]) -> Vec<Entry> {
    let list = RevocationList::new();
    for one in all {
        // Reasons do not count, so that the greater of two changes nothing here.
        let target = match &one.target {
            Target::Session(id, _) => Target::Session(*id, Reason::Revoked),
            other => other.clone(),
        };
        list.add(&Revocation { target, until: one.until });
    }
    let mut entries = list.entries();
    entries.sort_by(|a, b| (&a.refused, a.until).cmp(&(&b.refused, b.until)));
    entries
}

proptest! {
    /// INV1, INV6: with what is brought back, whoever reads the stream refuses all that was
    /// remembered; and no more is brought back than it takes.
    #[test]
    fn what_is_lost_completes_the_stream(stream in revocations(), remembered in revocations()) {
        let covered = covered(&stream);

        let lost = lost(SubjectKey::ISSUER, &remembered, &covered);

        let back: Vec<_> = lost.iter().flat_map(|lost| lost.revocations.clone()).collect();
        let all = [stream.clone(), remembered].concat();
        prop_assert_eq!(list(&[stream, back.clone()].concat()), list(&all));
        prop_assert!(back.iter().all(|revocation| !covered.covers(revocation)));
    }

    /// A stream that says everything has lost nothing, whatever else it says and in which order.
    #[test]
    fn what_is_in_the_stream_is_not_lost(remembered in revocations(), more in revocations()) {
        let mut stream = [remembered.clone(), more].concat();
        stream.reverse();

        prop_assert_eq!(lost(SubjectKey::ISSUER, &remembered, &covered(&stream)), vec![]);
    }

    /// Each is done again at the subject whose record it has changed.
    #[test]
    fn each_is_brought_back_where_it_belongs(remembered in revocations()) {
        for lost in lost(subject(9), &remembered, &Covered::default()) {
            for revocation in &lost.revocations {
                let home = match &revocation.target {
                    Target::Session(id, _) => id.subject(),
                    Target::Subject(key, _) => *key,
                    _ => subject(9),
                };
                prop_assert_eq!(home, lost.subject);
            }
        }
    }
}

#[test]
fn a_stream_covers_what_says_no_more() {
    let at = |target, until| Revocation { target, until: Timestamp::from_secs(until) };
    let (alice, session) = (subject(1), SessionId::new(subject(1), [1; 8]));
    let cases = [
        ("the same", at(Target::Subject(alice, 3), 100), true),
        ("a lower version", at(Target::Subject(alice, 2), 100), true),
        ("a higher version", at(Target::Subject(alice, 4), 100), false),
        ("for longer", at(Target::Subject(alice, 3), 101), false),
        ("another reason", at(Target::Session(session, Reason::Banned), 100), true),
        (
            "another session",
            at(Target::Session(SessionId::new(alice, [2; 8]), Reason::Banned), 1),
            false,
        ),
        ("another subject", at(Target::Subject(subject(2), 1), 1), false),
        ("a token of that name", at(Target::Token("k".to_owned(), Reason::Revoked), 1), false),
    ];
    let stream = [
        at(Target::Subject(alice, 3), 100),
        at(Target::Session(session, Reason::LoggedOut), 100),
        at(Target::Key(KeyId::new("k").unwrap()), 100),
    ];
    for (name, revocation, expected) in cases {
        assert_eq!(covered(&stream).covers(&revocation), expected, "{name}");
    }
}

/// A subject with very many of them is done in several updates.
#[test]
fn no_update_is_too_large() {
    let session =
        |n: u64| Target::Session(SessionId::new(subject(1), n.to_be_bytes()), Reason::Banned);
    let until = Timestamp::from_secs(1);
    let remembered: Vec<_> = (0..1_000).map(|n| Revocation { target: session(n), until }).collect();

    let lost = lost(SubjectKey::ISSUER, &remembered, &Covered::default());

    assert_eq!(lost.len(), 5);
    assert!(lost.iter().all(|lost| lost.subject == subject(1) && lost.revocations.len() == 200));
}

/// How long it takes for a log as large as it gets:
/// `cargo test -p jeton-store --release --lib seven_hundred -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn seven_hundred_thousand_are_compared() {
    let session = |n: u64| {
        let key = SubjectKey::of(&(n / 2).to_string());
        Target::Session(SessionId::new(key, n.to_be_bytes()), Reason::LoggedOut)
    };
    let until = Timestamp::from_secs(1);
    let remembered: Vec<_> =
        (0..700_000).map(|n| Revocation { target: session(n), until }).collect();
    let begun = std::time::Instant::now();
    let half = covered(&remembered[..350_000]);

    let lost = lost(SubjectKey::ISSUER, &remembered, &half);

    println!("{:?}", begun.elapsed());
    assert_eq!(lost.len(), 175_000);
}
