//! From a token to its claims.

mod headers;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use self::headers::KnownHeaders;
use crate::base64url;
use crate::buffer::Buffer;
use crate::claims::{AccessClaims, Times};
use crate::error::VerifyError;
use crate::json::Members;
use crate::jws::{Header, Parts};
use crate::key::{KeyId, KeySet, VerifyingKey};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// Keys of one issuer and the policy for its tokens.
///
/// Share one among all threads: it keeps nothing of a token but its header, so that the next token
/// under the same one is not asked the same questions again.
///
/// # Examples
///
/// ```
/// use jeton::{
///     Algorithm, KeySet, Policy, PrivateKey, SigningKey, Timestamp, Verifier, VerifyError,
/// };
///
/// let key = SigningKey::private(PrivateKey::generate(Algorithm::Es256)?);
/// let keys = KeySet::new([key.verifying_key()])?;
/// let verifier = Verifier::new(keys, Policy::jwt().with_issuer("https://login.example"));
///
/// let refused = verifier.verify::<jeton::Claims>("no.token.atall", Timestamp::from_secs(0));
/// assert_eq!(refused.unwrap_err(), VerifyError::Malformed);
/// # Ok::<(), jeton::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: KeySet,
    policy: Policy,
    limits: Limits,
    headers: KnownHeaders,
}

/// What a token that has passed is known by, besides its claims.
struct Accepted<'v> {
    key_id: Option<&'v KeyId>,
    times: Times,
}

impl Verifier {
    /// A verifier with these keys. With an empty set it refuses everything.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Claims, KeySet, Policy, Timestamp, Verifier, VerifyError};
    ///
    /// let verifier = Verifier::new(KeySet::default(), Policy::jwt());
    /// let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    /// let refused = verifier.verify::<Claims>(unsigned, Timestamp::from_secs(0));
    /// assert_eq!(refused, Err(VerifyError::UnknownKey));
    /// ```
    #[must_use]
    pub fn new(keys: KeySet, policy: Policy) -> Self {
        Self { keys, policy, limits: Limits::DEFAULT, headers: KnownHeaders::default() }
    }

