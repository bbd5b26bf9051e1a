//! The settings as a file that says what each of them means.

use std::fmt::Write as _;

use serde_json::Value;

use crate::scope;
use crate::settings::{
    Accounts, Feed, Fleet, Http, Log, Password, Relay, Session, Settings, Tokens, algorithms,
};

/// Longest line of a comment.
const WIDTH: usize = 100;

/// A complete `jeton.toml` with every default, its meaning and its environment variable above it.
#[must_use]
pub fn reference() -> String {
    let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
    let mut text = String::new();
    section(&mut text, "", Settings::MEANINGS, &defaults);
    for (name, meanings) in [
        ("tokens", Tokens::MEANINGS),
        ("session", Session::MEANINGS),
        ("accounts", Accounts::MEANINGS),
        ("password", Password::MEANINGS),
        ("http", Http::MEANINGS),
        ("feed", Feed::MEANINGS),
        ("fleet", Fleet::MEANINGS),
        ("relay", Relay::MEANINGS),
        ("log", Log::MEANINGS),
    ] {
        let about = Settings::MEANINGS.iter().find(|(field, _)| *field == name);
        let about = about.map_or("", |(_, about)| about.trim());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n# {about}\n[{name}]");
        section(&mut text, name, meanings, defaults.get(name).unwrap_or(&Value::Null));
    }
    clients(&mut text);
    text
}

/// The fields of one section; those that are sections themselves have their own place.
fn section(text: &mut String, name: &str, meanings: &[(&str, &str)], defaults: &Value) {
    for (field, meaning) in meanings {
        let Some(default) = defaults.get(field).filter(|default| !default.is_object()) else {
            continue;
        };
        if *field == "clients" {
            continue;
        }
        let _ = writeln!(text);
        for line in meaning.lines() {
            let _ = writeln!(text, "#{line}");
        }
        if (name, *field) == ("tokens", "algorithm") {
            comment(text, &format!("One of {}.", algorithms()));
        }
        let section = if name.is_empty() { String::new() } else { format!("{name}__") };
        let variable = format!("JETON_{section}{field}").to_uppercase();
        // JSON's strings, numbers, booleans and arrays of them are TOML's as well.
        let _ = writeln!(text, "# {variable}\n{field} = {default}");
    }
}

/// Clients have no defaults, and no place in the environment: what one looks like.
fn clients(text: &mut String) {
    let about = Settings::MEANINGS.iter().find(|(field, _)| *field == "clients");
    let about = about.map_or("", |(_, about)| about.trim_end());
    let _ = writeln!(text);
    for line in about.lines() {
        let _ = writeln!(text, "#{line}");
    }
    comment(text, &format!("This service's own scopes are {}.", scope::OURS.join(", ")));
    let _ = writeln!(text, "#\n# [[clients]]\n# id = \"orders\"");
    let _ = writeln!(text, "# secret_hashes = [\"what `jeton client secret` prints\"]");
    let _ = writeln!(text, "# scopes = [\"{}\"]", scope::REVOCATIONS_READ);
}

/// A sentence, in as many lines as it needs.
fn comment(text: &mut String, sentence: &str) {
    let mut line = "#".to_owned();
    for word in sentence.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line.truncate(1);
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use figment2::Figment;
    use figment2::providers::{Format as _, Toml};

    use super::*;

    #[test]
    fn the_reference_is_a_file_of_all_defaults() {
        let read: Settings = Figment::from(Toml::string(&reference())).extract().unwrap();
        assert_eq!(read, Settings::default());
    }

    #[test]
    fn every_algorithm_is_in_the_reference() {
        let text = reference();
        let words: Vec<&str> = text.split([' ', ',', '.', '\n']).collect();
        for algorithm in jeton::Algorithm::ALL {
            assert!(words.contains(&algorithm.name()), "{algorithm:?}");
        }
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
    }

    #[test]
    fn every_setting_is_in_the_reference() {
        fn leaves(prefix: &str, value: &Value) -> Vec<String> {
            match value {
                Value::Object(members) => members
                    .iter()
                    .flat_map(|(name, value)| leaves(&format!("{prefix}_{name}_"), value))
                    .collect(),
                _ => vec![prefix.trim_end_matches('_').to_uppercase()],
            }
        }
        let text = reference();
        let mut defaults = serde_json::to_value(Settings::default()).unwrap();
        defaults.as_object_mut().unwrap().remove("clients");
        assert!(text.contains("\n# [[clients]]\n"), "{text}");
        for variable in leaves("JETON", &defaults) {
            assert!(text.contains(&format!("# {variable}\n")), "{variable}");
        }
    }
}
