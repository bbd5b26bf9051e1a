//! Keys in PEM and DER: any bytes are read without panic, as a file or as what a file contains;
//! accepted keys are the same after they were written.

#![no_main]

use jeton::{PrivateKey, PublicKey};
use libfuzzer_sys::fuzz_target;
use pem_rfc7468::{LineEnding, encode_string};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        check_public(PublicKey::from_spki_pem(text).ok());
        check_private(text);
    }
    if let Ok(key) = PublicKey::from_spki_der(data) {
        assert_eq!(key.to_spki_der(), data, "a second spelling");
        check_public(Some(key));
    }
    if let Ok(text) = encode_string("PRIVATE KEY", LineEnding::LF, data) {
        check_private(&text);
    }
});

fn check_public(key: Option<PublicKey>) {
    let Some(key) = key else { return };
    let again = PublicKey::from_spki_pem(&key.to_spki_pem()).expect("our own PEM");
    assert_eq!(again.to_spki_der(), key.to_spki_der());
    assert_eq!(again.thumbprint(), key.thumbprint());
}

fn check_private(text: &str) {
    let Ok(key) = PrivateKey::from_pkcs8_pem(text) else { return };
    let written = key.to_pkcs8_pem().expect("a key that was read can be written");
    let again = PrivateKey::from_pkcs8_pem(&written).expect("our own PEM");
    assert_eq!(again.public_key().to_spki_der(), key.public_key().to_spki_der());
    assert_eq!(*again.to_pkcs8_pem().expect("written before"), *written);
}
