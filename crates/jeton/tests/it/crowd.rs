//! Many at once in one list.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use jeton::{
    AccessClaims, Algorithm, Entry, Fingerprint, Reason, Refusal, Refused, Revocation,
    RevocationList, SessionId, SubjectKey, Target, Timestamp,
};

use crate::given;
use crate::given::{NOW, at};

const SESSIONS: u64 = 30_000;

fn session(n: u64) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), n.to_be_bytes())
}

fn claims() -> AccessClaims {
    let key = given::key(Algorithm::Hs256);
    let token = given::token(&key, &given::claims());
    given::verifier(&key).verify_access_token(&token, NOW).unwrap()
}

/// INV1: whatever was added and has not expired is found by every look that begins afterwards, while
/// others add, tables grow, and what has expired is swept out from under them.
#[test]
fn nothing_that_was_added_is_missed_in_a_crowd() {
    let list = RevocationList::new();
    let (added, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let template = claims();

    thread::scope(|scope| {
        let sweeping = scope.spawn(|| {
            while !stop.load(Ordering::Acquire) {
                list.sweep(NOW);
                thread::yield_now();
            }
        });
        let expired = scope.spawn(|| {
            for n in 0..SESSIONS {
                let refused = Refused::Token(Fingerprint::from_u64(n), Reason::Revoked);
                list.apply(&Entry { refused, until: at(-1) });
            }
        });
        let checking = [1, 7].map(|stride| {
            let (list, added, stop, mut claims) = (&list, &added, &stop, template.clone());
            scope.spawn(move || {
                let mut looks = 0_u64;
                while !stop.load(Ordering::Acquire) {
                    let known = added.load(Ordering::Acquire);
                    if known == 0 {
                        continue;
                    }
                    let n = known - 1 - (looks * stride) % known;
                    claims.session = Some(session(n));
                    let refused = Err(Refusal::Ended(Reason::Banned));
                    assert_eq!(list.check(&claims), refused, "{n} of {known}");
                    looks += 1;
                }
                looks
            })
        });
        for n in 0..SESSIONS {
            let target = Target::Session(session(n), Reason::Banned);
            list.add(&Revocation { target, until: at(1) });
            added.store(n + 1, Ordering::Release);
        }
        expired.join().unwrap();
        stop.store(true, Ordering::Release);
        sweeping.join().unwrap();
        assert!(checking.map(|thread| thread.join().unwrap()).iter().sum::<u64>() > 0);
    });

    list.sweep(NOW);
    assert_eq!(list.len() as u64, SESSIONS);
    list.sweep(at(1));
    assert!(list.is_empty() && list.entries().is_empty());
}

/// INV6, INV9: lists that heard the same, by whatever threads, hold the same.
#[test]
fn lists_that_heard_the_same_hold_the_same() {
    let entry = |n: u64| {
        let (id, until) =
            (Fingerprint::from_u64(n / 2 % 5_000), NOW.after(Duration::from_secs(1 + n % 256)));
        let refused = match n % 4 {
            0 => Refused::Session(id, Reason::ALL[(n % 7) as usize]),
            1 => Refused::Token(id, Reason::ALL[(n % 7) as usize]),
            2 => Refused::Versions(id, n),
            _ => Refused::Issued(id, Timestamp::from_secs(n)),
        };
        Entry { refused, until }
    };
    let entries: Vec<_> = (0..40_000).map(entry).collect();
    let [alone, crowded] = [(); 2].map(|()| RevocationList::new());
    alone.merge(&entries);

    thread::scope(|scope| {
        for part in entries.chunks(10_000) {
            scope.spawn(|| part.iter().rev().for_each(|entry| crowded.apply(entry)));
        }
        scope.spawn(|| crowded.merge(&entries[5_000..25_000]));
    });

    let held = |list: &RevocationList| {
        let mut entries = list.entries();
        entries.sort_by_key(|entry| entry.refused.clone());
        entries
    };
    assert_eq!(held(&alone), held(&crowded));
    assert_eq!(alone.len(), alone.entries().len());
    let distinct: HashSet<_> = held(&alone).iter().map(|e| format!("{:?}", e.refused)).collect();
    assert_eq!(distinct.len(), alone.len());
}

/// INV6: a fingerprint is a number like any other: zero and the greatest too.
#[test]
fn no_fingerprint_and_no_moment_is_special() {
    let list = RevocationList::new();
    let ids = [0, 1, u64::MAX - 1, u64::MAX].map(Fingerprint::from_u64);
    let untils = [0, 1, 1 << 40, (1 << 56) - 1].map(Timestamp::from_secs);
    let mut entries = Vec::new();
    for (id, until) in ids.into_iter().zip(untils) {
        entries.extend(Reason::ALL.map(|reason| {
            let id = Fingerprint::from_u64(id.as_u64().wrapping_add(8 * reason as u64));
            Entry { refused: Refused::Session(id, reason), until }
        }));
        entries.push(Entry { refused: Refused::Versions(id, u64::MAX), until });
        entries.push(Entry { refused: Refused::Issued(id, until), until });
    }
    list.merge(&entries);

    let mut held = list.entries();
    held.sort_by_key(|entry| entry.refused.clone());
    entries.sort_by_key(|entry| entry.refused.clone());
    assert_eq!(held, entries);
    list.sweep(Timestamp::from_secs(u64::MAX));
    assert!(list.is_empty());
}
