use std::collections::BTreeSet;

use jeton::{Reason, SessionId, SubjectKey, Target, Timestamp};
use proptest::prelude::*;

use super::*;

const RETENTION: Duration = Duration::from_secs(690);

fn bucket(n: u8) -> Bucket {
    Bucket::of(SubjectKey::from_bytes([n << 2; 16]))
}

fn revocation(n: u64) -> Revocation {
    let session = SessionId::new(SubjectKey::of("alice"), n.to_be_bytes());
    let target = Target::Session(session, Reason::Revoked);
    Revocation { target, until: Timestamp::from_secs(1 << 40) }
}

/// The entry of a bucket at a millisecond, with something of its own to tell.
fn entry(bucket: u8, ms: u64) -> Entry {
    let place = place::from_parts(ms, 0).unwrap();
    let revocations = vec![revocation(ms * 1_000 + u64::from(bucket)); 1 + (ms % 2) as usize];
    Entry { place, revocations }
}

fn at(ms: u64) -> Place {
    place::from_parts(ms, 0).unwrap()
}

/// Everything behind a cursor, and where that ends.
fn read(log: &Log, mut after: Cursor) -> (Vec<Batch>, Cursor) {
    let mut batches = Vec::new();
    loop {
        let batch = log.state().after(after);
        let is_last = batch.revocations.is_empty();
        after = batch.cursor;
        batches.push(batch);
        if is_last {
            return (batches, after);
        }
    }
}

#[test]
fn an_entry_is_told_once_whoever_brings_it() {
    let log = Log::new(RETENTION);
    log.add(bucket(1), vec![entry(1, 5)]);
    log.add(bucket(1), vec![entry(1, 4), entry(1, 5), entry(1, 6)]);
    log.add(bucket(1), vec![entry(1, 6), entry(1, 4)]);

    let (batches, _) = read(&log, Cursor::START);

    let told = [5, 4, 6].map(|ms| entry(1, ms).revocations).concat();
    assert_eq!(batches[0].revocations, told);
    assert_eq!(batches[0].highest, at(6));
}

/// What was read bucket by bucket at the start is told by place, and still each once.
#[test]
fn what_was_there_at_the_start_is_told_by_place() {
    let log = Log::new(RETENTION);
    log.add(bucket(1), (1..=2_000).step_by(2).map(|ms| entry(1, ms)).collect());
    log.mark(at(1));
    log.add(bucket(2), (0..=2_000).step_by(2).map(|ms| entry(2, ms)).collect());
    let marked = log.mark(at(2_000));

    log.arrange();
    log.add(bucket(2), vec![entry(2, 1_000)]);
    log.add(bucket(1), vec![entry(1, 2_001)]);

    let (batches, _) = read(&log, Cursor::START);
    let told: Vec<_> = batches.iter().flat_map(|batch| batch.revocations.clone()).collect();
    let expected = (0..=2_000).map(|ms| entry(if ms % 2 == 1 { 1 } else { 2 }, ms).revocations);
    let expected = expected.chain([entry(1, 2_001).revocations]);
    assert_eq!(told, expected.collect::<Vec<_>>().concat());
    assert!(batches[..batches.len() - 1].is_sorted_by_key(|batch| batch.highest));
    assert_eq!(batches[0].complete, Place::default(), "the mark is behind all of it");
    assert_eq!(read(&log, marked).0[0].complete, at(2_000));
}

/// What one primary has lost, another may give the same place: both are told.
#[test]
fn another_entry_at_the_same_place_is_told_too() {
    let log = Log::new(RETENTION);
    log.add(bucket(1), vec![entry(1, 5)]);

    log.add(bucket(1), vec![Entry { revocations: vec![revocation(77)], ..entry(1, 5) }]);
    log.add(bucket(2), vec![entry(2, 5)]);

    let told = read(&log, Cursor::START).0.remove(0).revocations;
    assert!(told.contains(&revocation(77)), "{told:?}");
    assert_eq!(told.len(), 2 + 1 + 2);
}

#[test]
fn what_is_older_than_the_retention_is_dropped_and_claims_stay() {
    let log = Log::new(RETENTION);
    for second in 0..1_000 {
        log.add(bucket(1), vec![entry(1, second * 1_000)]);
    }
    let marked = log.mark(at(999_000));

    log.trim(1_000_000);

    let (entries, bytes) = log.size();
    assert_eq!(entries, 690, "one for each second of the retention");
    assert!(bytes > 0);
    let (batches, end) = read(&log, Cursor::START);
    assert_eq!((end, batches[0].complete), (marked, at(999_000)));

    log.trim(u64::MAX);
    let (batches, end) = read(&log, Cursor::START);
    assert_eq!((end, batches[0].complete), (marked, at(999_000)));
    assert!(log.state().known.is_empty());
}

#[test]
fn a_claim_never_goes_back() {
    let log = Log::new(RETENTION);
    log.mark(at(7));

    let second = log.mark(at(3));

    let batch = log.state().after(Cursor::START);
    assert_eq!((batch.cursor, batch.complete), (second, at(7)));
}

