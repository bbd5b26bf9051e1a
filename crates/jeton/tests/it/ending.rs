//! Who waits for an end hears of it, and of nothing else.

use std::future::Future as _;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use jeton::{
    AccessClaims, Algorithm, Bound, Ended, Entry, Fingerprint, Guard, KeyId, Reason, Refusal,
    Refused, Revocation, RevocationList, SessionId, SubjectKey, Target,
};
use serde_json::json;

use crate::given;
use crate::given::{NOW, at};

/// A task that counts how often it is woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Task {
    fn woken(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    fn poll(self: &Arc<Self>, ended: Pin<&mut Ended>) -> Poll<Refusal> {
        let waker = Waker::from(Arc::clone(self));
        ended.poll(&mut Context::from_waker(&waker))
    }
}

fn claims_of(subject: &str) -> Arc<AccessClaims> {
    let key = given::key(Algorithm::Hs256);
    let mut claims = given::claims_of(subject);
    claims["jti"] = json!(format!("token of {subject}"));
    let token = given::token(&key, &claims);
    Arc::new(given::verifier(&key).verify_access_token(&token, NOW).unwrap())
}

fn session(subject: &str) -> SessionId {
    SessionId::new(SubjectKey::of(subject), [7; 8])
}

fn add(list: &RevocationList, target: Target) {
    list.add(&Revocation { target, until: at(600) });
}

/// T2: the session, the token, the key: each ends what was opened with them.
#[test]
fn an_end_is_heard_with_its_reason() {
    let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
    let cases = [
        (
            Refused::Session(Fingerprint::of_session(session("alice")), Reason::Banned),
            Refusal::Ended(Reason::Banned),
        ),
        (
            Refused::Token(Fingerprint::of_token("token of alice"), Reason::Revoked),
            Refusal::Ended(Reason::Revoked),
        ),
        (Refused::Key(KeyId::new("k1").unwrap()), Refusal::KeyWithdrawn),
        (Refused::Issued(alice, at(-100)), Refusal::Recalled),
        (Refused::All(at(-100)), Refusal::Recalled),
    ];
    let claims = claims_of("alice");
    for (refused, refusal) in cases {
        for in_a_batch in [false, true] {
            let list = Arc::new(RevocationList::new());
            let task = Arc::new(Task::default());
            let mut ended = pin!(list.ending(Arc::clone(&claims)));
            assert_eq!(task.poll(ended.as_mut()), Poll::Pending);

            let entry = Entry { refused: refused.clone(), until: at(600) };
            if in_a_batch {
                let other = Refused::Token(Fingerprint::of_token("other"), Reason::Revoked);
                list.merge(&[Entry { refused: other, until: at(600) }, entry]);
            } else {
                list.apply(&entry);
            }

            assert_eq!(task.woken(), 1, "{refused:?}");
            assert_eq!(task.poll(ended.as_mut()), Poll::Ready(refusal), "{refused:?}");
            assert_eq!(task.poll(ended), Poll::Ready(refusal), "{refused:?}");
        }
    }
}

/// T2: a recall asks for a new token; it ends nothing. Nor does what reaches others.
#[test]
fn a_recall_and_the_ends_of_others_are_not_heard() {
    let strangers = [
        Target::Subject(SubjectKey::of("alice"), 9),
        Target::Session(session("bob"), Reason::Banned),
        Target::Session(SessionId::new(SubjectKey::of("alice"), [8; 8]), Reason::Banned),
        Target::Token("token of bob".to_owned(), Reason::Revoked),
    ];
    let list = Arc::new(RevocationList::new());
    let task = Arc::new(Task::default());
    let mut ended = pin!(list.ending(claims_of("alice")));
    assert_eq!(task.poll(ended.as_mut()), Poll::Pending);

    for target in strangers {
        add(&list, target.clone());

        assert_eq!(task.woken(), 0, "{target:?}");
        assert_eq!(task.poll(ended.as_mut()), Poll::Pending, "{target:?}");
    }
    let bob = Fingerprint::of_subject(SubjectKey::of("bob"));
    let others = [Refused::Issued(bob, at(0)), Refused::All(at(-101))];
    for refused in others {
        list.apply(&Entry { refused: refused.clone(), until: at(600) });
        assert_eq!(task.poll(ended.as_mut()), Poll::Pending, "{refused:?}");
    }
}

