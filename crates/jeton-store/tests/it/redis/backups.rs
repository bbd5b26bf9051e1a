//! Redis comes back with other data than it had.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jeton::{Reason, Timestamp};
use jeton_session::{RefreshError, SessionStore as _, TokenPair};
use jeton_store::{Acknowledge, RedisSettings, RedisStore};
use tokio::time::Instant;

use crate::redis::pair::{Node, Pair, beats, logged_in, time};
use crate::redis::servers::{Redis, pause};

/// What every refusal says while the data is too old.
const ADVICE: &str = "jeton store accept";

/// Every write is on disk before it is answered, so that a copy of the files is a backup.
const SYNCED: &[&str] = &["--appendfsync", "always"];

fn data(redis: &Redis) -> PathBuf {
    redis.folder.path().join("appendonlydir")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Starts it with this data, or with none.
fn restart_with(redis: &mut Redis, backup: Option<&Path>) {
    redis.kill();
    let _ = fs::remove_dir_all(data(redis));
    if let Some(backup) = backup {
        copy(backup, &data(redis));
    }
    redis.restart();
}

/// Waits until the node knows that it must not go on, and sees that it says what to do, to everybody.
async fn is_closed(node: &Node, pairs: &[TokenPair], now: Timestamp) {
    let begun = Instant::now();
    while !node.store().is_rolled_back() {
        let _ = node.store().beat().await;
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
    }
    for pair in pairs {
        match node.refresh(&pair.refresh_token, now).await {
            Err(RefreshError::Unavailable(error)) => assert!(error.to_string().contains(ADVICE)),
            other => panic!("answered {other:?}"),
        }
    }
    let key = pairs[0].session.subject();
    assert!(node.store().load(key).await.unwrap_err().to_string().contains(ADVICE));
    assert!(node.store().beat().await.unwrap_err().to_string().contains(ADVICE));
    assert!(node.store().beat_of(key).await.unwrap_err().to_string().contains(ADVICE));
}

/// INV4: an emptied Redis logs nobody out: the store is closed until the data is back.
#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_redis_is_closed_until_the_data_is_back() {
    let mut pair = Pair::start(SYNCED);
    let now = pair.now();
    let node = pair.node(0, Acknowledge::Journal).await;
    let pairs = logged_in(&node, "alice", 5, now).await;
    beats(&node).await;
    let backup = tempfile::tempdir().unwrap();
    pair.primary.kill();
    copy(&data(&pair.primary), backup.path());

    restart_with(&mut pair.primary, None);
    is_closed(&node, &pairs, now).await;
    // A restart of the emptied one makes it no better, nor does one of the node.
    pair.primary.kill();
    pair.primary.restart();
    drop(node);
    let node = pair.node_rolled_back(0).await;
    is_closed(&node, &pairs, now).await;
    restart_with(&mut pair.primary, Some(backup.path()));

    beats(&node).await;
    for pair in &pairs {
        assert!(node.refresh(&pair.refresh_token, now).await.is_ok());
    }
}

/// INV1, INV4: what was revoked after an old backup was made is remembered by nobody for long, so
/// its sessions do not come back to life: the operator decides, and all of them end.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_is_closed_until_the_operator_accepts_it() {
    let mut pair = Pair::start(SYNCED);
    let now = pair.now();
    let short = |number, acknowledge| RedisSettings {
        retention: Duration::from_secs(4),
        ..pair.settings(number, acknowledge)
    };
    let (settings, operators) = (short(0, Acknowledge::Journal), short(1, Acknowledge::Memory));
    let node = pair.node_with(settings).await;
    let pairs = logged_in(&node, "alice", 5, now).await;
    beats(&node).await;
    let backup = tempfile::tempdir().unwrap();
    copy(&data(&pair.primary), backup.path());
    assert!(node.end(pairs[0].session, Reason::LoggedOut, now).await.unwrap());
    while time(&pair.primary) < now.after(Duration::from_secs(6)) {
        pause(Duration::from_millis(100));
    }
    beats(&node).await;

    restart_with(&mut pair.primary, Some(backup.path()));
    // But for the one whose end this node itself remembers.
    is_closed(&node, &pairs[1..], now).await;
    let feed = node.store().feed();
    let operator = RedisStore::connect(operators).await.unwrap();
    assert_eq!(operator.accept(false).await, Ok(5), "also the one that had been ended");
    drop(operator);

    beats(&node).await;
    for pair in &pairs {
        let refused = node.refresh(&pair.refresh_token, now).await;
        assert!(matches!(refused, Err(RefreshError::Ended(_))), "{refused:?}");
    }
    let again = logged_in(&node, "alice", 1, now).await;
    assert!(node.refresh(&again[0].refresh_token, now).await.is_ok());
    let stranger = pair.node(2, Acknowledge::Memory).await;
    assert_ne!(stranger.store().feed(), feed, "another feed, for its cursors mean something else");
}
