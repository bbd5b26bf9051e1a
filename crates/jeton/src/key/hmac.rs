//! HMAC (RFC 2104) with the secret worked in once.
//!
//! Half of what HMAC does for a short message depends on the secret alone. It is done when the
//! secret is loaded; each operation starts from a copy of the prepared state. States are wiped
//! when dropped.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac};

use crate::key::Signature;

/// A secret, ready to sign and verify with.
pub(crate) trait Prepared: Send + Sync {
    /// Appends the tag of the message.
    fn sign_onto(&self, message: &[u8], tag: &mut Signature);

    /// Compares in constant time.
    fn verify(&self, message: &[u8], tag: &[u8]) -> bool;
}

/// Works a secret of any length in.
pub(crate) type Prepare = fn(&[u8]) -> Option<Box<dyn Prepared>>;

/// [`Prepare`] for one hash function. Never `None`: HMAC takes secrets of every length.
pub(crate) fn prepare<H>(secret: &[u8]) -> Option<Box<dyn Prepared>>
where
    H: EagerHash + 'static,
    Hmac<H>: Prepared,
{
    Some(Box::new(Hmac::<H>::new_from_slice(secret).ok()?))
}

impl<H> Prepared for Hmac<H>
where
    H: EagerHash,
    Self: Mac + Clone + Send + Sync,
{
    fn sign_onto(&self, message: &[u8], tag: &mut Signature) {
        tag.extend_from_slice(&self.clone().chain_update(message).finalize().into_bytes());
    }

    fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        self.clone().chain_update(message).verify_slice(tag).is_ok()
    }
}
