//! What the service counts, in the text format of Prometheus (`OpenMetrics` 1.0).
//!
//! Numbers, and the names that verifiers and their clients have given themselves: no subject, no
//! session, no address and no token is ever among them.

mod node;

pub use node::Node;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jeton::RevocationList;
use jeton_feed::publish::Stats;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};

use crate::feed::Reported;

/// The media type of what [`render`] writes.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A number for each verifier.
type ByVerifier = Family<[(&'static str, String); 2], Gauge<f64, AtomicU64>>;

/// Everything there is to count, as it is now.
///
/// # Errors
///
/// Never: it is written into memory.
pub fn render(
    stats: &Stats,
    held: &RevocationList,
    reported: &[Reported],
    node: Option<&Node>,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("jeton");
    feed(&mut registry, stats);
    list(&mut registry, held);
    if let Some(node) = node {
        node.register(&mut registry);
    }
    verifiers(&mut registry, reported);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn feed(registry: &mut Registry, stats: &Stats) {
    let counters = [
        ("revocations_published", "Revocations that verifiers were told of", stats.published),
        ("feed_subscriptions", "Streams that were begun", stats.subscribed),
        ("feed_closed_as_slow", "Streams closed because they were read too slowly", stats.slow),
        ("feed_resets", "Cursors that were of no use any more", stats.resets),
        ("feed_snapshots", "Snapshots handed out", stats.snapshots),
        ("feed_snapshots_built", "Snapshots built for them", stats.built),
    ];
    for (name, help, count) in counters {
        registry.register(name, help, ConstCounter::new(count));
    }
    let subscribers = ConstGauge::new(stats.subscribers);
    registry.register("feed_subscribers", "Streams that are open", subscribers);
    let bytes = ConstGauge::new(stats.snapshot_bytes);
    let help = "Size of the last snapshot built";
    registry.register_with_unit("feed_snapshot", help, Unit::Bytes, bytes);
    if let Some(age) = stats.age {
        let help = "How long ago everything revoked until then was known to be published";
        let age = ConstGauge::new(age.as_secs_f64());
        registry.register_with_unit("feed_age", help, Unit::Seconds, age);
    }
}

fn list(registry: &mut Registry, list: &RevocationList) {
    let entries = ConstGauge::new(list.len());
    registry.register("revocation_list_entries", "Revocations that are remembered", entries);
    let help = "Revocations that a full list could not take as they were";
    let coarsened = ConstCounter::new(list.coarsened());
    registry.register("revocation_list_coarsened", help, coarsened);
}

fn verifiers(registry: &mut Registry, reported: &[Reported]) {
    let [delay, staleness, entries] = <[ByVerifier; 3]>::default();
    for Reported { client_id, report, .. } in reported {
        let set = |family: &ByVerifier, number: Option<f64>| {
            if let Some(number) = number {
                let labels = [("client", client_id.clone()), ("verifier", report.verifier.clone())];
                family.get_or_create(&labels).set(number);
            }
        };
        let seconds = |millis: Option<f64>| millis.map(|millis| millis / 1_000.0);
        set(&delay, seconds(report.delay_ms));
        set(&staleness, seconds(report.staleness_ms));
        set(&entries, report.entries.map(lossy));
    }
    let help = "From a revocation to its arrival, as verifiers report it";
    registry.register_with_unit("verifier_delay", help, Unit::Seconds, delay);
    let help = "By how much the lists of verifiers may be behind, as they report it";
    registry.register_with_unit("verifier_staleness", help, Unit::Seconds, staleness);
    let help = "Entries on the lists of verifiers, as they report it";
    registry.register("verifier_entries", help, entries);
}

/// A number that people look at.
fn lossy(number: u64) -> f64 {
    Duration::from_secs(number).as_secs_f64()
}
