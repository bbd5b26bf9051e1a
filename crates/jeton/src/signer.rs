//! From claims to a token.

mod new_token;

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Serialize;

pub use self::new_token::NewToken;

use crate::base64url;
use crate::claims::{NewAccessToken, is_reserved};
use crate::error::SignError;
use crate::json::Members;
use crate::jws;
use crate::key::SigningKey;
use crate::limits::{self, Limits};
use crate::policy::ACCESS_TOKEN;

/// Signs tokens with one key.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier};
///
/// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let token = Signer::new(key.clone()).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
///
/// let keys = KeySet::new([key.verifying_key()])?;
/// let verifier = Verifier::new(keys, Policy::jwt().with_type("JWT"));
/// let claims: jeton::Claims = verifier.verify(&token, Timestamp::from_secs(0))?;
/// assert_eq!(claims.text("sub")?, Some("alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
    /// The first `typ` that was asked for, and its header, encoded: most signers sign one kind.
    header: OnceLock<(Box<str>, String)>,
    limits: Limits,
}

impl Signer {
    /// A signer with this key.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, Signer, SigningKey};
    ///
    /// let signer = Signer::new(SigningKey::private(PrivateKey::generate(Algorithm::Es256)?));
    /// # let _ = signer;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn new(key: SigningKey) -> Self {
        Self { key, header: OnceLock::new(), limits: Limits::DEFAULT }
    }

    /// The same signer for verifiers with other limits. Nothing over them is signed.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, SignError, Signer, SigningKey, limits::Limits};
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let signer = Signer::new(key).with_limits(Limits::DEFAULT.with_token(100));
    /// let refused = signer.sign("JWT", &serde_json::json!({ "note": "n".repeat(100) }));
    /// assert_eq!(refused, Err(SignError::Claims));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Signs an access token: header `{"alg","kid","typ":"at+jwt"}` (RFC 9068 section 2.1).
    ///
    /// # Errors
    ///
    /// [`SignError::Reserved`] if one of `other` is [ours to set](is_reserved);
    /// [`SignError::Claims`] if `subject` is empty, too long, or not whose `session` it is; otherwise
    /// as [`sign`](Self::sign).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{NewAccessToken, SessionId, SignError, Signer, SubjectKey, Timestamp};
    ///
    /// # let (key, _, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let session = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// let other = serde_json::Map::from_iter([("exp".to_owned(), 9_999_999_999_u64.into())]);
    /// let claims = NewAccessToken {
    ///     other: &other, // what an application adds, and may not be one of ours
    /// #     issuer: "https://login.example",
    /// #     subject: "alice",
    /// #     audience: "https://api.example",
    /// #     client_id: "web",
    /// #     issued_at: now,
    /// #     expires_at: Timestamp::from_secs(1_800_000_600),
    /// #     token_id: "t1",
    /// #     session: Some(session),
    /// #     version: 0,
    /// #     scope: None,
    /// #     auth_time: Some(now),
    /// #     amr: &[],
    ///     // …
    /// };
    /// assert_eq!(Signer::new(key).access_token(&claims), Err(SignError::Reserved));
    /// ```
    pub fn access_token(&self, claims: &NewAccessToken<'_>) -> Result<String, SignError> {
        if claims.other.keys().any(|name| is_reserved(name)) {
            return Err(SignError::Reserved);
        }
        let has_subject = (1..=limits::SUBJECT).contains(&claims.subject.len());
        if !has_subject || claims.session.is_some_and(|session| !session.belongs_to(claims.subject))
        {
            return Err(SignError::Claims);
        }
        self.sign(ACCESS_TOKEN, claims)
    }

    /// Signs any claims, a struct or a map, as a JWT of this `typ`, if a verifier would read them.
    ///
    /// # Errors
    ///
    /// [`SignError::Claims`] if they are not a JSON object, or the token would be over the limits;
    /// [`SignError::Key`] if the key could not sign.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, SignError, Signer, SigningKey};
    ///
    /// #[derive(serde::Serialize)]
    /// struct Invitation<'a> {
    ///     sub: &'a str,
    ///     exp: u64,
    /// }
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let signer = Signer::new(key);
    /// let claims = Invitation { sub: "alice", exp: 1_800_000_600 };
    /// let token = signer.sign("invitation+jwt", &claims)?;
    /// assert_eq!(token.split('.').count(), 3);
    /// assert_eq!(signer.sign("JWT", &["alice"]), Err(SignError::Claims)); // no JSON object
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let payload = self.payload(claims)?;
        let header = self.header(typ);
        if base64url::decoded_len(&header).is_none_or(|header| header > self.limits.header) {
            return Err(SignError::Header); // `typ` may be of any length
        }
        let token = jws::sign_encoded(&self.key, &header, &payload).map_err(SignError::Key)?;
        self.bounded(token)
    }

    /// Signs a token that was put together claim by claim.
    ///
    /// # Errors
    ///
    /// As [`sign`](Self::sign), and [`SignError::Header`] for a header that no verifier would read.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, NewToken, SecretKey, SignError, Signer, SigningKey};
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let signer = Signer::new(key);
    /// assert!(signer.sign_token(&NewToken::new().subject("alice")).is_ok());
    /// let forged = NewToken::new().header_parameter("alg", "none");
    /// assert_eq!(signer.sign_token(&forged), Err(SignError::Header));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_token(&self, token: &NewToken) -> Result<String, SignError> {
        let payload = self.payload(token.claims()?)?;
        let header = token.header(&self.key)?;
        self.bounded(jws::sign_within(&self.limits, &self.key, &header, &payload)?)
    }

    /// The header `{"alg","kid","typ"}`, encoded.
    fn header(&self, typ: &str) -> Cow<'_, str> {
        let (known, header) =
            self.header.get_or_init(|| (typ.into(), jws::encoded_header(&self.key, typ)));
        if **known == *typ { header.into() } else { jws::encoded_header(&self.key, typ).into() }
    }

    /// The claims as JSON, as every verifier within the limits reads it.
    fn payload(&self, claims: &impl Serialize) -> Result<Vec<u8>, SignError> {
        let mut payload = Vec::with_capacity(512);
        serde_json::to_writer(&mut payload, claims).map_err(|_| SignError::Claims)?;
        match Members::read(&payload, &self.limits) {
            Some(_) => Ok(payload),
            None => Err(SignError::Claims),
        }
    }

    /// The token, if it is not too long.
    fn bounded(&self, token: String) -> Result<String, SignError> {
        if token.len() > self.limits.token { Err(SignError::Claims) } else { Ok(token) }
    }
}
