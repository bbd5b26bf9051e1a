//! The seal of a fleet's keyring: whoever reads Redis learns nothing of it, and can write none.
//!
//! ```text
//! 1 ‖ nonce (12 bytes, random) ‖ AES-256-GCM of the keyring document ‖ tag (16 bytes)
//! ```
//!
//! What is sealed with it, but not hidden, is where it belongs: the prefix of the fleet's keys and the
//! revision. So no document can be passed off as that of another fleet or as a later one.

use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64_simd::STANDARD;
use jeton_session::Keyring;
use zeroize::Zeroizing;

use crate::file;
use crate::keys::KeyFileError;

/// The form of what is written. Another first byte is a later form.
const FORM: u8 = 1;

/// Length of the key, in bytes.
const KEY: usize = 32;

/// Seals and opens the keyring of one fleet. `Debug` shows where the key is, never what it is.
#[derive(Debug)]
pub struct Seal {
    path: PathBuf,
    prefix: String,
    key: RandomizedNonceKey,
}

impl Seal {
    /// The seal whose key is in this file, for the fleet with this prefix.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::SealKey`]
    pub fn read(path: &Path, prefix: &str) -> Result<Self, KeyFileError> {
        let fail = |why: String| KeyFileError::SealKey(why);
        let text = file::read_secret(path).map_err(|error| fail(error.to_string()))?;
        let bytes = STANDARD.decode_to_vec(text.trim()).map(Zeroizing::new);
        let bytes = bytes.ok().filter(|bytes| bytes.len() == KEY);
        let key = bytes.and_then(|bytes| RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok());
        let key = key.ok_or_else(|| {
            let path = path.display();
            fail(format!(
                "{path} is not {KEY} bytes in base64, as `openssl rand -base64 {KEY}` makes them"
            ))
        })?;
        Ok(Self { path: path.to_owned(), prefix: prefix.to_owned(), key })
    }

    /// This keyring, sealed as that of this revision.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Randomness`]
    pub fn seal(&self, keyring: &Keyring, revision: &str) -> Result<Vec<u8>, KeyFileError> {
        let document = keyring.to_document();
        // Room enough not to grow, which would leave copies of the secrets behind.
        let mut text = Vec::with_capacity(document.len() + 16);
        text.extend_from_slice(document.as_bytes());
        let sealing = self.key.seal_in_place_append_tag(self.place(revision), &mut text);
        let Ok(nonce) = sealing else {
            drop(Zeroizing::new(text));
            return Err(KeyFileError::Randomness);
        };
        Ok([&[FORM][..], nonce.as_ref(), &text].concat())
    }

    /// The keyring that was sealed as that of this revision.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Sealed`] if it was not, not with this key, or is damaged.
    pub fn open(&self, sealed: &[u8], revision: &str) -> Result<Keyring, KeyFileError> {
        let fail = || KeyFileError::Sealed(self.path.clone());
        let [FORM, rest @ ..] = sealed else { return Err(fail()) };
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(fail)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key.open_in_place(nonce, self.place(revision), &mut text);
        let document = opened.ok().and_then(|text| str::from_utf8(text).ok()).ok_or_else(fail)?;
        Keyring::from_document(document).map_err(|_| fail())
    }

    /// What a sealed keyring belongs to.
    fn place(&self, revision: &str) -> Aad<Vec<u8>> {
        Aad::from(format!("jeton keys\0{}\0{revision}", self.prefix).into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use jeton::{Algorithm, Timestamp};

    use super::*;

    const KEYS: [&str; 2] = [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ];

    fn seal(text: &str, prefix: &str) -> Result<Seal, KeyFileError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fleet.key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Seal::read(&path, prefix)
    }

    fn keyring() -> Keyring {
        Keyring::generate(Algorithm::EdDsa, Timestamp::from_secs(1_800_000_000)).unwrap()
    }

    /// R12: whoever reads or writes Redis has no key, and can make no keyring of another out of one.
    #[test]
    fn only_the_same_key_fleet_and_revision_open_it() {
        let (ours, keyring) = (seal(KEYS[0], "jeton").unwrap(), keyring());
        let sealed = ours.seal(&keyring, "1-a").unwrap();

        assert!(ours.open(&sealed, "1-a").unwrap().is_alike(&keyring));
        assert!(ours.open(&sealed, "2-a").is_err(), "an old one as a later one");
        assert!(seal(KEYS[0], "other").unwrap().open(&sealed, "1-a").is_err(), "another fleet");
        assert!(seal(KEYS[1], "jeton").unwrap().open(&sealed, "1-a").is_err(), "another key");
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(ours.open(&damaged, "1-a").is_err(), "byte {place}");
            assert!(ours.open(&sealed[..place], "1-a").is_err(), "cut at {place}");
        }
    }

    /// T3
    #[test]
    fn nothing_of_the_keyring_shows_and_no_two_sealed_are_alike() {
        let (seal, keyring) = (seal(KEYS[0], "jeton").unwrap(), keyring());
        let [one, other] = [(); 2].map(|()| seal.seal(&keyring, "1-a").unwrap());

        assert_ne!(one, other);
        for words in ["PRIVATE", "version", "EdDSA"] {
            assert!(!one.windows(words.len()).any(|window| window == words.as_bytes()), "{words}");
        }
        assert!(!format!("{seal:?}").contains("AAECAw"));
    }

    #[test]
    fn a_key_file_that_is_none_is_refused_in_one_sentence() {
        for text in [
            "",
            "\n",
            "AAECAw==",
            "not base64, and much too long to be a key of ours",
            &KEYS[0][..40],
        ] {
            let refused = seal(text, "jeton").unwrap_err().to_string();

            assert!(refused.starts_with("fleet.key_file: "), "{refused}");
            assert!(!refused.contains('\n') && !refused.contains("AAEC"), "{refused}");
        }
    }
}
