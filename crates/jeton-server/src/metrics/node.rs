//! What a service counts of its own store, and a node of its fleet.

use std::fmt;
use std::time::Duration;

use jeton_store::{Latency, RedisStats};
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

/// What is looked up when somebody asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Refreshes that moved a session forward to what the store had lost.
    pub repaired: u64,
    /// How old its list of revocations may be; nothing where it cannot be old, or was never complete.
    pub staleness: Option<Duration>,
    /// How often the keyring of the fleet was changed.
    pub keyring: Option<u64>,
    /// The Redis of the fleet.
    pub redis: Option<RedisStats>,
}

impl Node {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Refreshes that moved a session forward to what the store had lost";
        registry.register("refreshes_repaired", help, ConstCounter::new(self.repaired));
        if let Some(age) = self.staleness {
            let help = "By how much this node's list of revocations may be behind";
            let age = ConstGauge::new(age.as_secs_f64());
            registry.register_with_unit("revocation_list_staleness", help, Unit::Seconds, age);
        }
        if let Some(revision) = self.keyring {
            let help =
                "How often the keyring of the fleet was changed, as this node has followed it";
            registry.register("keyring_revision", help, ConstGauge::new(revision));
        }
        if let Some(stats) = &self.redis {
            redis(registry, stats);
        }
    }
}

fn redis(registry: &mut Registry, stats: &RedisStats) {
    let counters = [
        ("store_errors", "Calls to the store of which nobody knows the outcome", stats.errors),
        ("store_conflicts", "Updates that met another one and ran again", stats.conflicts),
        ("store_lineages", "Histories of buckets that were read anew", stats.lineages),
        (
            "store_revocations_pushed_back",
            "Revocations that Redis had lost and this node has brought back",
            stats.pushed_back,
        ),
        ("store_rounds", "Rounds of heartbeats that have proven everything", stats.rounds),
        ("store_rounds_failed", "Rounds of heartbeats that have not", stats.failed_rounds),
    ];
    for (name, help, count) in counters {
        registry.register(name, help, ConstCounter::new(count));
    }
    let gauges = [
        ("store_open_buckets", "Buckets that take updates; 64 if all is well", stats.open_buckets),
        ("store_log_entries", "Revocations in this node's memory", stats.log_entries),
    ];
    for (name, help, number) in gauges {
        registry.register(name, help, ConstGauge::new(number));
    }
    let help = "What that memory takes";
    let bytes = ConstGauge::new(stats.log_bytes);
    registry.register_with_unit("store_log", help, Unit::Bytes, bytes);
    let help = "How long calls to the store take";
    let latency = Histogram(stats.latency.clone());
    registry.register_with_unit("store_latency", help, Unit::Seconds, latency);
}

/// Durations that somebody else has counted.
#[derive(Debug)]
struct Histogram(Latency);

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Latency { counts, sum } = &self.0;
        let bounds = Latency::BOUNDS.iter().map(Duration::as_secs_f64).chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).collect();
        let count = counts.iter().sum();
        encoder.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
