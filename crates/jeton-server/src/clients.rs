//! Clients: programs that authenticate with a secret of their own (RFC 6749 section 2).
//!
//! Secrets are made here, 256 random bits each, and only their hashes are kept. That much cannot be
//! guessed, so SHA-256 is hash enough; it is also why no secret of anybody's own is taken. An unknown
//! client and a wrong secret are told apart neither by the answer nor by the time it takes.

mod memory;
mod secret;

use std::collections::BTreeMap;

use jeton_session::FIRST_PARTY;

pub use memory::{ClientsError, follow};
pub use secret::{ClientSecret, SecretHash};

use crate::scope;
use crate::settings::ClientSettings;

/// Most clients.
const CLIENTS: usize = 1_000;

/// Longest name of a client, in bytes.
const NAME: usize = 64;

/// The clients of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    by_id: BTreeMap<String, Client>,
}

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// What it may ask for.
    pub scopes: Vec<String>,
    secrets: [SecretHash; 2],
}

impl Clients {
    /// Reads them out of the settings.
    ///
    /// # Errors
    ///
    /// What is wrong with the first one that cannot be used.
    pub fn new(settings: &[ClientSettings]) -> Result<Self, String> {
        if settings.len() > CLIENTS {
            return Err(format!("clients: there are more than {CLIENTS}"));
        }
        let mut by_id = BTreeMap::new();
        for settings in settings {
            let client = Client::new(settings)?;
            if let Some(twice) = by_id.insert(client.id.clone(), client) {
                return Err(format!("clients: {:?} is there twice", twice.id));
            }
        }
        Ok(Self { by_id })
    }

    /// The client of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Client> {
        self.by_id.get(id)
    }

    /// All of them, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.by_id.values()
    }

    /// The client of this name, if this is a secret of its.
    #[must_use]
    pub fn authenticate(&self, id: &str, secret: &str) -> Option<&Client> {
        let presented = SecretHash::of(secret)?;
        let client = self.by_id.get(id);
        let secrets = client.map_or(&[SecretHash::NONE; 2], |client| &client.secrets);
        // Both, always.
        let matches = secrets.iter().fold(false, |found, hash| hash.matches(&presented) | found);
        client.filter(|_| matches)
    }
}

impl Client {
    fn new(settings: &ClientSettings) -> Result<Self, String> {
        let ClientSettings { id, secret_hashes, scopes } = settings;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if id.is_empty() || id.len() > NAME || !id.bytes().all(is_letter) {
            return Err(format!("clients: {id:?} is not 1 to {NAME} of A-Z a-z 0-9 . _ -"));
        }
        if id == FIRST_PARTY {
            return Err(format!("clients: {id:?} is the name of this service's own"));
        }
        let fail = |wrong: &str| Err(format!("clients: {id}: {wrong}"));
        let hash = |text: &String| SecretHash::parse(text);
        let secrets = match secret_hashes.as_slice() {
            [one] => hash(one).map(|hash| [hash, hash]),
            [one, other] => hash(one).zip(hash(other)).map(|(one, other)| [one, other]),
            _ => return fail("secret_hashes needs one hash, or two while they are exchanged"),
        };
        let Some(secrets) = secrets else {
            return fail(
                "a secret hash is what `jeton client secret` prints, sha256: and 64 digits",
            );
        };
        for scope in scopes {
            let is_unknown = scope::is_reserved(scope) && !scope::OURS.contains(&scope.as_str());
            if !scope::is_scope(scope) || is_unknown {
                return fail(&format!("{scope:?} is not a scope"));
            }
        }
        if scopes.join(" ").len() > scope::LENGTH {
            return fail("its scopes are too long all together");
        }
        Ok(Self { id: id.clone(), scopes: scopes.clone(), secrets })
    }

    /// Whether it may ask for this scope.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// What it gets that asks for this, by default for all it may have; `None` if that is too much.
    #[must_use]
    pub fn grant(&self, asked: Option<&str>) -> Option<String> {
        let Some(asked) = asked else { return Some(self.scopes.join(" ")) };
        let asked = scope::split(asked)?;
        asked.iter().all(|scope| self.may(scope)).then(|| asked.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(id: &str, scopes: &[&str]) -> ClientSettings {
        ClientSettings {
            id: id.to_owned(),
            secret_hashes: vec![SecretHash::NONE.to_string()],
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_by_its_name() {
        let long = "a".repeat(65);
        let hashes = |hashes: &[&str]| ClientSettings {
            secret_hashes: hashes.iter().map(|&hash| hash.to_owned()).collect(),
            ..settings("orders", &[])
        };
        let none = SecretHash::NONE.to_string();
        let cases = [
            (settings("", &[]), "\"\""),
            (settings(&long, &[]), "64"),
            (settings("a b", &[]), "\"a b\""),
            (settings("a/b", &[]), "\"a/b\""),
            (settings(FIRST_PARTY, &[]), "first-party"),
            (settings("orders", &["sessions:mange"]), "orders: \"sessions:mange\""),
            (settings("orders", &["jeton:admin"]), "jeton:admin"),
            (settings("orders", &["read write"]), "read write"),
            (settings("orders", &[""]), "\"\""),
            (settings("orders", &[&"a".repeat(2_049)]), "too long"),
            (hashes(&[]), "needs one"),
            (hashes(&[&none, &none, &none]), "needs one"),
            (hashes(&["sha256:"]), "sha256:"),
            (hashes(&["hunter2"]), "sha256:"),
        ];
        for (settings, expected) in cases {
            let refused = Clients::new(&[settings]).unwrap_err();

            assert!(refused.starts_with("clients: ") && refused.contains(expected), "{refused}");
            assert!(!refused.contains("hunter2"), "a hash that is none may be a secret");
        }
        let twice = Clients::new(&[settings("a", &[]), settings("a", &[])]);
        assert!(twice.unwrap_err().contains("twice"));
    }

    #[test]
    fn either_secret_is_good_and_nothing_else() {
        let [one, other, third] = [1, 2, 3].map(|byte| ClientSecret::from_bytes([byte; 32]));
        let hashes = [&one, &other].map(|secret| secret.hash().to_string());
        let orders = ClientSettings { secret_hashes: hashes.to_vec(), ..settings("orders", &[]) };
        let clients = Clients::new(&[orders, settings("stock", &[])]).unwrap();

        let knows = |id: &str, secret: &str| clients.authenticate(id, secret).is_some();

        assert!(knows("orders", one.expose()) && knows("orders", other.expose()));
        assert!(!knows("orders", third.expose()) && !knows("stock", one.expose()));
        assert!(!knows("nobody", one.expose()) && !knows("Orders", one.expose()));
        assert!(!knows("orders", "") && !knows("orders", &one.hash().to_string()));
        assert!(!knows("orders", &one.expose()[..46]));
    }

    #[test]
    fn a_client_gets_what_it_may_have_and_no_more() {
        let clients = Clients::new(&[settings("orders", &["a", "b"])]).unwrap();
        let client = clients.get("orders").unwrap();
        let cases = [
            (None, Some("a b")),
            (Some("b"), Some("b")),
            (Some("b a b"), Some("b a")),
            (Some("a c"), None),
            (Some("a  b"), None),
        ];
        for (asked, granted) in cases {
            assert_eq!(client.grant(asked).as_deref(), granted, "{asked:?}");
        }
    }
}
