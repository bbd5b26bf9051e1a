use jeton::SubjectKey;
use jeton_session::StoreError;
use redis::{Value, cmd};
use tokio::time::Instant;

use super::sentinels::{NAME, Sentinels};
use super::servers::pause;
use super::{PATIENCE, open, standalone};
use crate::redis::OpenRedisError;
use crate::redis::bucket::Bucket;
use crate::redis::link::Link;
use crate::redis::settings::{Deployment, RedisSettings};

fn settings(sentinels: Vec<String>, primary: &str) -> RedisSettings {
    let primary = primary.to_owned();
    let deployment = Deployment::Sentinel { sentinels, primary, login: None };
    RedisSettings { deployment, ..standalone("") }
}

async fn set(link: &Link, value: &str) -> Result<Value, StoreError> {
    link.ask(Bucket::of(SubjectKey::of("alice")), cmd("SET").arg("jeton:a").arg(value)).await
}

/// C4: whether the primary dies or is switched, the next one is found.
#[tokio::test(flavor = "multi_thread")]
async fn the_next_primary_is_found_after_a_failover() {
    let mut all = Sentinels::start();
    let link = open(&settings(all.addresses(), NAME)).await;
    set(&link, "0").await.unwrap();

    // By hand: the old primary is well, and says READONLY or hangs up. What it took while it was
    // about to step down is lost with it, for it is not the link that brings things back.
    all.switch();
    let has = |value: &str| all.servers[all.primary()].cli(&["GET", "jeton:a"]) == value;
    let start = Instant::now();
    while set(&link, "1").await.is_err() || !has("1") {
        assert!(start.elapsed() < PATIENCE, "after a switch");
    }

    // By death.
    let primary = all.primary();
    all.servers[primary].kill();
    let start = Instant::now();
    while set(&link, "2").await.is_err() {
        assert!(start.elapsed() < PATIENCE, "after a death");
    }
    let took = start.elapsed();
    assert_ne!(all.primary(), primary);
    assert_eq!(all.servers[all.primary()].cli(&["GET", "jeton:a"]), "2");
    println!("the next primary took a write after {took:?}");
}

/// C4: nobody waits for news on a server that is not the primary any more, although the connection
/// to it is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_does_not_stay_with_a_primary_that_was_replaced() {
    let all = Sentinels::start();
    let link = open(&settings(all.addresses(), NAME)).await;
    let bucket = Bucket::of(SubjectKey::of("alice"));
    let mut blocking = link.blocking(bucket).await.unwrap();
    let mut read = cmd("XREAD");
    read.arg("BLOCK").arg(60_000).arg("STREAMS").arg("jeton:s").arg("$");
    let reading = tokio::spawn(async move { blocking.read(&read, PATIENCE * 2).await });
    pause(std::time::Duration::from_millis(100));

    all.servers[0].freeze();
    let ended = tokio::time::timeout(PATIENCE, reading).await;

    assert!(ended.unwrap().unwrap().is_err());
}

#[tokio::test]
async fn what_is_wrong_with_sentinels_is_said() {
    let all = Sentinels::start();
    let server = all.servers[0].address();

    let unknown = Link::open(&settings(all.addresses(), "other")).await.unwrap_err();
    let no_sentinel = Link::open(&settings(vec![server.clone()], NAME)).await.unwrap_err();
    let no_server = Link::open(&standalone(&all.addresses()[0])).await.unwrap_err();
    let replica = Link::open(&standalone(&all.servers[1].address())).await.unwrap_err();

    assert_eq!(unknown, OpenRedisError::UnknownPrimary("other".to_owned()));
    assert_eq!(no_sentinel, OpenRedisError::Role { server, role: "a server" });
    assert!(matches!(no_server, OpenRedisError::Role { role: "a Sentinel", .. }), "{no_server}");
    assert!(matches!(replica, OpenRedisError::Role { role: "a replica", .. }), "{replica}");
}
