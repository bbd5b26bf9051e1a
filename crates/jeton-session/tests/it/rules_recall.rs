//! What takes access tokens back while sessions live on.

use jeton::{KeyId, Reason, Revocation, SubjectKey, Target};
use jeton_session::rules::{Opening, open, recall, revoke_token, withdraw_key};
use jeton_session::{SessionPolicy, Step, Subject};
use serde_json::{Map, Value};

use crate::support::{at, terms};

/// R9, INV11: a recall counts up and says so; the sessions stay.
#[test]
fn a_recall_raises_the_version_by_one() {
    let cases =
        [("the first", 0, 1), ("another", 6, 7), ("the last there can be", u64::MAX, u64::MAX)];
    for (name, before, after) in cases {
        let subject = Subject { version: before, ..alice() };

        let step = recall(&subject, None, &policy(), at(60));

        let expected = Subject { version: after, ..alice() };
        assert_eq!(step.answer, after, "{name}");
        assert_eq!(step.subject, Some(expected), "{name}");
        let target = Target::Subject(SubjectKey::of("alice"), after);
        assert_eq!(step.revocations, [remembered(target)], "{name}");
    }
}

/// R9: claims that have changed are whole, and go into every session; nothing else does.
#[test]
fn a_recall_can_change_what_every_session_says() {
    let claims = Map::from_iter([("roles".to_owned(), Value::from(vec!["reader"]))]);
    let mut before = alice();
    for n in [1, 2] {
        let old =
            Map::from_iter([("roles".to_owned(), "admin".into()), ("old".to_owned(), n.into())]);
        let opening = Opening {
            random: [n; 8],
            device: None,
            client: "web".to_owned(),
            scope: None,
            claims: old,
            amr: Vec::new(),
        };
        before = open(&before, &opening, &policy(), at(0)).subject.unwrap();
    }

    let step = recall(&before, Some(&claims), &policy(), at(60));

    let mut expected = Subject { version: 1, ..before };
    expected.sessions.iter_mut().for_each(|session| session.claims = claims.clone());
    assert_eq!(step.subject, Some(expected));
    assert_eq!(step.revocations.len(), 1);
}

/// X2: one access token is revoked by its `jti`, and the subject stays as it is.
#[test]
fn revoking_a_token_leaves_the_subject_alone() {
    let step = revoke_token(&alice(), "its-jti", &policy(), at(60));

    let target = Target::Token("its-jti".to_owned(), Reason::Revoked);
    let expected = Step { answer: (), subject: None, revocations: vec![remembered(target)] };
    assert_eq!(step, expected);
}

/// I8: a withdrawn key is announced by its `kid`.
#[test]
fn withdrawing_a_key_leaves_every_subject_alone() {
    let key = KeyId::new("2026-07").unwrap();

    let step = withdraw_key(&key, &policy(), at(60));

    let expected =
        Step { answer: (), subject: None, revocations: vec![remembered(Target::Key(key))] };
    assert_eq!(step, expected);
}

fn policy() -> SessionPolicy {
    terms().session_policy()
}

fn alice() -> Subject {
    Subject::new(SubjectKey::of("alice"))
}

/// Until the last access token of that moment has died: 600 s, 30 s of leeway and 60 s to spare.
fn remembered(target: Target) -> Revocation {
    Revocation { target, until: at(60 + 690) }
}