    /// The same verifier with other limits. Headers that it knows may be over those, so it forgets
    /// them.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Claims, KeySet, Policy, Timestamp, Verifier, VerifyError, limits::Limits};
    ///
    /// let verifier = Verifier::new(KeySet::default(), Policy::jwt());
    /// let verifier = verifier.with_limits(Limits::DEFAULT.with_token(1024));
    /// let long = "A".repeat(1025);
    /// let refused = verifier.verify::<Claims>(&long, Timestamp::from_secs(0));
    /// assert_eq!(refused, Err(VerifyError::Malformed));
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..Self::new(self.keys, self.policy) }
    }

    /// A verifier with other keys, and nothing known of their tokens.
    pub(crate) fn with_keys(&self, keys: KeySet) -> Self {
        Self::new(keys, self.policy.clone()).with_limits(self.limits)
    }

    /// Verifies any JWT and reads its claims into a type that owns what it holds:
    /// [`Claims`](crate::Claims) for whatever there is, or a struct that implements `Deserialize`.
    ///
    /// Structure, key, signature, claims, in this order; nothing unsigned is read.
    ///
    /// # Errors
    ///
    /// The first step that refuses the token names itself in [`VerifyError`]. A field that the type
    /// asks for and the token does not have is [`VerifyError::ClaimMissing`], and one of another
    /// type [`VerifyError::ClaimMistyped`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier};
    /// # use jeton::Algorithm;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Shopper {
    ///     sub: String,
    ///     cart: Vec<u32>,
    /// }
    ///
    /// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let claims = serde_json::json!({ "sub": "alice", "cart": [1, 2] });
    /// let token = Signer::new(key.clone()).sign("JWT", &claims)?;
    ///
    /// let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// let shopper: Shopper = verifier.verify(&token, Timestamp::from_secs(0))?;
    /// assert_eq!((shopper.sub.as_str(), shopper.cart.len()), ("alice", 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify<T: DeserializeOwned>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<T, VerifyError> {
        self.verify_with(token, now, &mut Buffer::new())
    }

    /// Verifies any JWT and reads its claims into a type that may borrow from `buffer`. With a
    /// buffer that is used again, nothing is allocated for texts without escapes.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify). A borrowed text that the token spells with an escape is
    /// [`VerifyError::ClaimMistyped`]; take a `Cow<str>` where that can be.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Buffer, KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier};
    /// # use jeton::Algorithm;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Shopper<'b> {
    ///     sub: &'b str,
    /// }
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let token = Signer::new(key.clone()).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
    /// # let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// let mut buffer = Buffer::new();
    /// let shopper: Shopper = verifier.verify_with(&token, Timestamp::from_secs(0), &mut buffer)?;
    /// assert_eq!(shopper.sub, "alice");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_with<'b, T: Deserialize<'b>>(
        &self,
        token: &str,
        now: Timestamp,
        buffer: &'b mut Buffer,
    ) -> Result<T, VerifyError> {
        let mut claims = Members::new();
        self.accept(token, now, buffer, &mut claims)?;
        T::deserialize(&claims).map_err(VerifyError::from)
    }

    /// Verifies an access token (RFC 9068 section 4) and returns its claims.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    ///
    /// Revocations are not asked; that is what a [`Guard`](crate::Guard) is for.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeySet, Policy, Verifier, VerifyError};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// let keys = KeySet::new([key.verifying_key()])?;
    /// let policy = Policy::access_token("https://login.example", "https://api.example");
    /// let verifier = Verifier::new(keys, policy);
    ///
    /// assert_eq!(verifier.verify_access_token(&token, now)?.subject, "alice");
    /// let forged = format!("{}AAAA", &token[..token.len() - 4]);
    /// let refused = verifier.verify_access_token(&forged, now);
    /// assert_eq!(refused, Err(VerifyError::BadSignature));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_access_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<AccessClaims, VerifyError> {
        let mut buffer = Buffer::new();
        let mut claims = Members::new();
        let accepted = self.accept(token, now, &mut buffer, &mut claims)?;
        AccessClaims::read(accepted.key_id.cloned(), &claims, accepted.times)
    }

    /// Verifies any JWS and returns its payload, whatever it is: of the policy, only what concerns
    /// the header is asked.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify), but for the claims.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeySet, Policy, SecretKey, SigningKey, Verifier, jws};
    ///
    /// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let token = jws::sign(&key, "example+jws", b"any bytes")?;
    ///
    /// let policy = Policy::signature_and_time_only().with_type("example+jws");
    /// let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, policy);
    /// assert_eq!(verifier.verify_payload(&token)?, b"any bytes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_payload(&self, token: &str) -> Result<Vec<u8>, VerifyError> {
        let parts = Parts::split(token, &self.limits)?;
        let header = self.read_header(&parts)?;
        self.key_that_signed(&header, &parts, &mut Buffer::new())?;
        let payload = base64url::decode(parts.payload).ok_or(VerifyError::Malformed)?;
        self.policy.accept_header(&header)?;
        Ok(payload)
    }

    /// What is asked of the claims.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeySet, Policy, Verifier};
    ///
    /// let policy = Policy::jwt().with_issuer("https://login.example");
    /// let verifier = Verifier::new(KeySet::default(), policy);
    /// let stricter = verifier.policy().clone().with_required("sub");
    /// # let _ = stricter;
    /// ```
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decodes the payload into `buffer` and finds its claims, if the token passes. They are filled
    /// in where they are: moving them would cost as much as finding them.
    fn accept<'b>(
        &self,
        token: &str,
        now: Timestamp,
        buffer: &'b mut Buffer,
        claims: &mut Members<'b>,
    ) -> Result<Accepted<'_>, VerifyError> {
        let parts = Parts::split(token, &self.limits)?;
        let known = self.headers.get(parts.header);
        let header = match known {
            Some(header) => Cow::Borrowed(header),
            None => Cow::Owned(self.read_header(&parts)?),
        };
        buffer.make_room(parts.payload);
        let key = self.key_that_signed(&header, &parts, buffer)?;
        let payload = buffer.decode(parts.payload).ok_or(VerifyError::Malformed)?;
        if known.is_none() {
            self.policy.accept_header(&header)?;
            self.headers.remember(parts.header, &header);
        }
        claims.fill(payload, &self.limits).ok_or(VerifyError::Malformed)?;
        let times = self.policy.accept_claims(claims, now)?;
        Ok(Accepted { key_id: key.id(), times })
    }

    /// Reads a header that is not known yet.
    fn read_header(&self, parts: &Parts<'_>) -> Result<Header, VerifyError> {
        let header = parts.read_header(&self.limits)?;
        if self.policy.understands(&header) { Ok(header) } else { Err(VerifyError::Malformed) }
    }

    /// The key that has signed the token. The signature is decoded into `buffer` and done with.
    fn key_that_signed(
        &self,
        header: &Header,
        parts: &Parts<'_>,
        buffer: &mut Buffer,
    ) -> Result<&VerifyingKey, VerifyError> {
        let signature = buffer.decode(parts.signature).ok_or(VerifyError::Malformed)?;
        let mut refusal = VerifyError::UnknownKey;
        let mut candidates = self.keys.candidates(header.algorithm(), header.key_id());
        let key = candidates.find(|key| {
            refusal = VerifyError::BadSignature;
            key.verify(parts.signing_input.as_bytes(), signature)
        });
        key.ok_or_else(|| {
            // A fourth part is told from a forgery only now, when nobody waits for it.
            if parts.payload.contains('.') { VerifyError::Malformed } else { refusal }
        })
    }
}
