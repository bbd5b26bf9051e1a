//! What holds of every key, wherever it was read.

use jeton::jws::{self, Compact};
use jeton::{PrivateKey, PublicKey, SigningKey};

/// What is signed is verified: with the key's other half, under its `kid`.
pub fn assert_signs(key: &SigningKey) {
    let token = jws::sign(key, "JWT", b"{}").expect("a key that was accepted signs");
    let parsed = Compact::parse(&token).expect("our own token");
    assert_eq!(parsed.header().key_id(), key.id());
    let verified = parsed.verify(&key.verifying_key()).expect("our own signature");
    assert_eq!(verified.payload(), b"{}");
}

/// The same key is read from each form that it is written in.
pub fn assert_written_alike(key: &PublicKey) {
    let again = PublicKey::from_pem(&key.to_pem()).expect("our own PEM");
    assert_eq!(again.to_der(), key.to_der());
    let again = PublicKey::from_der(&key.to_der()).expect("our own DER");
    assert_eq!(again.to_der(), key.to_der());
    let again = again.with_algorithm(key.algorithm()).expect("the same type of key");
    assert_eq!(again.thumbprint(), key.thumbprint());
}

/// The same key is read from each form that it is written in, and it signs.
pub fn assert_private_written_alike(key: PrivateKey) {
    assert_written_alike(key.public_key());
    // Of ML-DSA keys without their seed, nothing is written.
    if let Ok(der) = key.to_der() {
        let again = PrivateKey::from_der(&der).expect("our own DER");
        assert_eq!(*again.to_der().expect("written before"), *der);
        let pem = key.to_pem().expect("DER was written");
        let again = PrivateKey::from_pem(&pem).expect("our own PEM");
        assert_eq!(*again.to_der().expect("written before"), *der);
        let jwk = key.to_jwk().expect("DER was written");
        let again = PrivateKey::from_jwk(&jwk).expect("our own JWK");
        assert_eq!(*again.to_jwk().expect("written before"), *jwk);
        assert_eq!(again.public_key().to_der(), key.public_key().to_der());
    } else {
        assert!(key.algorithm().name().starts_with("ML-DSA"), "{key:?}");
        assert!(key.to_jwk().is_err() && key.to_pem().is_err(), "{key:?}");
    }
    assert_signs(&SigningKey::private(key));
}
