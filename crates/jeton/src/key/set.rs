//! The keys that one issuer signs with.

use crate::algorithm::Algorithm;
use crate::key::{JwkSet, KeyError, KeyId, VerifyingKey};
use crate::limits;

/// The keys of one issuer.
///
/// One verifier has the keys of one issuer: the same `kid` at another one is another key.
///
/// # Examples
///
/// ```
/// use jeton::{JwkSet, KeySet, Policy, Verifier};
///
/// let published = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"2027",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
/// let keys = KeySet::try_from(JwkSet::from_json(published)?)?;
/// let verifier = Verifier::new(keys, Policy::jwt().with_issuer("https://login.example"));
/// # let _ = verifier;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    is_rolling: bool,
}

impl KeySet {
    /// A set of these keys, each of which is told from the others by `kid` or algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] if two keys of one algorithm have the same id, or one of them none,
    /// so that a token could mean either; [`KeyError::TooManyKeys`] for more than
    /// [`limits::KEYS`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, KeyId, KeySet, PrivateKey, VerifyingKey};
    ///
    /// let private = PrivateKey::generate(Algorithm::Es256)?;
    /// let key = VerifyingKey::public(private.public_key().clone());
    /// let (old, new) = (key.clone().with_id(KeyId::new("1")?), key.with_id(KeyId::new("2")?));
    /// assert_eq!(KeySet::new([old.clone(), new])?.len(), 2);
    /// assert_eq!(KeySet::new([old.clone(), old]).unwrap_err(), KeyError::Ambiguous);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        let keys = bounded(keys, limits::KEYS)?;
        let is_ambiguous = keys.iter().enumerate().any(|(position, key)| {
            let mut others = keys.iter().skip(position + 1);
            others.any(|other| key.answers_to(Some(other.algorithm()), other.id()))
        });
        if is_ambiguous { Err(KeyError::Ambiguous) } else { Ok(Self { keys, is_rolling: false }) }
    }

    /// A set of which any key may verify: the one in use and those it replaces, where nothing tells
    /// them apart because tokens carry no `kid`, or the same one.
    ///
    /// A token is tried with each key that answers to its `alg` and `kid`, so put the one that most
    /// tokens are signed with first, and take the others out once their last token has expired.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooManyKeys`] for more than [`limits::ROLLING_KEYS`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{
    ///     Algorithm, KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier,
    /// };
    ///
    /// let old = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let new = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let keys = KeySet::rolling([new.verifying_key(), old.verifying_key()])?;
    /// let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    ///
    /// let token = Signer::new(old).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
    /// assert!(verifier.verify::<jeton::Claims>(&token, Timestamp::from_secs(0)).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rolling(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        Ok(Self { keys: bounded(keys, limits::ROLLING_KEYS)?, is_rolling: true })
    }

    /// How many keys there are.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::KeySet::default().len(), 0);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key, so that every token is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Claims, KeySet, Policy, Timestamp, Verifier, VerifyError};
    ///
    /// let keys = KeySet::default();
    /// assert!(keys.is_empty());
    /// let verifier = Verifier::new(keys, Policy::jwt());
    /// let now = Timestamp::from_secs(0);
    /// let refused = verifier.verify::<Claims>("eyJhbGciOiJub25lIn0.e30.", now);
    /// assert_eq!(refused, Err(VerifyError::UnknownKey));
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that may have signed a token with this `alg` and `kid`: one at most, or all that
    /// answer in a [rolling](Self::rolling) set. In any other set several are as good as none: a
    /// token does not get to try keys.
    pub(crate) fn candidates<'s>(
        &'s self,
        algorithm: Option<Algorithm>,
        id: Option<&KeyId>,
    ) -> impl Iterator<Item = &'s VerifyingKey> {
        let answering = self.keys.iter().filter(move |key| key.answers_to(algorithm, id));
        let is_ambiguous = !self.is_rolling && answering.clone().nth(1).is_some();
        answering.take(if is_ambiguous { 0 } else { usize::MAX })
    }
}

fn bounded(
    keys: impl IntoIterator<Item = VerifyingKey>,
    most: usize,
) -> Result<Vec<VerifyingKey>, KeyError> {
    let keys: Vec<VerifyingKey> = keys.into_iter().take(most + 1).collect();
    if keys.len() > most { Err(KeyError::TooManyKeys) } else { Ok(keys) }
}

impl TryFrom<JwkSet> for KeySet {
    type Error = KeyError;

    /// As [`KeySet::new`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{JwkSet, KeyError, KeySet};
    ///
    /// let key = r#"{"kty":"OKP","crv":"Ed25519",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let twice = JwkSet::from_json(&format!(r#"{{"keys":[{key},{key}]}}"#))?;
    /// assert_eq!(KeySet::try_from(twice).unwrap_err(), KeyError::Ambiguous);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn try_from(set: JwkSet) -> Result<Self, KeyError> {
        Self::new(set.into_keys().into_iter().map(|(id, key)| {
            let key = VerifyingKey::public(key);
            match id {
                Some(id) => key.with_id(id),
                None => key,
            }
        }))
    }
}
