//! A list that is full refuses more than it was told, and never less.

use std::sync::LazyLock;
use std::time::Duration;

use jeton::{
    AccessClaims, Algorithm, Bound, Entry, Fingerprint, KeyId, Reason, Refusal, Refused,
    Revocation, RevocationList, SessionId, SubjectKey, Target, Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

use crate::given;
use crate::given::at;

const RETENTION: Duration = Duration::from_secs(690);

fn list_of(entries: usize) -> RevocationList {
    RevocationList::new().with_bound(Bound { entries, retention: RETENTION })
}

fn session(subject: &str, n: u8) -> SessionId {
    SessionId::new(SubjectKey::of(subject), [n; 8])
}

/// What was revoked at this second.
fn revoked(target: Target, second: i64) -> Revocation {
    Revocation { target, until: at(second).after(RETENTION) }
}

/// The claims of a token of this subject, its n-th session, issued at this second.
fn claims(subject: &str, n: u8, issued: i64) -> AccessClaims {
    let key = given::key(Algorithm::Hs256);
    let mut claims = given::claims_of(subject);
    claims["sid"] = json!(session(subject, n));
    claims["jti"] = json!(format!("{subject} {n} {issued}"));
    claims["iat"] = json!(at(issued));
    claims["exp"] = json!(at(issued + 600));
    claims["ver"] = json!(issued.rem_euclid(4));
    given::verifier(&key).verify_access_token(&given::token(&key, &claims), at(issued)).unwrap()
}

fn fill(list: &RevocationList, entries: u64) {
    for n in 0..entries {
        let refused = Refused::Session(Fingerprint::from_u64(n), Reason::Revoked);
        list.apply(&Entry { refused, until: at(0).after(RETENTION) });
    }
}

/// INV1, INV10: a session that finds no room takes its subject's older tokens along, and only those.
#[test]
fn a_session_without_room_recalls_its_subject() {
    let list = list_of(8);
    fill(&list, 7);

    list.add(&revoked(Target::Session(session("alice", 1), Reason::Banned), 100));

    let cases = [
        ("its token", claims("alice", 1, 50), Err(Refusal::Recalled)),
        ("its last token", claims("alice", 1, 100), Err(Refusal::Recalled)),
        ("another of the subject", claims("alice", 2, 100), Err(Refusal::Recalled)),
        ("one refreshed since", claims("alice", 2, 101), Ok(())),
        ("another subject's", claims("bob", 1, 50), Ok(())),
    ];
    for (name, claims, verdict) in cases {
        assert_eq!(list.check(&claims), verdict, "{name}");
    }
    assert_eq!((list.len(), list.coarsened()), (8, 1));
    assert_eq!(list.ended(session("alice", 1)), None);
}

/// INV1: what has no subject, or whose subject finds no room either, takes all older tokens along.
#[test]
fn what_has_no_subject_and_no_room_recalls_everybody() {
    let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
    let by_id = Refused::Session(Fingerprint::of_session(session("alice", 1)), Reason::Banned);
    let token = Refused::Token(Fingerprint::of_token("alice 1 50"), Reason::Revoked);
    let until = at(100).after(RETENTION);
    let cases: [(&str, u64, Refused); 4] = [
        ("a session by its fingerprint", 7, by_id),
        ("a token", 7, token),
        ("a recall", 8, Refused::Versions(alice, 9)),
        ("older tokens of a subject", 8, Refused::Issued(alice, at(100))),
    ];
    for (name, filled, refused) in cases {
        let list = list_of(8);
        fill(&list, 7);
        if filled == 8 {
            let other = Fingerprint::of_subject(SubjectKey::of("carol"));
            list.apply(&Entry { refused: Refused::Versions(other, 1), until });
        }

        list.apply(&Entry { refused, until });

        assert_eq!(list.check(&claims("alice", 1, 50)), Err(Refusal::Recalled), "{name}");
        assert_eq!(list.check(&claims("bob", 1, 100)), Err(Refusal::Recalled), "{name}");
        assert_eq!(list.check(&claims("alice", 1, 101)), Ok(()), "{name}");
        assert_eq!(list.coarsened(), 1, "{name}");
        assert!(list.entries().contains(&Entry { refused: Refused::All(at(100)), until }));
    }
}

/// INV1: less is said as long as more would have been, and a second of issue is never moved back.
#[test]
fn what_found_no_room_is_refused_until_its_own_end() {
    let [alice, bob] = ["alice", "bob"].map(|sub| Fingerprint::of_subject(SubjectKey::of(sub)));
    let until = at(100).after(RETENTION);
    let by_id = Refused::Session(Fingerprint::of_session(session("bob", 1)), Reason::Banned);
    let cases = [
        ("alice", Entry { refused: Refused::Versions(alice, 9), until }, 100),
        ("bob", Entry { refused: by_id, until }, 100),
        ("bob", Entry { refused: Refused::Issued(bob, at(150)), until }, 150),
    ];
    for (subject, entry, last) in cases {
        let list = list_of(8);
        fill(&list, 7);
        list.add(&revoked(Target::Session(session("alice", 3), Reason::Banned), 0));
        assert_eq!((list.len(), list.coarsened()), (8, 1));

        list.apply(&entry);

        assert_eq!(list.coarsened(), 2, "{entry:?}");
        list.sweep(Timestamp::from_secs(until.as_secs() - 1));
        assert!(list.check(&claims(subject, 1, last)).is_err(), "{entry:?}");
        assert_eq!(list.check(&claims(subject, 1, last + 1)), Ok(()), "{entry:?}");
        list.sweep(until);
        assert_eq!(list.check(&claims(subject, 1, last)), Ok(()), "{entry:?}");
        assert!(list.is_empty(), "{entry:?}");
    }
}

/// INV10: what is known already needs no room, and what expires makes some.
#[test]
fn a_full_list_takes_what_it_knows_and_what_it_has_room_for_again() {
    let list = list_of(8);
    fill(&list, 7);

    let refused = Refused::Session(Fingerprint::from_u64(3), Reason::Banned);
    list.apply(&Entry { refused, until: at(900) });
    assert_eq!((list.len(), list.coarsened()), (7, 0));

    list.sweep(at(690));
    assert_eq!(list.len(), 1);
    list.add(&revoked(Target::Session(session("alice", 1), Reason::Banned), 100));
    assert_eq!(list.ended(session("alice", 1)), Some(Reason::Banned));
    assert_eq!(list.coarsened(), 0);
}

/// INV10, I8: keys have a room of their own; beyond it nothing is accepted, of whatever time.
#[test]
fn more_withdrawn_keys_than_anybody_has_refuse_everything() {
    let list = list_of(0);
    let until = at(600);
    let withdraw = |n: usize| {
        let target = Target::Key(KeyId::new(&format!("key {n}")).unwrap());
        list.add(&Revocation { target, until });
    };
    (0..1024).for_each(withdraw);
    (0..1024).for_each(withdraw);
    assert_eq!((list.len(), list.coarsened()), (1024, 0));
    let far = claims("alice", 1, 0);
    assert_eq!(list.check(&far), Ok(()));

    withdraw(1024);

    assert_eq!((list.len(), list.coarsened()), (1025, 1));
    assert_eq!(list.check(&far), Err(Refusal::Recalled));
    let mut latest = far;
    latest.issued_at = Timestamp::from_secs(i64::MAX as u64);
    assert_eq!(list.check(&latest), Err(Refusal::Recalled));
    list.sweep(until);
    assert!(list.is_empty());
}

/// INV10: however much comes, there are no more entries than the bound says, and the one for all.
#[test]
fn a_list_grows_no_longer_than_its_bound() {
    for bound in [0, 1, 8, 100] {
        let list = list_of(bound);
        for n in 0..1000_u64 {
            let (id, until) = (Fingerprint::from_u64(n), at(i64::try_from(n).unwrap()));
            let refused = match n % 4 {
                0 => Refused::Session(id, Reason::Revoked),
                1 => Refused::Token(id, Reason::Revoked),
                2 => Refused::Versions(id, n),
                _ => Refused::Issued(id, until),
            };
            list.apply(&Entry { refused, until });
            let subject = format!("subject {n}");
            list.add(&Revocation {
                target: Target::Session(session(&subject, 1), Reason::Revoked),
                until,
            });
        }
        assert!(list.len() <= bound + 1, "{bound}: {}", list.len());
        assert_eq!(list.entries().len(), list.len(), "{bound}");
    }
}

const SUBJECTS: [&str; 3] = ["alice", "bob", "carol"];

/// Each subject's tokens of three sessions, at moments around now.
static TOKENS: LazyLock<Vec<AccessClaims>> = LazyLock::new(|| {
    let mut tokens = Vec::new();
    for subject in SUBJECTS {
        for (n, issued) in [(0, -100), (0, -3), (1, -7), (1, 0), (2, 5), (2, 20)] {
            tokens.push(claims(subject, n, issued));
        }
    }
    tokens
});

fn reaches(target: &Target, token: &AccessClaims) -> bool {
    match target {
        Target::Session(id, _) => token.session == Some(*id),
        Target::Token(id, _) => token.token_id == *id,
        Target::Subject(key, version) => {
            SubjectKey::of(&token.subject) == *key && token.version < *version
        }
        _ => false,
    }
}

/// A revocation as an issuer makes them: remembered for the retention after the last token it reaches
/// was issued, at least. With `by_id`, a list hears of it by fingerprints.
#[derive(Clone, Debug)]
struct Heard {
    revocation: Revocation,
    by_id: bool,
}

fn heard() -> impl Strategy<Value = Heard> {
    let subject = 0..SUBJECTS.len();
    let target = prop_oneof![
        (subject.clone(), 0..3_u8)
            .prop_map(|(s, n)| Target::Session(session(SUBJECTS[s], n), Reason::Banned)),
        (0..18_usize).prop_map(|n| Target::Token(TOKENS[n].token_id.clone(), Reason::Revoked)),
        (subject, 1..5_u64).prop_map(|(s, v)| Target::Subject(SubjectKey::of(SUBJECTS[s]), v)),
    ];
    (target, -60_i64..60, any::<bool>()).prop_map(|(target, second, by_id)| {
        let reached = TOKENS.iter().filter(|token| reaches(&target, token));
        let last = reached.map(|token| token.issued_at).fold(at(second), Timestamp::max);
        Heard { revocation: Revocation { target, until: last.after(RETENTION) }, by_id }
    })
}

proptest! {
    /// INV1, INV6, INV10: whatever would be refused by a list with room for everything is refused by
    /// one without, at every moment, in any order and however often it hears of it.
    #[test]
    fn a_list_without_room_refuses_whatever_one_with_room_would(
        (heard, order) in prop::collection::vec(heard(), 1..24).prop_flat_map(|heard| {
            let twice = (0..heard.len()).chain(0..heard.len()).collect::<Vec<_>>();
            (Just(heard), Just(twice).prop_shuffle())
        }),
        entries in 0..12_usize,
        retention in prop::sample::select(vec![Duration::ZERO, Duration::from_mins(5), RETENTION]),
        sweeps in prop::collection::vec(0_i64..800, 4),
    ) {
        let list = RevocationList::new().with_bound(Bound { entries, retention });
        let mut known: Vec<&Revocation> = Vec::new();
        let mut moments = sweeps.clone();
        moments.sort_unstable();
        let steps = order.len().div_ceil(moments.len());
        for (some, moment) in order.chunks(steps).zip(moments) {
            for Heard { revocation, by_id } in some.iter().map(|n| &heard[*n]) {
                if *by_id { list.apply(&revocation.into()) } else { list.add(revocation) }
                known.push(revocation);
            }
            list.sweep(at(moment));
            known.retain(|revocation| revocation.until > at(moment));

            for token in TOKENS.iter() {
                let refused = known.iter().any(|revocation| reaches(&revocation.target, token));
                prop_assert!(
                    !refused || list.check(token).is_err(),
                    "{} at {moment} of {:?}", token.token_id, list.entries()
                );
            }
            prop_assert!(list.len() <= entries + 1);
        }
        list.sweep(at(60).after(RETENTION));
        prop_assert!(list.is_empty());
    }
}

/// INV10: as much memory an entry as [`Bound`] says, and while a list is swept hardly more.
#[test]
fn an_entry_takes_the_memory_that_is_said() {
    let entry = |kind: u64, n: u64| {
        let id = Fingerprint::from_u64(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let refused = match kind {
            0 => Refused::Session(id, Reason::Revoked),
            _ => Refused::Versions(id, n),
        };
        Entry { refused, until: at(1 + i64::from(n.is_multiple_of(2))) }
    };
    for (kind, most) in [(0, 48), (1, 72)] {
        for entries in [100_000, 150_000, 200_000] {
            let batch: Vec<Entry> = (0..entries).map(|n| entry(kind, n)).collect();
            let list = RevocationList::new();

            let merged = allocation_counter::measure(|| list.merge(&batch));
            let again = allocation_counter::measure(|| list.merge(&batch));
            let swept = allocation_counter::measure(|| list.sweep(at(1)));

            let held = u64::try_from(merged.bytes_current).unwrap();
            assert!(held <= entries * most, "{held} bytes for {entries} of {kind}");
            assert!(merged.bytes_max <= held + held / 16, "{merged:?}");
            assert_eq!(again.bytes_current, 0, "{again:?}");
            assert!(swept.bytes_max <= held / 16, "{swept:?}");
            assert!(swept.bytes_current <= 0, "{swept:?}");
        }
    }
}