#[tokio::test(start_paused = true)]
async fn a_mark_wakes_whoever_waits() {
    let log = Log::new(RETENTION);

    let (batch, marked) =
        tokio::join!(log.tail(Cursor::START, Duration::from_hours(1)), async { log.mark(at(7)) });

    assert_eq!((batch.cursor, batch.complete), (marked, at(7)));
}

/// What may happen to a log.
#[derive(Clone, Debug)]
enum Act {
    /// A page, a reader or an update tells of an entry.
    Add(u8, u64),
    /// A round has proved everything up to the place that the model then knows to be complete.
    Mark,
    /// Time passes.
    Trim(u64),
    /// Somebody reads on.
    Read,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (0..4_u8, 1..60_u64).prop_map(|(bucket, ms)| Act::Add(bucket, ms)),
        2 => Just(Act::Mark),
        1 => (0..30_u64).prop_map(Act::Trim),
        3 => Just(Act::Read),
    ];
    prop::collection::vec(act, 0..200)
}

proptest! {
    /// Whatever comes in whichever order: everything is told once to a reader who goes on from
    /// cursor to cursor, places and cursors never go back, and nothing at or before a place that was
    /// claimed complete is told afterwards.
    #[test]
    fn nothing_is_told_twice_or_after_it_was_claimed(acts in acts()) {
        let log = Log::new(Duration::ZERO);
        let (mut known, mut told) = (BTreeSet::new(), Vec::new());
        let (mut cursor, mut complete, mut claimed) = (Cursor::START, Place::default(), 0);
        for act in acts {
            match act {
                Act::Add(of, ms) if ms > claimed || known.contains(&(of, ms)) => {
                    log.add(bucket(of), vec![entry(of, ms)]);
                    known.insert((of, ms));
                }
                Act::Mark => {
                    // As a round does: no entry at or before it comes any more.
                    claimed = known.iter().map(|(_, ms)| *ms).max().unwrap_or(0).max(claimed);
                    log.mark(at(claimed));
                }
                Act::Trim(now) if now <= claimed => {
                    // Old entries come again only from streams that are trimmed as well.
                    let before = log.state().after(cursor);
                    told.extend(before.revocations);
                    cursor = before.cursor;
                    log.trim(now);
                    known.retain(|(_, ms)| *ms >= now);
                }
                // A round would have claimed too much, or a stream have kept too little.
                Act::Add(..) | Act::Trim(_) => {}
                Act::Read => {
                    let batch = log.state().after(cursor);
                    prop_assert!(batch.cursor >= cursor && batch.complete >= complete);
                    if !batch.revocations.is_empty() {
                        prop_assert!(batch.highest > complete, "{:?} {:?}", batch, complete);
                    }
                    (cursor, complete) = (batch.cursor, batch.complete);
                    prop_assert!(complete <= at(claimed));
                    told.extend(batch.revocations);
                }
            }
        }
        told.extend(read(&log, cursor).0.into_iter().flat_map(|batch| batch.revocations));

        for (of, ms) in known {
            let Entry { revocations, .. } = entry(of, ms);
            let times = told.iter().filter(|one| **one == revocations[0]).count();
            prop_assert_eq!(times, revocations.len(), "bucket {} at {}", of, ms);
        }
    }
}

/// Where one bucket cannot be proved for days, what the others are told does not pile up behind it.
#[test]
fn a_bucket_that_goes_on_forgets_although_another_does_not() {
    let (log, r) = (Log::new(RETENTION), 690_000);
    log.add(bucket(1), vec![entry(1, 2)]);
    log.add(bucket(2), vec![entry(2, 4)]);
    let mark = log.mark(at(4));
    log.add(bucket(2), vec![entry(2, 10)]);

    log.trim_each(&HashMap::from([(bucket(2), r + 5)]));

    let kept = [entry(1, 2), entry(2, 10)].map(|entry| entry.revocations).concat();
    let (batches, end) = read(&log, Cursor::START);
    assert_eq!(batches[0].revocations, kept);
    assert_eq!(log.state().known.len(), 2);
    log.add(bucket(2), vec![entry(2, 10)]);
    log.add(bucket(1), vec![entry(1, 2)]);
    assert_eq!(log.end(), end, "still known");
    assert_eq!(log.state().after(mark).revocations, entry(2, 10).revocations);
    log.trim_each(&HashMap::from([(bucket(1), r + 5), (bucket(2), r + 15)]));
    assert!(log.state().items.is_empty() && log.state().known.is_empty());
    assert_eq!(log.state().after(end).complete, at(4));
}

#[test]
fn what_was_written_down_is_not_looked_for_again() {
    let log = Log::new(RETENTION);
    let alice = SubjectKey::of("alice");
    let home = Bucket::of(alice);
    let entries = [4, 5].map(|ms| Entry { place: at(ms), revocations: vec![revocation(ms)] });
    log.add(home, entries.to_vec());
    assert_eq!(log.unwritten(alice), [(at(5), revocation(5)), (at(4), revocation(4))]);

    log.written(home, at(5));

    assert_eq!(log.unwritten(alice), [(at(4), revocation(4))]);
    assert!(log.unwritten(SubjectKey::of("bob")).is_empty());
}
