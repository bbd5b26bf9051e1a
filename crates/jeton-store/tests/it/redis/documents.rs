//! Documents that the processes of a fleet share, on a real Redis.

use std::sync::Arc;
use std::time::Duration;

use jeton_store::{Acknowledge, Deployment, RedisDocument, RedisDocuments, RedisSettings};
use tokio::task::JoinSet;

use crate::redis::servers::Redis;

fn settings(redis: &Redis, prefix: &str) -> RedisSettings {
    RedisSettings {
        deployment: Deployment::Standalone { server: redis.address() },
        login: None,
        tls: None,
        prefix: prefix.to_owned(),
        deadline: Duration::from_secs(10),
        retention: Duration::from_secs(690),
        acknowledge: Acknowledge::Journal,
        folder: redis.folder.path().to_owned(),
        accept_loss: false,
    }
}

fn document(revision: &str) -> RedisDocument {
    RedisDocument { revision: revision.to_owned(), bytes: vec![0, 255, b'\r', b'\n', 0] }
}

/// A document is replaced by whoever knows what is there, and by nobody else.
#[tokio::test]
async fn a_document_is_replaced_only_where_it_is_the_expected_one() {
    let redis = Redis::start();
    let [ours, theirs] = ["jeton", "other"].map(|prefix| settings(&redis, prefix));
    let documents = RedisDocuments::open(&ours).await.unwrap();
    assert_eq!(documents.read("keys").await, Ok(None));
    assert_eq!(documents.revision("keys").await, Ok(None));

    assert_eq!(documents.replace("keys", Some("1"), &document("2")).await, Ok(false));
    assert_eq!(documents.replace("keys", None, &document("1")).await, Ok(true));
    assert_eq!(documents.replace("keys", None, &document("2")).await, Ok(false));
    assert_eq!(documents.replace("keys", Some("2"), &document("3")).await, Ok(false));
    assert_eq!(documents.read("keys").await, Ok(Some(document("1"))));
    assert_eq!(documents.replace("keys", Some("1"), &document("2")).await, Ok(true));

    assert_eq!(documents.revision("keys").await, Ok(Some("2".to_owned())));
    let another = RedisDocuments::open(&theirs).await.unwrap();
    assert_eq!(another.read("keys").await, Ok(None), "another fleet's");
}

/// Of all who replace the same one at once, one does.
#[tokio::test]
async fn of_many_at_once_one_replaces_it() {
    let redis = Redis::start();
    let documents = Arc::new(RedisDocuments::open(&settings(&redis, "jeton")).await.unwrap());
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let documents = Arc::clone(&documents);
        let new = document(&n.to_string());
        tasks.spawn(async move { documents.replace("keys", None, &new).await.unwrap() });
    }

    let won = tasks.join_all().await.into_iter().filter(|won| *won).count();

    assert_eq!(won, 1);
}

/// What is something else, or only half of it, is an outage and no absence: nobody makes a new one.
#[tokio::test]
async fn what_is_no_document_is_not_taken_for_none() {
    let redis = Redis::start();
    let documents = RedisDocuments::open(&settings(&redis, "jeton")).await.unwrap();
    redis.cli(&["SET", "jeton:text", "x"]);
    redis.cli(&["HSET", "jeton:half", "bytes", "x"]);

    assert!(documents.read("text").await.is_err());
    assert!(documents.replace("text", None, &document("1")).await.is_err());
    assert!(documents.read("half").await.is_err());
    let long = RedisDocument { bytes: vec![0; 2 << 20], ..document("1") };
    assert!(documents.replace("keys", None, &long).await.is_err());
}
