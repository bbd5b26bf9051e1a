//! A key that signs whatever it is given, which the crate never does: hostile headers, lenient
//! base64, damaged JSON, all under a signature that is good.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use jeton::{Algorithm, KeyId, PrivateKey, SecretKey, SigningKey, base64url};
use serde_json::{Value, json};

use crate::given;

pub(crate) struct Pen {
    key: SigningKey,
    nib: Nib,
}

enum Nib {
    Secret(Box<hmac::Key>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl Pen {
    /// A new key of this algorithm, with the id `k1`.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let id = Some(KeyId::new("k1").unwrap());
        if algorithm.is_symmetric() {
            let secret = SecretKey::generate().unwrap();
            return Self {
                nib: Nib::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret.expose()))),
                key: SigningKey::secret(id, secret),
            };
        }
        let private = PrivateKey::generate(algorithm).unwrap();
        let pem = private.to_pkcs8_pem().unwrap();
        let (_, der) = pem_rfc7468::decode_vec(pem.as_bytes()).unwrap();
        let nib = match algorithm {
            Algorithm::Es256 => {
                Nib::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap())
            }
            Algorithm::EdDsa => {
                Nib::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap())
            }
            _ => Nib::Rsa(RsaKeyPair::from_pkcs8(&der).unwrap()),
        };
        Self { key: SigningKey::private(id, private), nib }
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
            Nib::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Nib::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Nib::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }
}
