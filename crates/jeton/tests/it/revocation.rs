//! What a guard refuses although its signature is good.

use std::sync::Arc;
use std::thread;

use jeton::{
    Algorithm, Guard, KeyId, KeySet, Reason, Refusal, Revocation, RevocationList, SessionId,
    SubjectKey, Target, VerifyingKey,
};
use serde_json::json;

use crate::given;
use crate::given::{NOW, at};

fn add(list: &RevocationList, target: Target, until: i64) {
    list.add(&Revocation { target, until: at(until) });
}

/// R9, INV3: the reason is the one the session ended for.
#[test]
fn a_token_of_an_ended_session_is_refused_with_its_reason() {
    let key = given::key(Algorithm::EdDsa);
    let token = given::token(&key, &given::claims());
    for reason in Reason::ALL {
        let guard = given::guard(&key);
        add(guard.revocations(), Target::Session(given::session(), reason), 600);

        let refused = guard.check(&token, NOW).unwrap_err();

        assert_eq!(refused, Refusal::Ended(reason));
        assert_eq!(refused.code(), reason.code());
        assert_eq!(Reason::from_code(refused.code()), Some(reason));
    }
}

/// INV8: nobody else is refused.
#[test]
fn a_revocation_reaches_what_it_names_and_nothing_else() {
    let key = given::key(Algorithm::EdDsa);
    let alice = SubjectKey::of("alice");
    let token = given::token(&key, &given::claims());
    let strangers = [
        ("another session", Target::Session(SessionId::new(alice, [8; 8]), Reason::Revoked)),
        (
            "another's session",
            Target::Session(SessionId::new(SubjectKey::of("bob"), [7; 8]), Reason::Revoked),
        ),
        ("another token", Target::Token("t2".into(), Reason::Revoked)),
        (
            "a token named as the session",
            Target::Token(given::session().to_string(), Reason::Revoked),
        ),
        ("another subject", Target::Subject(SubjectKey::of("bob"), u64::MAX)),
        ("the issuer", Target::Subject(SubjectKey::ISSUER, u64::MAX)),
        ("an earlier version", Target::Subject(alice, 2)),
        ("this version", Target::Subject(alice, 3)),
        ("another key", Target::Key(KeyId::new("k2").unwrap())),
    ];
    for (name, target) in strangers {
        let guard = given::guard(&key);
        add(guard.revocations(), target, 600);

        assert!(guard.check(&token, NOW).is_ok(), "{name}");
    }
}

/// INV11: a recall refuses lower versions, of this subject's tokens with and without a session.
#[test]
fn a_recall_refuses_lower_versions_only() {
    let key = given::key(Algorithm::EdDsa);
    let guard = given::guard(&key);
    add(guard.revocations(), Target::Subject(SubjectKey::of("alice"), 3), 600);

    for (version, refused) in
        [(json!(0), true), (json!(2), true), (json!(3), false), (json!(4), false)]
    {
        let mut claims = given::claims_with("ver", version.clone());
        let in_session = guard.check(&given::token(&key, &claims), NOW);
        claims.as_object_mut().unwrap().remove("sid");
        let alone = guard.check(&given::token(&key, &claims), NOW);

        for verdict in [in_session, alone] {
            let expected = if refused { Some(Refusal::Recalled) } else { None };
            assert_eq!(verdict.err(), expected, "version {version}");
        }
    }
    let unversioned = given::token(&key, &given::claims_without("ver"));
    assert_eq!(guard.check(&unversioned, NOW).unwrap_err(), Refusal::Recalled);
}

/// I8: a withdrawn key is refused at once, for tokens that do not name it too.
#[test]
fn a_withdrawn_key_is_refused_at_once() {
    let pen = crate::pen::Pen::new(Algorithm::Es256);
    let other = given::key_with_id("k2", Algorithm::Es256);
    let both = [pen.key().verifying_key(), other.verifying_key()];
    let guard =
        Guard::new(KeySet::new(both).unwrap(), given::policy(), Arc::new(RevocationList::new()));
    let unnamed_guard = given::guard(pen.key());
    let named = pen.write_under(&pen.header());
    let unnamed = pen.write_under(&json!({ "alg": "ES256", "typ": "at+jwt" }));
    assert!(guard.check(&named, NOW).is_ok() && unnamed_guard.check(&unnamed, NOW).is_ok());

    for guard in [&guard, &unnamed_guard] {
        add(guard.revocations(), Target::Key(KeyId::new("k1").unwrap()), 600);
    }

    assert_eq!(guard.check(&named, NOW).unwrap_err(), Refusal::KeyWithdrawn);
    assert_eq!(unnamed_guard.check(&unnamed, NOW).unwrap_err(), Refusal::KeyWithdrawn);
    assert!(guard.check(&given::token(&other, &given::claims()), NOW).is_ok());
}