/// T2, INV1: a full list cannot say which session ended, and so ends all that it may have been.
#[test]
fn an_end_without_room_is_heard_by_its_subject() {
    let bound = Bound { entries: 8, retention: at(600).since(at(0)) };
    let list = Arc::new(RevocationList::new().with_bound(bound));
    for n in 0..7_u8 {
        add(&list, Target::Token(n.to_string(), Reason::Revoked));
    }
    let mut elsewhere = AccessClaims::clone(&claims_of("alice"));
    elsewhere.session = Some(SessionId::new(SubjectKey::of("alice"), [8; 8]));
    let waiting = [claims_of("alice"), Arc::new(elsewhere), claims_of("bob")].map(|claims| {
        let task = Arc::new(Task::default());
        let mut ended = Box::pin(list.ending(claims));
        assert_eq!(task.poll(ended.as_mut()), Poll::Pending);
        (task, ended)
    });

    add(&list, Target::Session(session("alice"), Reason::Banned));

    let recalled = Poll::Ready(Refusal::Recalled);
    let expected = [("alice", 1, recalled), ("elsewhere", 1, recalled), ("bob", 0, Poll::Pending)];
    for ((task, mut ended), (name, woken, polled)) in waiting.into_iter().zip(expected) {
        assert_eq!(task.woken(), woken, "{name}");
        assert_eq!(task.poll(ended.as_mut()), polled, "{name}");
    }

    let (task, mut ended) = (Arc::new(Task::default()), Box::pin(list.ending(claims_of("bob"))));
    assert_eq!(task.poll(ended.as_mut()), Poll::Pending);
    let by_id = Refused::Token(Fingerprint::of_token("another"), Reason::Revoked);
    list.apply(&Entry { refused: by_id, until: at(600) });
    assert_eq!((task.woken(), task.poll(ended.as_mut())), (1, recalled));
}

/// T2: what has ended before anybody asks is said at once, and a guard asks its own list.
#[test]
fn an_end_before_the_first_look_is_said_at_once() {
    let key = given::key(Algorithm::Hs256);
    let guard: Guard = given::guard(&key);
    let identity = guard.check(&given::token(&key, &given::claims()), NOW).unwrap();
    let mut ended = pin!(guard.ending(&identity));
    add(guard.revocations(), Target::Session(given::session(), Reason::Kicked));

    let task = Arc::new(Task::default());
    assert_eq!(task.poll(ended.as_mut()), Poll::Ready(Refusal::Ended(Reason::Kicked)));
}

/// T2: the task that polled last is woken; and whoever waits no more is held no longer.
#[test]
fn a_future_that_moves_or_is_dropped_leaves_nothing_behind() {
    let list = Arc::new(RevocationList::new());
    let [first, second] = [(); 2].map(|()| Arc::new(Task::default()));
    let mut moves = Box::pin(list.ending(claims_of("alice")));
    assert_eq!(first.poll(moves.as_mut()), Poll::Pending);
    assert_eq!(second.poll(moves.as_mut()), Poll::Pending);
    assert_eq!(Arc::strong_count(&first), 1);

    add(&list, Target::Session(session("alice"), Reason::Banned));
    assert_eq!((first.woken(), second.woken()), (0, 1));

    drop(moves);
    assert_eq!(Arc::strong_count(&second), 1);
    let references = Arc::strong_count(&list);
    drop(list.ending(claims_of("bob")));
    assert_eq!(Arc::strong_count(&list), references);
}

/// INV10: a hundred thousand may wait; one end wakes one.
#[test]
fn one_end_wakes_one_of_a_hundred_thousand() {
    let list = Arc::new(RevocationList::new());
    let template = claims_of("alice");
    let waiting: Vec<_> = (0..100_000_u32)
        .map(|n| {
            let mut random = [0; 8];
            random[..4].copy_from_slice(&n.to_be_bytes());
            let session = SessionId::new(SubjectKey::of("alice"), random);
            let mut claims = AccessClaims::clone(&template);
            (claims.session, claims.token_id) = (Some(session), format!("token {n}"));
            let task = Arc::new(Task::default());
            let mut ended = Box::pin(list.ending(Arc::new(claims)));
            assert_eq!(task.poll(ended.as_mut()), Poll::Pending);
            (task, session, ended)
        })
        .collect();

    let (_, ending, _) = &waiting[70_000];
    add(&list, Target::Session(*ending, Reason::Banned));

    let woken = waiting.iter().filter(|(task, ..)| task.woken() > 0);
    assert_eq!(woken.map(|(_, session, _)| session).collect::<Vec<_>>(), [ending]);
}

/// T2: whoever begins to wait at the very moment finds it or is woken.
#[test]
fn nobody_sleeps_through_an_end_that_comes_with_the_first_look() {
    let claims = claims_of("alice");
    for round in 0..1_000 {
        let list = Arc::new(RevocationList::new());
        let start = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                add(&list, Target::Session(session("alice"), Reason::Banned));
            });
            let task = Arc::new(Task::default());
            let mut ended = pin!(list.ending(Arc::clone(&claims)));
            start.wait();
            if task.poll(ended.as_mut()).is_pending() {
                while task.woken() == 0 {
                    thread::yield_now(); // the test's own limit of time ends what never ends
                }
                let refusal = Refusal::Ended(Reason::Banned);
                assert_eq!(task.poll(ended), Poll::Ready(refusal), "round {round}");
            }
        });
    }
}
