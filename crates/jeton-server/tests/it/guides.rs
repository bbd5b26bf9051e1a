//! What guides tell newcomers to type.

use std::fs;
use std::path::Path;

use jeton_server::settings::Settings;

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
