//! Keys in PEM and DER, in every container there is: any bytes are read without panic, as a file or
//! as what a file contains; accepted keys are the same after they were written, and are no secrets.

#![no_main]

use jeton::{Algorithm, KeyError, PrivateKey, PublicKey, SecretKey};
use jeton_fuzz::keys::{assert_private_written_alike, assert_written_alike};
use libfuzzer_sys::fuzz_target;
use pem_rfc7468::{LineEnding, encode_string};

const PUBLIC: [&str; 2] = ["PUBLIC KEY", "RSA PUBLIC KEY"];
const PRIVATE: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];
/// What no secret is shorter than.
const SHORTEST_SECRET: usize = 32;

fuzz_target!(|data: &[u8]| {
    check_der(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (public, private) = (PublicKey::from_pem(text).ok(), PrivateKey::from_pem(text).ok());
    check_kinds(data, public, private);
});

fn check_der(der: &[u8]) {
    let (public, private) = (PublicKey::from_der(der), PrivateKey::from_der(der));
    if let Ok(key) = &public {
        let written = key.to_der();
        assert!(written.ends_with(der), "a second spelling of SPKI or of the PKCS#1 in it");
    }

    // Of all labels, one is right, and none makes more of a key than it is.
    let is_read = |label: &str| {
        let text = encode_string(label, LineEnding::LF, der).expect("a label of RFC 7468");
        let key = PublicKey::from_pem(&text).map(|key| key.to_der());
        assert!(key.is_err() || key.ok() == public.as_ref().map(PublicKey::to_der).ok(), "{label}");
        (PublicKey::from_pem(&text).is_ok(), PrivateKey::from_pem(&text).is_ok())
    };
    let read: Vec<_> = PUBLIC.into_iter().chain(PRIVATE).map(is_read).collect();
    let count = |wanted: fn(&(bool, bool)) -> bool| read.iter().filter(|key| wanted(key)).count();
    assert_eq!(count(|key| key.0), usize::from(public.is_ok()), "public");
    assert_eq!(count(|key| key.1), usize::from(private.is_ok()), "private");
    check_kinds(der, public.ok(), private.ok());
}

fn check_kinds(data: &[u8], public: Option<PublicKey>, private: Option<PrivateKey>) {
    assert!(public.is_none() || private.is_none(), "both public and private");
    if (public.is_some() || private.is_some()) && data.len() >= SHORTEST_SECRET {
        let secret = SecretKey::new(Algorithm::Hs256, data);
        assert_eq!(secret.map(drop), Err(KeyError::SecretIsAKey));
    }
    if let Some(key) = public {
        assert_written_alike(&key);
    }
    if let Some(key) = private {
        assert_private_written_alike(key);
    }
}