/// I8: who takes a key from the set as well hears the same of its tokens, and no forger more.
#[test]
fn a_withdrawn_key_that_is_gone_is_still_called_withdrawn() {
    let pen = crate::pen::Pen::new(Algorithm::Es256);
    let guard = given::guard(pen.key());
    add(guard.revocations(), Target::Key(KeyId::new("k1").unwrap()), 600);
    guard.set_keys(KeySet::default());

    let other = given::key_with_id("k2", Algorithm::Es256);
    let cases = [
        (pen.write_under(&pen.header()), "key_withdrawn"),
        (given::token(&other, &given::claims()), "key_unknown"),
        (pen.write_under(&json!({ "alg": "ES256", "typ": "at+jwt" })), "key_unknown"),
        ("eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.e30.e30".to_owned(), "key_withdrawn"),
    ];
    for (token, code) in cases {
        assert_eq!(guard.check(&token, NOW).unwrap_err().code(), code, "{token}");
    }
    guard.revocations().sweep(at(601));
    let token = pen.write_under(&pen.header());
    assert_eq!(guard.check(&token, NOW).unwrap_err().code(), "key_unknown");
}

/// I8: an unnamed key cannot be withdrawn by name, only by taking it from the set.
#[test]
fn a_key_without_an_id_is_withdrawn_with_its_set() {
    let key = given::key(Algorithm::EdDsa);
    let unnamed = VerifyingKey::public(key.public_key().unwrap().clone());
    let keys = KeySet::new([unnamed]).unwrap();
    let guard = Guard::new(keys, given::policy(), Arc::new(RevocationList::new()));
    let token = given::token(&key, &given::claims());
    assert!(guard.check(&token, NOW).is_ok());

    guard.set_keys(KeySet::default());

    assert_eq!(guard.check(&token, NOW).unwrap_err().code(), "key_unknown");
}

/// INV1, INV10: an entry leaves at its `until`, not a second before, and not by itself.
#[test]
fn a_sweep_drops_what_has_expired_and_nothing_else() {
    let alice = SubjectKey::of("alice");
    let targets = [
        Target::Session(given::session(), Reason::Banned),
        Target::Token("t1".into(), Reason::Revoked),
        Target::Subject(alice, 9),
        Target::Key(KeyId::new("k1").unwrap()),
    ];
    let key = given::key(Algorithm::EdDsa);
    let token = given::token(&key, &given::claims());
    for target in targets {
        let guard = given::guard(&key);
        let list = guard.revocations();
        add(list, target.clone(), 100);
        add(list, Target::Token("another".into(), Reason::Revoked), 200);

        list.sweep(at(99));
        assert!(guard.check(&token, NOW).is_err(), "{target:?}");
        assert!(guard.check(&token, at(100)).is_err(), "{target:?}");
        assert_eq!(list.len(), 2);

        list.sweep(at(100));
        assert!(guard.check(&token, NOW).is_ok(), "{target:?}");
        assert_eq!(list.len(), 1);

        list.sweep(at(200));
        assert!(list.is_empty());
    }
}

/// INV6: saying it again makes it last until the later of the two, in either order.
#[test]
fn a_revocation_said_twice_lasts_until_the_later() {
    let targets = [
        Target::Session(given::session(), Reason::Revoked),
        Target::Token("t1".into(), Reason::Revoked),
        Target::Subject(SubjectKey::of("alice"), 9),
        Target::Key(KeyId::new("k1").unwrap()),
    ];
    for target in targets {
        for (first, second) in [(100, 200), (200, 100)] {
            let list = RevocationList::new();
            add(&list, target.clone(), first);
            add(&list, target.clone(), second);

            list.sweep(at(199));
            assert_eq!(list.len(), 1, "{target:?}");
            list.sweep(at(200));
            assert_eq!(list.len(), 0, "{target:?}");
        }
    }
}

/// INV1: while entries come and go beside it, what is revoked is refused every single time.
#[test]
fn a_revocation_holds_while_others_expire() {
    let key = given::key(Algorithm::Hs256);
    let token = given::token(&key, &given::claims());
    let claims = given::verifier(&key).verify_access_token(&token, NOW).unwrap();
    let list = RevocationList::new();
    let session = Target::Session(given::session(), Reason::Banned);
    add(&list, session, 600);

    let accepted = thread::scope(|scope| {
        let adding = scope.spawn(|| {
            for n in 0..20_000 {
                let stranger = Target::Token(n.to_string(), Reason::Revoked);
                add(&list, stranger, -1); // too late already, as some of a snapshot are
            }
        });
        let mut accepted = 0;
        while !adding.is_finished() {
            list.sweep(NOW);
            accepted += usize::from(list.check(&claims).is_ok());
        }
        accepted
    });

    assert_eq!(accepted, 0);
    list.sweep(NOW);
    assert_eq!(list.len(), 1);
}
