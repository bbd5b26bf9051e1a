//! A key that signs whatever it is given, which the crate never does: hostile headers, lenient
//! base64, damaged JSON, all under a signature that is good.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, PqdsaKeyPair, RsaEncoding, RsaKeyPair,
};
use jeton::{Algorithm, KeyId, SecretKey, SigningKey, base64url};
use serde_json::{Value, json};

use crate::given;

pub(crate) struct Pen {
    key: SigningKey,
    nib: Nib,
}

enum Nib {
    Secret(Box<hmac::Key>),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl Nib {
    fn of_secret(algorithm: Algorithm, secret: &[u8]) -> Self {
        let hash = match algorithm.name() {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            _ => hmac::HMAC_SHA512,
        };
        Self::Secret(Box::new(hmac::Key::new(hash, secret)))
    }

    /// From PKCS#8.
    fn of_private(algorithm: Algorithm, der: &[u8]) -> Self {
        let rsa = |encoding| Self::Rsa(RsaKeyPair::from_pkcs8(der).unwrap(), encoding);
        let ecdsa = |algorithm| Self::Ecdsa(EcdsaKeyPair::from_pkcs8(algorithm, der).unwrap());
        let ml_dsa = |algorithm| Self::MlDsa(PqdsaKeyPair::from_pkcs8(algorithm, der).unwrap());
        match algorithm.name() {
            "RS256" => rsa(&signature::RSA_PKCS1_SHA256),
            "RS384" => rsa(&signature::RSA_PKCS1_SHA384),
            "RS512" => rsa(&signature::RSA_PKCS1_SHA512),
            "PS256" => rsa(&signature::RSA_PSS_SHA256),
            "PS384" => rsa(&signature::RSA_PSS_SHA384),
            "PS512" => rsa(&signature::RSA_PSS_SHA512),
            "ES256" => ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            "ES512" => ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
            "ES256K" => ecdsa(&signature::ECDSA_P256K1_SHA256_FIXED_SIGNING),
            "ML-DSA-44" => ml_dsa(&signature::ML_DSA_44_SIGNING),
            "ML-DSA-65" => ml_dsa(&signature::ML_DSA_65_SIGNING),
            "ML-DSA-87" => ml_dsa(&signature::ML_DSA_87_SIGNING),
            _ => Self::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).unwrap()),
        }
    }
}

impl Pen {
    /// A new key of this algorithm, with the id `k1`.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let (nib, key) = if algorithm.is_symmetric() {
            let secret = SecretKey::generate(algorithm).unwrap();
            (Nib::of_secret(algorithm, secret.expose()), SigningKey::secret(secret))
        } else {
            let private = given::private(algorithm);
            let der = private.to_der().unwrap();
            (Nib::of_private(algorithm, &der), SigningKey::private(private))
        };
        Self { key: key.with_id(KeyId::new("k1").unwrap()), nib }
    }

    /// The same key as the crate holds it.
    pub(crate) const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Appends a good signature to `header.payload`, whatever they are.
    pub(crate) fn sign(&self, signing_input: &str) -> String {
        let signature = self.signature(signing_input.as_bytes());
        format!("{signing_input}.{}", base64url::encode(&signature))
    }

    /// Signs these bytes as header and payload.
    pub(crate) fn write(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let header = base64url::encode(header.as_ref());
        let payload = base64url::encode(payload.as_ref());
        self.sign(&format!("{header}.{payload}"))
    }

    /// Signs good claims under this header.
    pub(crate) fn write_under(&self, header: &Value) -> String {
        self.write(header.to_string(), given::claims().to_string())
    }

    /// The header that the crate would write.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.key.algorithm().name(), "kid": "k1", "typ": "at+jwt" })
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.nib {
            Nib::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
            Nib::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Nib::Ecdsa(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Nib::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Nib::MlDsa(pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signature).unwrap();
                signature
            }
        }
    }
}
