//! What guides tell newcomers to type.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jeton::RevocationList;
use jeton_feed::publish::Stats;
use jeton_server::metrics::{Node, render};
use jeton_server::settings::Settings;
use jeton_store::RedisStats;

/// Guides to programs that verify the tokens of a service as it is delivered.
const GUIDES: [&str; 5] = [
    "clients/verifier-node/README.md",
    "clients/verifier-node/example.mjs",
    "clients/verifier-python/README.md",
    "clients/verifier-python/example.py",
    "examples/resource-server/README.md",
];

/// Anything else is refused with `claim_refused`, and nobody knows why.
#[test]
fn guides_name_the_issuer_and_the_audience_that_the_service_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let settings = Settings::default();
    for guide in GUIDES {
        let text = fs::read_to_string(root.join(guide)).unwrap();
        let words: Vec<&str> = text.split(|c: char| c == '=' || c.is_whitespace()).collect();
        for (names, written) in [
            (["--issuer", "ISSUER"], &settings.issuer),
            (["--audience", "AUDIENCE"], &settings.audience),
        ] {
            let named = words.windows(2).filter(|pair| names.contains(&pair[0]));
            let named: Vec<&str> = named.map(|pair| pair[1]).collect();

            assert_eq!(named, [written], "{guide}");
        }
    }
}

/// Whoever is told to watch a metric finds it.
#[test]
fn every_metric_that_the_guide_to_a_fleet_names_is_told() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations/redis.md");
    let guide = fs::read_to_string(guide).unwrap();
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let named: Vec<&str> = guide
        .split(|c| !is_part(c))
        .filter(|word| word.starts_with("jeton_"))
        .map(|word| word.trim_end_matches("_total"))
        .collect();
    let node = Node {
        staleness: Some(Duration::ZERO),
        keyring: Some(1),
        redis: Some(RedisStats::default()),
        ..Node::default()
    };

    let told = render(&Stats::default(), &RevocationList::new(), &[], Some(&node)).unwrap();

    assert!(named.len() > 8, "{named:?}");
    for name in named {
        assert!(told.contains(&format!("# TYPE {name} ")), "{name}: {told}");
    }
}
