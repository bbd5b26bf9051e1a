//! Any entry there may be.

use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use jeton_feed::wire::{Complete, FeedCursor, Snapshot, WireEntry};
use proptest::prelude::*;
use serde_json::json;

/// Any time that both forms have room for.
fn time() -> impl Strategy<Value = Timestamp> {
    (0..1_u64 << 40).prop_map(Timestamp::from_secs)
}

fn fingerprint() -> impl Strategy<Value = Fingerprint> {
    any::<u64>().prop_map(Fingerprint::from_u64)
}

fn reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(Reason::ALL.to_vec())
}

fn refused() -> impl Strategy<Value = Refused> {
    prop_oneof![
        (fingerprint(), reason()).prop_map(|(id, reason)| Refused::Session(id, reason)),
        (fingerprint(), reason()).prop_map(|(id, reason)| Refused::Token(id, reason)),
        (fingerprint(), any::<u64>()).prop_map(|(id, version)| Refused::Versions(id, version)),
        (fingerprint(), time()).prop_map(|(id, at)| Refused::Issued(id, at)),
        time().prop_map(Refused::All),
        "[ -~\u{e9}\u{4e2d}]{1,32}".prop_map(|id| Refused::Key(KeyId::new(&id).unwrap())),
    ]
}

/// Any entry that refuses something.
pub(crate) fn entry() -> impl Strategy<Value = Entry> {
    (refused(), time()).prop_map(|(refused, until)| Entry { refused, until })
}

/// Any entry.
pub(crate) fn wire_entry() -> impl Strategy<Value = WireEntry> {
    let canary = (time(), any::<u64>()).prop_map(|(until, t)| WireEntry::Canary { until, t });
    prop_oneof![8 => entry().prop_map(WireEntry::Refused), 1 => canary]
}

/// A snapshot of these.
pub(crate) fn snapshot(e: Vec<WireEntry>) -> Snapshot {
    Snapshot {
        cursor: FeedCursor { feed: 0x9f3c_51aa_02d7_e6b4, position: 4_711 },
        retention: 690,
        complete: Complete { t: 88_123_456, age_ms: 140, now: Timestamp::from_secs(1_795_284_925) },
        jwks: json!({ "keys": [{ "kty": "EC", "kid": "2027" }] }),
        e,
    }
}
