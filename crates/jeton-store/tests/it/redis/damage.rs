use jeton::{SubjectKey, base64url};
use jeton_session::{SessionStore as _, Step, Subject};

use crate::redis::fleet::{FOREVER, Fleet, count, eventually, heard, revoke, session, subject};

/// What the bucket of a subject has between braces.
fn tag(subject: SubjectKey) -> &'static str {
    const TAGS: [&str; 64] = [
        "10", "18", "cc", "03", "29", "21", "3", "f1", "69", "0b", "1a", "b1", "b", "58", "a0",
        "2d", "11", "19", "cb", "02", "28", "20", "2", "f0", "68", "0c", "1d", "b0", "c", "59",
        "a1", "2a", "12", "bb", "09", "01", "ac", "23", "1", "9", "c0", "0d", "1c", "78", "d",
        "fb", "49", "2b", "13", "bc", "08", "00", "ab", "22", "0", "8", "c1", "0a", "1b", "79",
        "a", "fc", "48", "2c",
    ];
    TAGS[usize::from(subject.as_bytes()[0] >> 2)]
}

/// Where the record of a subject is.
pub(crate) fn record(subject: SubjectKey) -> String {
    format!("jeton:{{{}}}:{}", tag(subject), base64url::encode(subject.as_bytes()))
}

/// Where the clock of a subject's bucket is.
pub(crate) fn bucket(subject: SubjectKey) -> String {
    format!("jeton:{{{}}}:b", tag(subject))
}

fn stream(subject: SubjectKey) -> String {
    format!("jeton:{{{}}}:r", tag(subject))
}

/// A damaged record is an outage for its own subject, and for nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_record_fails_its_own_subject_and_no_other() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    for (n, damage) in [(1, "short"), (2, "12345678{"), (3, "12345678{\"version\":-1}")] {
        fleet.redis.cli(&["set", &record(subject(n)), damage]);

        assert!(node.update(subject(n), count).await.is_err(), "{damage}");
        assert!(node.load(subject(n)).await.is_err(), "{damage}");
        assert_eq!(fleet.redis.cli(&["get", &record(subject(n))]), damage, "it is left as it is");
    }
    assert_eq!(node.update(subject(4), count).await, Ok(1));
}

/// An entry nobody can read proves nothing: no heartbeat gets through until it is gone. What can be
/// read is told meanwhile, and updates go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_nobody_can_read_is_an_outage_and_no_gap() {
    let fleet = Fleet::start();
    let [here, there] = fleet.nodes().await;
    let cases: [&[&str]; 4] =
        [&["r", "garbage"], &["r", ""], &["x", ""], &["r", "", "and", "more"]];
    let mut broken = 0;
    for fields in cases {
        revoke(&here, 1).await.unwrap();
        let bucket = bucket(subject(1));
        let last = fleet.redis.cli(&["hget", &bucket, "e"]);
        let (ms, _) = last.split_once('-').unwrap();
        let id = format!("{ms}-4000000");
        let key = stream(subject(1));
        fleet.redis.cli(&[&["xadd", &*key, &*id], fields].concat());
        // The script tells which entry is the last; this one came by another way.
        fleet.redis.cli(&["hset", &bucket, "e", &id]);

        let (beat, other) = (there.beat().await, revoke(&here, 2).await);
        broken += u32::from(beat.is_err());
        assert_eq!(other, Ok(()));
        let told =
            async || heard(&there).await.iter().any(|one| one.target == session(2)).then_some(());
        eventually("the other stream is read", told).await;

        fleet.redis.cli(&["xdel", &key, &id]);
        eventually("a heartbeat gets through again", async || there.beat().await.ok()).await;
    }
    assert_eq!(broken, 2, "garbage, and a field that is none of ours");
}

/// A change whose revocations cannot be appended is not made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_without_its_revocations_is_not_made() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    node.update(subject(1), count).await.unwrap();
    fleet.redis.cli(&["set", &stream(subject(1)), "no stream"]);

    let step = |subject: &Subject| {
        let version = subject.version + 1;
        let after = Subject { version, ..subject.clone() };
        Step::change(after, ()).revoking([session(1)], FOREVER)
    };
    let refused = node.update(subject(1), step).await;

    assert!(refused.is_err());
    assert_eq!(node.load(subject(1)).await.unwrap().version, 1);
    assert!(heard(&node).await.is_empty());
}
