//! The claims of the tokens of every row.

use serde::{Deserialize, Serialize};

/// `iss` of every token.
pub const ISSUER: &str = "https://login.example";

/// `aud` of every token.
pub const AUDIENCE: &str = "https://api.example";

/// `typ` of every token.
pub const TYPE: &str = "at+jwt";

/// `kid` of every token.
pub const KEY_ID: &str = "2026-11-21";

/// Eleven claims of an access token (RFC 9068 section 2.2), one of them the application's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub aud: String,
    pub client_id: String,
    pub iat: u64,
    pub exp: u64,
    pub jti: String,
    pub sid: String,
    pub ver: u64,
    pub scope: String,
    pub tenant: String,
}

/// What a verifier says that a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Seen<'a> {
    pub iss: &'a str,
    pub sub: &'a str,
    pub aud: &'a str,
    pub client_id: &'a str,
    pub iat: u64,
    pub exp: u64,
    pub jti: &'a str,
    pub ver: u64,
    pub scope: &'a str,
    pub tenant: &'a str,
}

impl Claims {
    /// What a verifier has to say; `sid` is a type of its own in some, so it is left out.
    pub fn seen(&self) -> Seen<'_> {
        Seen {
            iss: &self.iss,
            sub: &self.sub,
            aud: &self.aud,
            client_id: &self.client_id,
            iat: self.iat,
            exp: self.exp,
            jti: &self.jti,
            ver: self.ver,
            scope: &self.scope,
            tenant: &self.tenant,
        }
    }
}
