//! Private keys as JWKs.

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin, EcPrivateKeyBin};
use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaKeyPair, RsaPublicKeyComponents,
};
use zeroize::Zeroizing;

use crate::algorithm::Signing;
use crate::key::jwk::{self, Jwk, Members, SIGN, member, public};
use crate::key::pair::Pair;
use crate::key::{KeyError, PrivateKey, der};

/// Bytes of the seed that an ML-DSA key is made from (FIPS 204 section 3.6.3).
const ML_DSA_SEED: u8 = 32;

/// The private integers of an RSA key, in the order of PKCS#1 (RFC 8017 appendix A.1.2).
const RSA: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

impl PrivateKey {
    /// Reads a private JWK. An RSA key without `alg` is one for RS256, an Ed25519 key one for
    /// `EdDSA`; RSA needs all of `d`, `p`, `q`, `dp`, `dq` and `qi`.
    ///
    /// [`SigningKey::from_jwk`](crate::SigningKey::from_jwk) keeps its `kid` as well.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] unless it is a JWK with all members of its type; [`KeyError::IsPublic`]
    /// for one without private members; [`KeyError::Mismatch`] if its public members do not belong
    /// to the private ones; [`KeyError::NotMeantForThis`] if `use` or `key_ops` do not allow
    /// signing; [`KeyError::Algorithm`] if its `alg` is none of its type; [`KeyError::Unsupported`]
    /// for a key that is too weak or of a type that is not here.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey};
    ///
    /// // RFC 8037 appendix A.1
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519",
    ///     "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert_eq!(PrivateKey::from_jwk(jwk)?.algorithm(), Algorithm::EdDsa);
    ///
    /// let of_another = jwk.replace("nWGxne", "nWGxnf");
    /// assert_eq!(PrivateKey::from_jwk(&of_another).unwrap_err(), KeyError::Mismatch);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        Self::read(&Jwk::parse(text)?)
    }

    pub(in crate::key) fn read(jwk: &Jwk) -> Result<Self, KeyError> {
        if !jwk.is_private() {
            return Err(KeyError::IsPublic);
        }
        let algorithm = jwk.algorithm_for(&[SIGN])?;
        let signing = algorithm.signing().ok_or(KeyError::Unsupported)?;
        let public = public::read(jwk, algorithm)?;
        let pair = read_pair(jwk, signing, public.bare())?;
        let key = Self::from_pair(algorithm, pair)?;
        if key.public_key().bare() == public.bare() { Ok(key) } else { Err(KeyError::Mismatch) }
    }

    /// The key as a private JWK with its `alg`. Wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] for an ML-DSA key that was read without its seed.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es384)?;
    /// let again = PrivateKey::from_jwk(&key.to_jwk()?)?;
    /// assert_eq!(again.public_key().thumbprint(), key.public_key().thumbprint());
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn to_jwk(&self) -> Result<Zeroizing<String>, KeyError> {
        let mut members = public::members(self.public_key());
        members.retain(|(name, _)| *name != "alg");
        members.push(("alg", Zeroizing::new(self.algorithm().name().to_owned())));
        members.extend(private_members(self.pair())?);
        Ok(jwk::object(members))
    }
}

fn read_pair(jwk: &Jwk, signing: Signing, public: &[u8]) -> Result<Pair, KeyError> {
    match signing {
        Signing::Rsa(encoding) => Ok(Pair::Rsa(read_rsa(jwk)?, encoding)),
        Signing::Ecdsa(algorithm) => {
            let d = jwk.bytes("d")?;
            if d.len() != public.len() / 2 {
                return Err(KeyError::Jwk); // RFC 7518 section 6.2.2.1: as long as a coordinate
            }
            let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, public);
            pair.map(Pair::Ecdsa).map_err(|_| KeyError::Mismatch)
        }
        Signing::Ed25519 => {
            let seed = jwk.bytes("d")?;
            if seed.len() != public.len() {
                return Err(KeyError::Jwk);
            }
            let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, public);
            pair.map(Pair::Ed25519).map_err(|_| KeyError::Mismatch)
        }
        Signing::MlDsa(algorithm) => {
            let pair = PqdsaKeyPair::from_seed(algorithm, &jwk.bytes("priv")?);
            pair.map(Pair::MlDsa).map_err(|_| KeyError::Jwk)
        }
    }
}

fn read_rsa(jwk: &Jwk) -> Result<RsaKeyPair, KeyError> {
    if jwk.has("oth") {
        return Err(KeyError::Unsupported); // more than two primes
    }
    let public_key = RsaPublicKeyComponents { n: jwk.integer("n")?, e: jwk.integer("e")? };
    let components = KeyPairComponents {
        public_key,
        d: jwk.integer("d")?,
        p: jwk.integer("p")?,
        q: jwk.integer("q")?,
        dP: jwk.integer("dp")?,
        dQ: jwk.integer("dq")?,
        qInv: jwk.integer("qi")?,
    };
    RsaKeyPair::from_components(&components).map_err(|_| KeyError::Mismatch)
}

fn private_members(pair: &Pair) -> Result<Members, KeyError> {
    let members = match pair {
        Pair::Rsa(..) => rsa_members(&pair.to_der()?),
        Pair::Ecdsa(pair) => {
            let d: Result<EcPrivateKeyBin<'_>, _> = pair.private_key().as_be_bytes();
            d.ok().map(|d| vec![member("d", d.as_ref())])
        }
        Pair::Ed25519(pair) => pair.seed().ok().and_then(|seed| {
            let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().ok()?;
            Some(vec![member("d", seed.as_ref())])
        }),
        Pair::MlDsa(_) => ml_dsa_members(&pair.to_der()?),
    };
    members.ok_or(KeyError::NotExportable)
}

/// From PKCS#8: the library hands the private integers out in no other way.
fn rsa_members(pkcs8: &[u8]) -> Option<Members> {
    let outer = der::sequence(pkcs8)?;
    let integers = der::sequence(outer.get(2)?.content)?;
    let integers = integers.into_iter().skip(3).map(der::Element::integer);
    RSA.into_iter().zip(integers).map(|(name, value)| Some(member(name, value?))).collect()
}

/// From PKCS#8, whose key is the seed, `[0]` (RFC 9881 section 6).
fn ml_dsa_members(pkcs8: &[u8]) -> Option<Members> {
    let outer = der::sequence(pkcs8)?;
    let seed = outer.get(2)?.content.strip_prefix(&[0x80, ML_DSA_SEED])?;
    (seed.len() == usize::from(ML_DSA_SEED)).then(|| vec![member("priv", seed)])
}
