//! A token put together claim by claim.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::SignError;
use crate::key::{KeyId, SigningKey};
use crate::timestamp::Timestamp;

/// A JWT that is about to be signed, by [`Signer::sign_token`](crate::Signer::sign_token).
///
/// A second call for the same claim replaces the first. `alg` and `kid` are the key's to set, `typ`
/// is `JWT` until told otherwise.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::{Algorithm, NewToken, PrivateKey, Signer, SigningKey, Timestamp};
///
/// let token = NewToken::new()
///     .issuer("https://login.example")
///     .subject("alice")
///     .audience("https://api.example")
///     .valid_for(Timestamp::from_secs(1_800_000_000), Duration::from_secs(600))
///     .claim("roles", &["reader", "writer"])
///     .header_parameter("cty", &"example");
///
/// let signer = Signer::new(SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?));
/// assert_eq!(signer.sign_token(&token)?.split('.').count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// In the examples of the methods `said(token)` is what the token says once it is signed.
#[derive(Clone, Debug)]
pub struct NewToken {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    /// The first thing that could not be taken, told when it is signed.
    failed: Option<SignError>,
}

impl NewToken {
    /// A token without claims, `typ: JWT`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new();
    /// assert_eq!(said(token), serde_json::json!({}));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self { header: Map::new(), claims: Map::new(), failed: None }.media_type("JWT")
    }

    /// A token with the claims of a struct or map, to add to.
    ///
    /// # Errors
    ///
    /// [`SignError::Claims`] if they are not a JSON object.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Cart<'a> {
    ///     items: &'a [u32],
    /// }
    ///
    /// let token = NewToken::from_claims(&Cart { items: &[1, 2] })?.subject("alice");
    /// # let _ = token;
    /// # Ok::<(), jeton::SignError>(())
    /// ```
    pub fn from_claims(claims: &impl Serialize) -> Result<Self, SignError> {
        match serde_json::to_value(claims) {
            Ok(Value::Object(claims)) => Ok(Self { claims, ..Self::new() }),
            _ => Err(SignError::Claims),
        }
    }

    /// `typ`, such as `dpop+jwt`: what keeps one kind of token from being taken for another (RFC
    /// 8725 section 3.11).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # use jeton::{Algorithm, SecretKey, Signer, SigningKey};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    ///
    /// let token = NewToken::new().media_type("dpop+jwt");
    /// # let token = Signer::new(key).sign_token(&token)?;
    /// # let token = jeton::decode_without_verifying(&token)?;
    /// assert_eq!(token.unverified_header["typ"], "dpop+jwt");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn media_type(self, media_type: &str) -> Self {
        self.header_parameter("typ", &media_type)
    }

    /// A header parameter of any name but `alg` and `kid`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # use jeton::{Algorithm, SecretKey, Signer, SigningKey};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    ///
    /// let token = NewToken::new().header_parameter("x5t", "c2hhMQ");
    /// # let token = Signer::new(key).sign_token(&token)?;
    /// # let token = jeton::decode_without_verifying(&token)?;
    /// assert_eq!(token.unverified_header["x5t"], "c2hhMQ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn header_parameter(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_value(value) {
            Ok(value) if name != "alg" && name != "kid" => {
                self.header.insert(name.to_owned(), value);
            }
            _ => self.fail(SignError::Header),
        }
        self
    }

    /// `iss`: who issues it (RFC 7519 section 4.1.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().issuer("https://login.example");
    /// assert_eq!(said(token), serde_json::json!({ "iss": "https://login.example" }));
    /// ```
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        self.claim("iss", issuer)
    }

    /// `sub`: whom it speaks of (RFC 7519 section 4.1.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().subject("alice").subject("bob");
    /// assert_eq!(said(token), serde_json::json!({ "sub": "bob" }));
    /// ```
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// One more `aud`, for whom it is; one is written as a text, several as an array (RFC 7519
    /// section 4.1.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().audience("api").audience("admin");
    /// assert_eq!(said(token), serde_json::json!({ "aud": ["api", "admin"] }));
    /// ```
    #[must_use]
    pub fn audience(mut self, audience: &str) -> Self {
        let audiences = match self.claims.remove("aud") {
            None => json!(audience),
            Some(Value::Array(mut audiences)) => {
                audiences.push(audience.into());
                audiences.into()
            }
            Some(first) => json!([first, audience]),
        };
        self.claim("aud", &audiences)
    }

    /// `jti`: its own name, unique at its issuer (RFC 7519 section 4.1.7).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().token_id("t1");
    /// assert_eq!(said(token), serde_json::json!({ "jti": "t1" }));
    /// ```
    #[must_use]
    pub fn token_id(self, id: &str) -> Self {
        self.claim("jti", id)
    }

    /// `iat` now, and `exp` this much later, fractions of a second cut (RFC 7519 sections 4.1.6 and
    /// 4.1.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{NewToken, Timestamp};
    /// # use std::time::Duration;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let now = Timestamp::from_secs(1_000);
    /// let token = NewToken::new().valid_for(now, Duration::from_mins(1));
    /// assert_eq!(said(token), serde_json::json!({ "iat": 1_000, "exp": 1_060 }));
    /// ```
    #[must_use]
    pub fn valid_for(self, now: Timestamp, span: Duration) -> Self {
        self.issued_at(now).expires_at(now.after(span))
    }

    /// `iat`: when it is issued (RFC 7519 section 4.1.6).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{NewToken, Timestamp};
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().issued_at(Timestamp::from_secs(1_000));
    /// assert_eq!(said(token), serde_json::json!({ "iat": 1_000 }));
    /// ```
    #[must_use]
    pub fn issued_at(self, moment: Timestamp) -> Self {
        self.claim("iat", &moment)
    }

    /// `exp`: from when on it is refused (RFC 7519 section 4.1.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{NewToken, Timestamp};
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().expires_at(Timestamp::from_secs(1_000));
    /// assert_eq!(said(token), serde_json::json!({ "exp": 1_000 }));
    /// ```
    #[must_use]
    pub fn expires_at(self, moment: Timestamp) -> Self {
        self.claim("exp", &moment)
    }

    /// `nbf`: before when it is refused (RFC 7519 section 4.1.5).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{NewToken, Timestamp};
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().not_before(Timestamp::from_secs(1_000));
    /// assert_eq!(said(token), serde_json::json!({ "nbf": 1_000 }));
    /// ```
    #[must_use]
    pub fn not_before(self, moment: Timestamp) -> Self {
        self.claim("nbf", &moment)
    }

    /// Any claim, with anything that has a JSON form; `&()` for `null`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::NewToken;
    /// # let said = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/said.rs"));
    ///
    /// let token = NewToken::new().claim("roles", &["reader"]).claim("manager", &());
    /// assert_eq!(said(token), serde_json::json!({ "roles": ["reader"], "manager": null }));
    /// ```
    #[must_use]
    pub fn claim(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => {
                self.claims.insert(name.to_owned(), value);
            }
            Err(_) => self.fail(SignError::Claims),
        }
        self
    }

    pub(super) fn claims(&self) -> Result<&Map<String, Value>, SignError> {
        self.failed.map_or(Ok(&self.claims), Err)
    }

    /// The header of this token by this key, as JSON.
    pub(super) fn header(&self, key: &SigningKey) -> Result<String, SignError> {
        let mut header = self.header.clone();
        header.insert("alg".to_owned(), key.algorithm().name().into());
        if let Some(id) = key.id().map(KeyId::as_str) {
            header.insert("kid".to_owned(), id.into());
        }
        serde_json::to_string(&header).map_err(|_| SignError::Header)
    }

    fn fail(&mut self, error: SignError) {
        self.failed = self.failed.or(Some(error));
    }
}

impl Default for NewToken {
    fn default() -> Self {
        Self::new()
    }
}
