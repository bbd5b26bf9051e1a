use std::path::PathBuf;

use super::*;
use crate::redis::settings::tests::standalone;

const GOOD: &str = "# Server\r\nredis_version:8.2.2\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n\
     # Persistence\r\naof_enabled:1\r\n# Replication\r\nrole:master\r\nconnected_slaves:1\r\n\
     min_slaves_good_slaves:1\r\n# Cluster\r\ncluster_enabled:0\r\n";

fn verdict(info: &str, settings: &RedisSettings) -> Verdict {
    let mut verdict = Verdict::default();
    judge(&Facts::read("a:1".to_owned(), info), settings, &mut verdict);
    verdict
}

#[test]
fn a_server_that_keeps_everything_is_neither_refused_nor_warned_of() {
    let replica = RedisSettings { acknowledge: Acknowledge::Replica, ..standalone("a:1") };

    assert_eq!(verdict(GOOD, &standalone("a:1")), Verdict::default());
    assert_eq!(verdict(GOOD, &replica), Verdict::default());
}

/// INV4: a server that reads its log says that it has none. It is waited for, not refused, since
/// nobody starts a node again whose settings are wrong.
#[test]
fn a_server_that_reads_its_data_is_not_judged() {
    let loading = GOOD.replace("aof_enabled:1", "loading:1\r\naof_enabled:0");
    let all = [GOOD, &loading].map(|info| Facts::read("a:1".to_owned(), info));

    let judged = judge_all(&all, &standalone("a:1"));

    assert!(matches!(judged, Err(OpenRedisError::Starting { .. })), "{judged:?}");
}

/// INV4: where changes wait for a replica there has to be one; it may be back in a moment.
#[test]
fn a_replica_that_is_missing_is_no_wrong_setting() {
    let lonely = GOOD.replace("connected_slaves:1", "connected_slaves:0");
    let all = [GOOD, &lonely].map(|info| Facts::read("a:1".to_owned(), info));
    let replica = RedisSettings { acknowledge: Acknowledge::Replica, ..standalone("a:1") };

    let [waits, journal] = [replica, standalone("a:1")].map(|settings| judge_all(&all, &settings));

    assert_eq!(waits, Err(OpenRedisError::NoReplica("a:1".to_owned())));
    assert_eq!(journal, Ok(Vec::new()));
}

/// C2, C3: what is dangerous is refused or warned of, in a sentence that names what to do.
#[test]
fn each_thing_that_is_wrong_has_its_sentence() {
    let settings = standalone("a:1");
    let cluster = Deployment::Cluster { nodes: vec!["a:1".to_owned()] };
    let cluster = RedisSettings { deployment: cluster, ..settings.clone() };
    let refused = [
        ("redis_version:8.2.2", "redis_version:6.0.9", &settings, "use 6.2 or later"),
        ("redis_version:8.2.2", "", &settings, "does not say its version"),
        ("noeviction", "allkeys-lru", &settings, "set `maxmemory-policy noeviction`"),
        ("aof_enabled:1", "aof_enabled:0", &settings, "set `appendonly yes`"),
        ("min_slaves_good_slaves:1", "", &settings, "set `min-replicas-to-write 1`"),
        ("role:master", "role:slave", &settings, "name its primary"),
        ("cluster_enabled:0", "cluster_enabled:1", &settings, "set `cluster-enabled no`"),
        ("", "", &cluster, "name it as a single server"),
    ];
    for (good, bad, settings, sentence) in refused {
        let verdict = verdict(&GOOD.replace(good, bad), settings);

        assert_eq!(verdict.refusals.len(), 1, "{verdict:?}");
        assert!(verdict.refusals[0].contains(sentence), "{verdict:?}");
        assert!(verdict.warnings.is_empty(), "{verdict:?}");
    }
    let warned = [
        ("redis_version:8.2.2", "redis_version:7.0.15", "update to Redis 7.2.11"),
        ("redis_version:8.2.2", "redis_version:6.2.23", "does not hold up scripts"),
        ("maxmemory_policy:noeviction", "", "make sure"),
    ];
    for (good, bad, sentence) in warned {
        let verdict = verdict(&GOOD.replace(good, bad), &settings);

        assert_eq!(verdict.refusals, Vec::<String>::new());
        assert!(verdict.warnings[0].contains(sentence), "{verdict:?}");
    }
}

#[test]
fn loss_that_is_accepted_is_warned_of() {
    let settings = RedisSettings { accept_loss: true, folder: PathBuf::new(), ..standalone("a:1") };
    let info = GOOD.replace("aof_enabled:1", "").replace("min_slaves_good_slaves:1", "");

    let verdict = verdict(&info, &settings);

    assert!(verdict.refusals.is_empty());
    assert_eq!(verdict.warnings.len(), 2, "{verdict:?}");
}
