use std::time::Duration;

use jeton::{SubjectKey, Timestamp};
use jeton_session::rules::{self, Opening};
use jeton_session::{Page, SessionStore as _, Step, Subject, Terms};
use jeton_store::RedisStore;
use serde_json::Map;

use crate::redis::damage::record;
use crate::redis::fleet::{Fleet, RETENTION, count, eventually, subject};

async fn all(store: &RedisStore) -> Vec<SubjectKey> {
    let page = store.subjects(Page { after: None, limit: 10_000 }).await.unwrap();
    page.subjects.iter().map(|subject| subject.key).collect()
}

/// A record lives as long as its longest session, and twice the retention longer; a version without
/// sessions for twice the retention.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_expires_after_all_that_it_may_be_needed_for() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    let number = |answer: String| answer.parse::<u64>().unwrap();
    let seconds = number(fleet.redis.cli(&["time"]).lines().next().unwrap().to_owned());
    let now = Timestamp::from_secs(seconds);
    let policy = Terms::new("https://login.example", "api").session_policy();
    let open = move |subject: &Subject| {
        let opening = Opening {
            random: [7; 8],
            device: None,
            client: "web".to_owned(),
            scope: None,
            claims: Map::new(),
            amr: Vec::new(),
        };
        rules::open(subject, &opening, &policy, now)
    };

    node.update(subject(1), move |subject| open(subject).map(drop)).await.unwrap();
    node.update(subject(2), count).await.unwrap();

    let expiry = number(fleet.redis.cli(&["pexpiretime", &record(subject(1))]));
    let session = node.load(subject(1)).await.unwrap().sessions.remove(0);
    let twice = 2 * RETENTION;
    assert_eq!(expiry, session.idle_expires_at.after(twice).as_secs() * 1_000);
    let left = number(fleet.redis.cli(&["pttl", &record(subject(2))]));
    assert!(left <= 2 * 690_000 && left > 600_000, "{left}");
}

/// A subject of whom nothing is left is gone, from the index as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blank_subject_is_deleted() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    node.update(subject(1), count).await.unwrap();

    let blank = |subject: &Subject| Step::change(Subject::new(subject.key), ());
    node.update(subject(1), blank).await.unwrap();

    assert_eq!(fleet.redis.cli(&["exists", &record(subject(1))]), "0");
    assert_eq!(fleet.redis.cli(&["--scan", "--pattern", "*:i"]), "");
    assert_eq!(node.load(subject(1)).await.unwrap(), Subject::new(subject(1)));
}

/// What Redis has let expire is on no page, and leaves the index in bounded steps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_subjects_leave_the_index_in_bounded_steps() {
    let fleet = Fleet::start();
    let mut settings = fleet.settings(0);
    settings.retention = Duration::from_secs(1);
    let node = RedisStore::connect(settings).await.unwrap();
    for n in 0..1_200 {
        node.update(subject(n), count).await.unwrap();
    }
    eventually("Redis lets all expire", async || all(&node).await.is_empty().then_some(())).await;
    let far = Timestamp::from_secs(1 << 33);
    let live = move |subject: &Subject| {
        let mut after = count(subject).subject.unwrap();
        after.sessions.push(session(subject.key, far));
        Step::change(after, ())
    };
    node.update(subject(5), live).await.unwrap();

    let mut steps = 1;
    while node.sweep().await.unwrap() {
        steps += 1;
    }

    assert!((3..=4).contains(&steps), "500 a step: {steps}");
    let listed = |tag| fleet.redis.cli(&["zcard", &format!("jeton:{{{tag}}}:i")]);
    let indexes = fleet.redis.cli(&["--scan", "--pattern", "*:i"]);
    assert_eq!(indexes.lines().count(), 1, "{indexes}");
    let tag = indexes.split(['{', '}']).nth(1).unwrap();
    assert_eq!(listed(tag), "1", "the living stays");
    assert_eq!(all(&node).await, [subject(5)]);
}

fn session(subject: SubjectKey, until: Timestamp) -> jeton_session::Session {
    jeton_session::Session {
        id: jeton::SessionId::new(subject, [7; 8]),
        generation: 0,
        started_at: until,
        rotated_at: until,
        idle_expires_at: until,
        expires_at: until,
        device: None,
        client: "web".to_owned(),
        scope: None,
        claims: Map::new(),
        auth_time: until,
        amr: Vec::new(),
    }
}
