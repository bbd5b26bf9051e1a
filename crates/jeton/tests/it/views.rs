//! Every verifier that has heard the same has the same view, however it heard it.

use jeton::{
    AccessClaims, Algorithm, KeyId, Reason, Refusal, Revocation, RevocationList, SessionId,
    SubjectKey, Target, Timestamp,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::given;
use crate::given::{NOW, at};

const SUBJECTS: [&str; 3] = ["alice", "bob", "carol"];

fn session(subject: usize, n: u8) -> SessionId {
    SessionId::new(SubjectKey::of(SUBJECTS[subject]), [n; 8])
}

fn reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(&Reason::ALL[..])
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        (0..3_usize, 0..3_u8, reason()).prop_map(|(s, n, r)| Target::Session(session(s, n), r)),
        (0..6_u8, reason()).prop_map(|(n, r)| Target::Token(format!("t{n}"), r)),
        (0..3_usize, 0..5_u64).prop_map(|(s, v)| Target::Subject(SubjectKey::of(SUBJECTS[s]), v)),
        (0..2_u8).prop_map(|n| Target::Key(KeyId::new(&format!("k{n}")).unwrap())),
    ]
}

fn revocations() -> impl Strategy<Value = Vec<Revocation>> {
    let revocation =
        (target(), -20_i64..20).prop_map(|(target, until)| Revocation { target, until: at(until) });
    prop::collection::vec(revocation, 0..24)
}

/// One access token for each subject, session, version and key that a revocation may reach.
fn tokens() -> Vec<AccessClaims> {
    let keys = ["k0", "k1"].map(|id| given::key_with_id(id, Algorithm::Hs256));
    let mut tokens = Vec::new();
    for key in &keys {
        for (subject, n, version) in (0..27).map(|i| (i % 3, i / 3 % 3, i / 9 * 2)) {
            let mut claims = given::claims_with("ver", json!(version));
            claims["sub"] = json!(SUBJECTS[subject]);
            claims["sid"] = json!(session(subject, u8::try_from(n).unwrap()));
            claims["jti"] = Value::from(format!("t{}", (n + version) % 6));
            let token = given::token(key, &claims);
            tokens.push(given::verifier(key).verify_access_token(&token, NOW).unwrap());
        }
    }
    tokens
}

fn view(revocations: &[Revocation], swept: Option<Timestamp>) -> RevocationList {
    let list = RevocationList::new();
    for revocation in revocations {
        list.add(revocation);
    }
    if let Some(now) = swept {
        list.sweep(now);
    }
    list
}

fn verdicts(list: &RevocationList, tokens: &[AccessClaims]) -> Vec<Option<Refusal>> {
    tokens.iter().map(|claims| list.check(claims).err()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// INV6, INV9: any order, any repetition.
    #[test]
    fn order_and_repetition_do_not_matter(
        (once, shuffled) in revocations().prop_flat_map(|once| {
            let twice = [once.clone(), once.clone()].concat();
            (Just(once), Just(twice).prop_shuffle())
        }),
        sweep in prop::option::of(-25_i64..25),
    ) {
        let tokens = tokens();
        let sweep = sweep.map(at);

        let (one, other) = (view(&once, sweep), view(&shuffled, sweep));

        prop_assert_eq!(verdicts(&one, &tokens), verdicts(&other, &tokens));
        prop_assert_eq!(one.len(), other.len());
    }

    /// INV6, INV1: a view only grows, so whoever is refused stays refused.
    #[test]
    fn one_revocation_more_never_helps_anybody(known in revocations(), more in revocations()) {
        let tokens = tokens();
        let list = view(&known, None);
        let before = verdicts(&list, &tokens);

        for revocation in &more {
            list.add(revocation);
        }

        let after = verdicts(&list, &tokens);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before.is_none() || after.is_some());
        }
    }

    /// INV10: `len` counts what a sweep would drop, to the last.
    #[test]
    fn the_count_is_exact(revocations in revocations(), sweep in -25_i64..25) {
        let list = view(&revocations, Some(at(sweep)));
        let mut left: Vec<String> = revocations
            .iter()
            .filter(|revocation| revocation.until > at(sweep))
            .map(|revocation| match &revocation.target {
                Target::Session(id, _) => id.to_string(),
                Target::Subject(id, _) => format!("{id:?}"),
                Target::Token(id, _) => id.clone(),
                other => format!("{other:?}"),
            })
            .collect();
        left.sort();
        left.dedup();

        prop_assert_eq!(list.len(), left.len());
        list.sweep(at(25));
        prop_assert!(list.is_empty());
    }
}
