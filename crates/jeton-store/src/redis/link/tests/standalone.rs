use jeton::SubjectKey;
use redis::{Script, Value, cmd};

use super::servers::Redis;
use super::{open, standalone};
use crate::redis::bucket::Bucket;

#[tokio::test]
async fn a_command_is_answered() {
    let server = Redis::start();
    let link = open(&standalone(&server.address())).await;
    let bucket = Bucket::of(SubjectKey::of("alice"));

    let answer = link.ask(bucket, cmd("SET").arg("jeton:a").arg("1")).await;

    assert_eq!(answer, Ok(Value::Okay));
    assert_eq!(server.cli(&["GET", "jeton:a"]), "1");
}

#[tokio::test]
async fn a_script_that_the_server_has_forgotten_is_loaded_again() {
    let server = Redis::start();
    let link = open(&standalone(&server.address())).await;
    let bucket = Bucket::of(SubjectKey::of("alice"));
    let script = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
    let run = async || link.run(bucket, &script, &[b"jeton:n".to_vec()], &[b"2"]).await;

    let first = run().await;
    server.cli(&["SCRIPT", "FLUSH"]);
    let second = run().await;

    assert_eq!((first, second), (Ok(Value::Int(2)), Ok(Value::Int(4))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_restarted_is_found_again_without_an_error() {
    let mut server = Redis::start();
    let link = open(&standalone(&server.address())).await;
    let bucket = Bucket::of(SubjectKey::of("alice"));
    link.ask(bucket, cmd("SET").arg("jeton:a").arg("1")).await.unwrap();

    server.restart();
    let answer = link.ask(bucket, cmd("GET").arg("jeton:a")).await;

    assert_eq!(answer, Ok(Value::BulkString(b"1".to_vec())));
}
