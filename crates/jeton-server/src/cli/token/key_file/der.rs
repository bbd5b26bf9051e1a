//! Keys in DER, as it is or in PEM.

use jeton::{Algorithm, KeyError, PrivateKey, PublicKey, SigningKey, VerifyingKey};

use super::explain;

/// The tag that DER of any key begins with. No PEM and no JSON does.
pub(super) const SEQUENCE: u8 = 0x30;

/// The text or the bytes of a key file.
#[derive(Clone, Copy)]
pub(super) enum Encoded<'f> {
    Pem(&'f str),
    Der(&'f [u8]),
}

impl Encoded<'_> {
    pub(super) fn signing_key(self, alg: Option<Algorithm>) -> Result<SigningKey, String> {
        let key = self.private_key().map_err(|error| error.to_string())?;
        let key = match alg {
            Some(alg) => key.with_algorithm(alg),
            None => Ok(key),
        };
        key.map(SigningKey::private).map_err(|error| explain(error, alg))
    }

    pub(super) fn verifying_key(self, alg: Option<Algorithm>) -> Result<VerifyingKey, String> {
        let key = self.public_half().map_err(|error| error.to_string())?;
        let key = match alg {
            Some(alg) => key.with_algorithm(alg),
            None => Ok(key),
        };
        key.map(VerifyingKey::public).map_err(|error| explain(error, alg))
    }

    /// A public key, or that of a private one.
    fn public_half(self) -> Result<PublicKey, KeyError> {
        match self.public_key() {
            Err(KeyError::IsPrivate | KeyError::Encrypted) => {
                self.private_key().map(|private| private.public_key().clone())
            }
            read => read,
        }
    }

    fn private_key(self) -> Result<PrivateKey, KeyError> {
        match self {
            Self::Pem(text) => PrivateKey::from_pem(text),
            Self::Der(der) => PrivateKey::from_der(der),
        }
    }

    fn public_key(self) -> Result<PublicKey, KeyError> {
        match self {
            Self::Pem(text) => PublicKey::from_pem(text),
            Self::Der(der) => PublicKey::from_der(der),
        }
    }
}
