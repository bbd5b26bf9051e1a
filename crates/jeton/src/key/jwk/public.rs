//! Public keys as JWKs.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::RsaPublicKeyComponents;

use crate::algorithm::{Algorithm, Signing};
use crate::key::jwk::{self, Jwk, Members, VERIFY, member};
use crate::key::{KeyError, PublicKey, der, public};

impl PublicKey {
    /// Reads a public JWK. An RSA key without `alg` is one for RS256, an Ed25519 key one for
    /// `EdDSA`.
    ///
    /// [`VerifyingKey::from_jwk`](crate::VerifyingKey::from_jwk) keeps its `kid` as well.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] unless it is a JWK with all members of its type;
    /// [`KeyError::IsPrivate`] for one with private members; [`KeyError::NotMeantForThis`] if
    /// `use` or `key_ops` do not allow verifying; [`KeyError::Algorithm`] if its `alg` is none of
    /// its type; [`KeyError::Unsupported`] for a key that is too weak or of a type that is not
    /// here.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyError, PublicKey};
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert!(PublicKey::from_jwk(jwk).is_ok());
    /// let other = jwk.replace(r#""crv""#, r#""alg":"ES256","crv""#);
    /// assert_eq!(PublicKey::from_jwk(&other).unwrap_err(), KeyError::Algorithm);
    /// let secret = r#"{"kty":"oct","k":"c2VjcmV0"}"#;
    /// assert_eq!(PublicKey::from_jwk(secret).unwrap_err(), KeyError::IsPrivate);
    /// ```
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        Self::read(&Jwk::parse(text)?)
    }

    pub(in crate::key) fn read(jwk: &Jwk) -> Result<Self, KeyError> {
        if jwk.is_private() {
            return Err(KeyError::IsPrivate);
        }
        read(jwk, jwk.algorithm_for(&[VERIFY])?)
    }

    /// The key's SHA-256 thumbprint, base64url (RFC 7638): the `kid` of keys that jeton makes.
    ///
    /// # Examples
    ///
    /// The key of RFC 8037 appendix A.3:
    ///
    /// ```
    /// use jeton::PublicKey;
    ///
    /// let key = PublicKey::from_jwk(
    ///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    #[must_use]
    pub fn thumbprint(&self) -> String {
        jwk::thumbprint(members(self))
    }
}

/// The public half of any JWK of this algorithm.
pub(super) fn read(jwk: &Jwk, algorithm: Algorithm) -> Result<PublicKey, KeyError> {
    let bare = match algorithm.signing().ok_or(KeyError::Algorithm)? {
        Signing::Rsa(_) => {
            let (n, e) = (jwk.integer("n")?, jwk.integer("e")?);
            let components = RsaPublicKeyComponents { n: n.as_slice(), e: e.as_slice() };
            let spki: PublicKeyX509Der<'_> =
                components.as_der().map_err(|_| KeyError::Unsupported)?;
            public::bare_key(spki.as_ref()).ok_or(KeyError::Unsupported)?.to_vec()
        }
        Signing::Ecdsa(_) => {
            let (x, y) = (jwk.bytes("x")?, jwk.bytes("y")?);
            if x.len() != y.len() {
                return Err(KeyError::Jwk);
            }
            [&[UNCOMPRESSED], x.as_slice(), y.as_slice()].concat()
        }
        Signing::Ed25519 => jwk.bytes("x")?.to_vec(),
        Signing::MlDsa(_) => jwk.bytes("pub")?.to_vec(),
    };
    PublicKey::from_bare(algorithm, &bare)
}

/// What the uncompressed form of a point begins with (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// The members that make the key (RFC 7638 section 3.2, RFC 8037 section 2).
pub(super) fn members(key: &PublicKey) -> Members {
    let (algorithm, bare) = (key.algorithm(), key.bare());
    let mut members = jwk::type_members(algorithm);
    match algorithm.signing() {
        Some(Signing::Rsa(_)) => {
            let integers = der::sequence(bare).unwrap_or_default();
            let integers = integers.into_iter().filter_map(der::Element::integer);
            members.extend(["n", "e"].into_iter().zip(integers).map(|(n, i)| member(n, i)));
        }
        Some(Signing::Ecdsa(_)) => {
            let point = bare.strip_prefix(&[UNCOMPRESSED]).unwrap_or_default();
            let (x, y) = point.split_at(point.len() / 2);
            members.extend([member("x", x), member("y", y)]);
        }
        Some(Signing::Ed25519) => members.push(member("x", bare)),
        Some(Signing::MlDsa(_)) => members.push(member("pub", bare)),
        None => {}
    }
    members
}
