//! Keys of other kinds that somebody takes for an HMAC secret.
//!
//! A public key is known to everybody. Used as a secret, everybody can sign: the oldest confusion
//! there is around JWTs. The types of this crate keep the two apart; this is for the bytes of a
//! file that was the wrong one.

use zeroize::Zeroizing;

use crate::base64url;
use crate::key::container::Container;
use crate::key::der;

/// What stands in the text of a PEM block, a JWK and an SSH key, the latter also without its name.
const MARKS: [&[u8]; 8] = [
    b"-----BEGIN",
    b"\"kty\"",
    b"ssh-ed25519 ",
    b"ssh-rsa ",
    b"ecdsa-sha2-",
    b"AAAAC3NzaC1lZDI1NTE5",
    b"AAAAB3NzaC1yc2E",
    b"AAAAE2VjZHNhLXNoYTIt",
];

/// Letters of base64 that begin an element and say how long it is, at most.
const BEGINNING: usize = 8;

/// Whether these bytes hold a key of another kind, whatever stands before or behind it.
pub(super) fn is_a_key(bytes: &[u8]) -> bool {
    let is_marked = |mark: &&[u8]| bytes.windows(mark.len()).any(|window| window == *mark);
    MARKS.iter().any(is_marked) || holds_der(bytes) || holds_base64(bytes)
}

/// Whatever stands before or behind it.
fn holds_der(bytes: &[u8]) -> bool {
    let tails = (0..bytes.len()).filter_map(|start| bytes.get(start..));
    tails.filter(|tail| tail.starts_with(&[der::SEQUENCE])).any(|tail| {
        let whole = der::whole_length(tail).and_then(|length| tail.get(..length));
        whole.is_some_and(|der| Container::of_der(der).is_some())
    })
}

/// PEM without its first and last line, as consoles show it: in either alphabet, wrapped or not.
fn holds_base64(bytes: &[u8]) -> bool {
    let mut letters = Zeroizing::new(Vec::with_capacity(bytes.len()));
    letters.extend(bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).map(
        |byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        },
    ));
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || [b'-', b'_'].contains(byte);
    letters.split(|byte| !is_letter(byte)).any(|run| {
        let tails = (0..run.len()).filter_map(|start| run.get(start..));
        // The tag of a sequence and the two highest bits of its length make an `M`, whatever the
        // length.
        tails.filter(|tail| tail.starts_with(b"M")).any(is_key_in_base64)
    })
}

/// Whether a key begins here, whatever stands behind it.
fn is_key_in_base64(letters: &[u8]) -> bool {
    let decode =
        |letters: &[u8]| base64url::decode(str::from_utf8(letters).ok()?).map(Zeroizing::new);
    let whole = || {
        let beginning = letters.get(..BEGINNING).and_then(decode)?;
        let length = der::whole_length(&beginning)?;
        decode(letters.get(..length.checked_mul(4)?.div_ceil(3))?)
    };
    whole().is_some_and(|der| Container::of_der(&der).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithm::Algorithm;
    use crate::key::{JwkSet, KeyError, PrivateKey, SecretKey};

    /// V3, A3
    #[test]
    fn a_key_is_never_a_secret() {
        for algorithm in Algorithm::one_of_each_key_type() {
            let key = PrivateKey::generate(algorithm).unwrap();
            let public = key.public_key();
            let body = |pem: &str| {
                pem.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\n")
            };
            let pem = public.to_pem();
            let private_pem = key.to_pem().unwrap();
            let texts = [
                body(&pem),
                body(&pem).replace('\n', ""),
                body(&pem).replace('\n', "").replace('+', "-").replace('/', "_"),
                body(&private_pem),
                JwkSet::new([(None, public)]).to_json(),
                key.to_jwk().unwrap().to_string(),
                pem,
                private_pem.to_string(),
            ];
            let ders = [public.to_der(), key.to_der().unwrap().to_vec()];

            for prefix in ["", " ", "\n", "\0", "\u{feff}", "#", "//", "\u{200b}", "key="] {
                let texts = texts.iter().map(String::as_bytes);
                for bytes in texts.chain(ders.iter().map(Vec::as_slice)) {
                    let secrets = [
                        [prefix.as_bytes(), bytes].concat(),
                        [bytes, prefix.as_bytes()].concat(),
                        [bytes, b"\ncomment"].concat(),
                    ];
                    for secret in secrets {
                        let [long, any] = [SecretKey::new, SecretKey::legacy_short]
                            .map(|load| load(Algorithm::Hs256, &secret).map(|_| ()));

                        assert_eq!(long, Err(KeyError::SecretIsAKey), "{algorithm:?} {prefix:?}");
                        assert_eq!(any, Err(KeyError::SecretIsAKey), "{algorithm:?} {prefix:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_only_resembles_a_key_is_a_secret() {
        let secrets: [&[u8]; 5] = [
            b"correct horse battery staple, and more",
            b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A and so on",
            b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            &[0x30; 64],
            &[0xff; 32],
        ];
        for secret in secrets {
            assert!(!is_a_key(secret), "{secret:?}");
        }
    }
}
