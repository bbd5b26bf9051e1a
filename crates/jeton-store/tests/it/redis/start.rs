//! What keeps a node from starting, and what it warns of.

use std::time::Duration;

use jeton_session::SessionStore as _;
use jeton_store::{OpenRedisError, RedisLogin, RedisSettings, RedisStore};
use zeroize::Zeroizing;

use crate::redis::fleet::Fleet;
use crate::redis::servers::Redis;

fn fleet(options: &[&str]) -> Fleet {
    Fleet { redis: Redis::with(options), folder: tempfile::tempdir().unwrap() }
}

/// A Redis that may lose what it has acknowledged is refused, and with `accept_loss` warned of.
#[tokio::test]
async fn a_redis_that_keeps_nothing_is_refused_unless_that_is_accepted() {
    let fleet = fleet(&["--appendonly", "no"]);
    let settings = fleet.settings(0);
    let accepting = RedisSettings { accept_loss: true, ..settings.clone() };

    let refused = RedisStore::connect(settings).await.unwrap_err();
    let accepted = RedisStore::connect(accepting).await.unwrap();

    assert!(matches!(refused, OpenRedisError::Unsuitable(_)), "{refused}");
    assert!(refused.to_string().contains("set `appendonly yes`"), "{refused}");
    let warned = accepted.warnings().iter().any(|warning| warning.contains("appendonly"));
    assert!(warned, "{:?}", accepted.warnings());
}

#[tokio::test]
async fn a_redis_that_evicts_is_refused_whatever_is_accepted() {
    let fleet = fleet(&["--maxmemory-policy", "allkeys-lru"]);

    let settings = RedisSettings { accept_loss: true, ..fleet.settings(0) };
    let refused = RedisStore::connect(settings).await.unwrap_err();

    assert!(refused.to_string().contains("maxmemory-policy noeviction"), "{refused}");
}

#[tokio::test]
async fn a_node_of_a_cluster_is_not_a_single_server() {
    let fleet = fleet(&["--cluster-enabled", "yes"]);

    let refused = RedisStore::connect(fleet.settings(0)).await.unwrap_err();

    assert!(refused.to_string().contains("is a node of a Cluster"), "{refused}");
}

/// C2, C3: the version of Redis is looked at.
#[tokio::test]
async fn a_version_with_known_holes_is_warned_of() {
    let fleet = fleet(&[]);
    let version = fleet.redis.cli(&["INFO", "server"]);
    let is_old = version.contains("redis_version:7.0.");

    let store = fleet.node(0).await;

    let warned = store.warnings().iter().any(|warning| warning.contains("CVE-2025-49844"));
    assert_eq!(warned, is_old, "{:?}", store.warnings());
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_together_agree() {
    let fleet = fleet(&[]);

    let (one, two, three) = tokio::join!(fleet.node(0), fleet.node(1), fleet.node(2));

    assert!(one.feed().is_some());
    assert_eq!(one.feed(), two.feed());
    assert_eq!(one.feed(), three.feed());
}

#[tokio::test]
async fn a_node_whose_tokens_need_more_than_the_fleet_remembers_does_not_start() {
    let fleet = fleet(&[]);
    drop(fleet.node(0).await);
    let longer = RedisSettings { retention: Duration::from_secs(3_690), ..fleet.settings(1) };

    let refused = RedisStore::connect(longer.clone()).await.unwrap_err();
    RedisStore::set_retention(&longer).await.unwrap();
    let longer = RedisStore::connect(longer).await.unwrap();
    let shorter = fleet.node(2).await;

    assert_eq!(refused, OpenRedisError::Retention { stored: 690, needed: 3_690 });
    assert!(refused.to_string().contains("jeton store retention 3690"), "{refused}");
    assert_eq!(longer.retention(), Duration::from_secs(3_690));
    assert_eq!(shorter.retention(), Duration::from_secs(3_690), "what all have");
    let said = shorter.warnings().iter().any(|warning| warning.contains("3690 s"));
    assert!(said, "{:?}", shorter.warnings());
}

#[tokio::test]
async fn data_of_another_version_is_not_touched() {
    let fleet = fleet(&[]);
    fleet.redis.cli(&["HSET", "jeton:cfg", "format", "2"]);

    let refused = RedisStore::connect(fleet.settings(0)).await.unwrap_err();

    assert_eq!(refused, OpenRedisError::Format { found: "2".to_owned(), known: 1 });
}

#[tokio::test]
async fn a_user_who_may_not_run_scripts_is_refused_in_one_sentence() {
    let fleet = fleet(&[]);
    let rules = ["on", ">pw", "~jeton:*", "-@all", "+ping", "+role", "+info"];
    fleet.redis.cli(&[&["ACL", "SETUSER", "weak"], rules.as_slice()].concat());
    let password = Zeroizing::new("pw".to_owned());
    let login = Some(RedisLogin { user: "weak".to_owned(), password });

    let refused =
        RedisStore::connect(RedisSettings { login, ..fleet.settings(0) }).await.unwrap_err();

    assert!(matches!(refused, OpenRedisError::Permission { .. }), "{refused}");
}
