use std::time::Duration;

use jeton::SubjectKey;
use redis::{Script, Value, cmd};
use tokio::task::JoinSet;

use super::servers::{Redis, until};
use super::{open, standalone};
use crate::redis::bucket::Bucket;
use crate::redis::settings::RedisSettings;

/// A primary and a replica that follows it.
fn pair() -> (Redis, Redis) {
    let primary = Redis::start();
    let replica = Redis::with(&["--replicaof", "127.0.0.1", &primary.port.to_string()]);
    until("the replica follows", || primary.cli(&["INFO", "replication"]).contains("state=online"));
    (primary, replica)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_answered_when_a_replica_has_it() {
    let (primary, replica) = pair();
    let link = open(&standalone(&primary.address())).await;
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    let mut writers = JoinSet::new();

    for bucket in Bucket::all() {
        let (link, script, replica) = (link.clone(), script.clone(), replica.port);
        writers.spawn(async move {
            let key = format!("jeton:{}", bucket.tag());
            let keys = [key.clone().into_bytes()];
            let answer = link.run_and_wait(bucket, &script, &keys, &[], 1).await;
            (key, answer, replica)
        });
    }

    while let Some(written) = writers.join_next().await {
        let (key, answer, _) = written.unwrap();
        assert_eq!(answer, Ok(Value::Int(1)), "{key}");
        assert_eq!(replica.cli(&["GET", &key]), "1", "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_replica_a_write_is_unknown_and_others_do_not_wait_for_it() {
    let (primary, replica) = pair();
    let deadline = Duration::from_millis(800);
    let link = open(&RedisSettings { deadline, ..standalone(&primary.address()) }).await;
    let bucket = Bucket::of(SubjectKey::of("alice"));
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    let keys = [b"jeton:n".to_vec()];

    let role = cmd("ROLE");

    replica.freeze();
    let (written, read) =
        tokio::join!(link.run_and_wait(bucket, &script, &keys, &[], 1), link.ask(bucket, &role));
    replica.thaw();

    assert!(written.is_err(), "{written:?}");
    assert!(read.is_ok(), "{read:?}");
    assert_eq!(primary.cli(&["GET", "jeton:n"]), "1");
}
