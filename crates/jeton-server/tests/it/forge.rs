//! Tokens taken apart, changed and put together again, or signed by somebody with the keys; and
//! where they can be presented.

use std::fs;

use jeton::{Signer, Timestamp, base64url};
use jeton_session::Keyring;
use serde_json::{Value, json};

use crate::answer::{Answer, Tokens};
use crate::client::Client;
use crate::setup::Setup;

/// A token in parts.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signature: String,
}

impl Parts {
    pub(crate) fn of(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let json = |part: &str| {
            let bytes = base64url::decode(part).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        Self { header: json(parts[0]), claims: json(parts[1]), signature: parts[2].to_owned() }
    }

    /// With another header parameter.
    pub(crate) fn header(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut changed = self.clone();
        changed.header[name] = value.into();
        changed
    }

    /// With another claim.
    pub(crate) fn claim(&self, name: &str, value: impl Into<Value>) -> Self {
        let mut changed = self.clone();
        changed.claims[name] = value.into();
        changed
    }

    /// Without a claim.
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut changed = self.clone();
        changed.claims.as_object_mut().unwrap().remove(name);
        changed
    }

    /// Under another signature.
    pub(crate) fn signature(&self, signature: &str) -> Self {
        Self { signature: signature.to_owned(), ..self.clone() }
    }

    /// Under the signature it has.
    pub(crate) fn token(&self) -> String {
        format!("{}.{}", self.signing_input(), self.signature)
    }

    /// What a signature is made over.
    pub(crate) fn signing_input(&self) -> String {
        let text = |part: &Value| base64url::encode(part.to_string().as_bytes());
        format!("{}.{}", text(&self.header), text(&self.claims))
    }
}

/// A way to present a token.
pub(crate) type Door = fn(&Client, &str) -> Answer;

/// Everything that takes an access token.
pub(crate) const ACCESS_DOORS: [(&str, Door); 3] = [
    ("/v1/me", |http, token| http.me(token)),
    ("/v1/check", |http, token| http.get("/v1/check").bearer(token).send()),
    ("/v1/logout", |http, token| http.logout(token)),
];

/// Everything that takes a refresh token.
pub(crate) const REFRESH_DOORS: [(&str, Door); 2] = [
    ("/v1/refresh", |http, token| http.refresh(token)),
    ("/v1/logout", |http, token| {
        let body = json!({ "refresh_token": token });
        http.post("/v1/logout").json(&body).send()
    }),
];

/// A session that forgeries should not have touched still works.
#[track_caller]
pub(crate) fn assert_unharmed(http: &Client, tokens: &Tokens) {
    assert_eq!(http.me(&tokens.access).status, 200);
    assert_eq!(http.refresh(&tokens.refresh).status, 200);
}

/// Somebody who has read the keys of a service.
pub(crate) struct Insider(Keyring);

impl Insider {
    pub(crate) fn of(setup: &Setup) -> Self {
        let text = fs::read_to_string(setup.data().join("keys.json")).unwrap();
        Self(Keyring::from_document(&text).unwrap())
    }

    /// Signed with the key of access tokens.
    pub(crate) fn access(&self, typ: &str, parts: &Parts) -> String {
        let key = self.0.access_key(Timestamp::from_secs(u64::MAX));
        Signer::new(key.clone()).sign(typ, &parts.claims).unwrap()
    }

    /// Signed with the key of refresh tokens.
    pub(crate) fn refresh(&self, typ: &str, parts: &Parts) -> String {
        let key = self.0.refresh_key(Timestamp::from_secs(u64::MAX));
        Signer::new(key.clone()).sign(typ, &parts.claims).unwrap()
    }
}
