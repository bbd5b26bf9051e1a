//! Every setting that a file of `deploy/` names is one.

use jeton_server::settings::{Overrides, load, reference};

use super::{path, text};

/// Files that set variables of the environment, each in its own way.
const FILES: [&str; 4] = [
    "compose/Dockerfile",
    "compose/compose.yaml",
    "systemd/jeton.service",
    "systemd/jeton-relay.service",
];

/// The names of our variables in a text.
fn variables(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
    text.split(|c| !is_part(c)).filter(|word| word.starts_with("JETON_")).collect()
}

#[test]
fn every_variable_that_is_set_is_a_setting() {
    let reference = reference();
    let mut found = 0;
    for file in FILES {
        let text = text(file);
        for variable in variables(&text) {
            assert!(reference.contains(&format!("# {variable}\n")), "{file}: {variable}");
            found += 1;
        }
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn the_settings_of_the_composition_are_settings() {
    let config = Some(path("compose/jeton.toml"));

    let settings = load(&Overrides { config, ..Overrides::default() }).unwrap();

    assert_eq!(settings.fleet.redis, ["redis:6379"]);
    assert!(!settings.accounts.postgres.is_empty());
}
