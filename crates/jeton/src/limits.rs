//! How much of anything a token may be made of. Checked before any work is done.
//!
//! Bytes are those of the text. The constants without "unless told otherwise" hold for everybody.
//!
//! # Examples
//!
//! ```
//! use jeton::{KeyError, KeyId, limits};
//!
//! assert_eq!(KeyId::new(&"k".repeat(limits::KEY_ID + 1)), Err(KeyError::KeyId));
//! ```

/// Longest token, in bytes, unless a verifier is [told otherwise](Limits).
pub const TOKEN: usize = 8 * 1024;
/// Longest header, in bytes of JSON, unless told otherwise.
pub const HEADER: usize = 1024;
/// Deepest nesting of JSON objects and arrays, unless told otherwise.
pub const JSON_DEPTH: usize = 16;
/// Most members of one JSON object, unless told otherwise.
pub const JSON_MEMBERS: usize = 64;
/// Longest `kid`, in bytes.
pub const KEY_ID: usize = 128;
/// Most keys in one JWK Set.
pub const KEYS: usize = 64;
/// Most keys that one token may be tried with: those of a rolling set.
pub const ROLLING_KEYS: usize = 8;
/// Longest JWK Set or key file, in bytes.
pub const KEY_FILE: usize = 256 * 1024;
/// Longest `sub`, in bytes.
pub const SUBJECT: usize = 256;
/// Widest clock difference a policy may tolerate, in seconds.
pub const LEEWAY: u64 = 60;

/// The deepest nesting that can be asked for: what reads JSON calls itself for each level.
const DEEPEST: usize = 120;

/// What one verifier reads at most.
///
/// The defaults fit every access token. Raise them where tokens are large by nature, such as those
/// that carry documents or post-quantum signatures with many claims.
///
/// # Examples
///
/// ```
/// use jeton::limits::Limits;
///
/// let limits = Limits::default().with_token(64 * 1024).with_members(500);
/// assert_ne!(limits, Limits::DEFAULT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) token: usize,
    pub(crate) header: usize,
    pub(crate) depth: usize,
    pub(crate) members: usize,
}

impl Limits {
    /// The limits that hold unless told otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::limits::{self, Limits};
    ///
    /// assert_eq!(Limits::DEFAULT, Limits::default().with_token(limits::TOKEN));
    /// ```
    pub const DEFAULT: Self =
        Self { token: TOKEN, header: HEADER, depth: JSON_DEPTH, members: JSON_MEMBERS };

    /// The longest token, in bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{*, limits::Limits};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// # let now = Timestamp::from_secs(0);
    /// let token = Signer::new(key).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
    /// let small = verifier.with_limits(Limits::DEFAULT.with_token(token.len() - 1));
    /// assert_eq!(small.verify::<Claims>(&token, now), Err(VerifyError::Malformed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_token(mut self, bytes: usize) -> Self {
        self.token = bytes;
        self
    }

    /// The longest header, in bytes of JSON.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{*, limits::Limits};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// # let now = Timestamp::from_secs(0);
    /// let token = Signer::new(key).sign("JWT", &serde_json::json!({}))?;
    /// let short = r#"{"alg":"HS256"}"#.len(); // and the token has a `typ`
    /// let small = verifier.with_limits(Limits::DEFAULT.with_header(short));
    /// assert_eq!(small.verify::<Claims>(&token, now), Err(VerifyError::Malformed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_header(mut self, bytes: usize) -> Self {
        self.header = bytes;
        self
    }

    /// The deepest nesting of objects and arrays, 120 at most.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{*, limits::Limits};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// # let now = Timestamp::from_secs(0);
    /// let token = Signer::new(key).sign("JWT", &serde_json::json!({ "a": [] }))?;
    /// let flat = verifier.with_limits(Limits::DEFAULT.with_depth(1));
    /// assert_eq!(flat.verify::<Claims>(&token, now), Err(VerifyError::Malformed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_depth(mut self, levels: usize) -> Self {
        self.depth = if levels < DEEPEST { levels } else { DEEPEST };
        self
    }

    /// The most members of one object. Telling them apart takes time with the square of their
    /// number, so a thousand are fine and a hundred thousand are not.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{*, limits::Limits};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, Policy::jwt());
    /// # let now = Timestamp::from_secs(0);
    /// let claims: serde_json::Map<_, _> = (0..100).map(|i| (i.to_string(), i.into())).collect();
    /// let limits = Limits::DEFAULT.with_members(100);
    /// let token = Signer::new(key).with_limits(limits).sign("JWT", &claims)?;
    ///
    /// assert_eq!(verifier.verify::<Claims>(&token, now), Err(VerifyError::Malformed)); // 64
    /// assert!(verifier.with_limits(limits).verify::<Claims>(&token, now).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
