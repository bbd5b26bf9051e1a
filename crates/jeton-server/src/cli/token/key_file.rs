//! A file with a key in it: what form it has, and the keys that it holds.
//!
//! The first byte tells PEM, DER and JSON apart, so that nobody has to. Every failure names the
//! file, and nothing of what is in it.

mod der;
mod jwk;

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jeton::{Algorithm, KeyError, PublicKey, SigningKey, VerifyingKey, jwk_thumbprint, limits};
use zeroize::Zeroizing;

use self::der::Encoded;
use self::jwk::Json;
use crate::cli::Failure;

/// A file that was read. Wiped when dropped.
pub(super) struct KeyFile {
    path: PathBuf,
    bytes: Zeroizing<Vec<u8>>,
}

/// What a key file is.
enum Form<'f> {
    Encoded(Encoded<'f>),
    Json(Json<'f>),
}

impl KeyFile {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        // Room for everything at once: a vector that grows leaves copies of the key behind.
        let bytes = Zeroizing::new(Vec::with_capacity(limits::KEY_FILE + 1));
        let mut file = Self { path: path.to_owned(), bytes };
        let most = u64::try_from(limits::KEY_FILE + 1).unwrap_or(u64::MAX);
        let read =
            File::open(path).and_then(|opened| opened.take(most).read_to_end(&mut file.bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(file.wrong("no such file"))
            }
            Err(error) => Err(file.wrong(error)),
            Ok(length) if length > limits::KEY_FILE => Err(file.wrong("too large for a key")),
            Ok(_) => Ok(file),
        }
    }

    /// Every byte, for a file that is a secret itself.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The one key to sign with, for this algorithm if it is given.
    pub(super) fn signing_key(&self, alg: Option<Algorithm>) -> Result<SigningKey, Failure> {
        match self.form()? {
            Form::Encoded(encoded) => encoded.signing_key(alg),
            Form::Json(json) => json.signing_key(alg),
        }
        .map_err(|reason| self.wrong(reason))
    }

    /// The keys to verify with, at least one: public keys, the public halves of private ones, a
    /// secret.
    pub(super) fn verifying_keys(
        &self,
        alg: Option<Algorithm>,
    ) -> Result<Vec<VerifyingKey>, Failure> {
        match self.form()? {
            Form::Encoded(encoded) => encoded.verifying_key(alg).map(|key| vec![key]),
            Form::Json(json) => json.verifying_keys(alg),
        }
        .map_err(|reason| self.wrong(reason))
    }

    /// The thumbprint (RFC 7638) of each key.
    pub(super) fn thumbprints(&self) -> Result<Vec<String>, Failure> {
        // Of a JWK without asking what it is good for: a key for encryption has one too.
        if let Form::Json(Json::Key(text)) = self.form()? {
            return Ok(vec![jwk_thumbprint(text).map_err(|error| self.wrong(error))?]);
        }
        let keys = self.verifying_keys(None)?;
        Ok(keys.iter().filter_map(VerifyingKey::public_key).map(PublicKey::thumbprint).collect())
    }

    /// Says what is wrong with this file.
    pub(super) fn wrong(&self, reason: impl Display) -> Failure {
        Failure::usage(format_args!("{}: {reason}", self.path.display()))
    }

    fn form(&self) -> Result<Form<'_>, Failure> {
        if self.bytes.first() == Some(&der::SEQUENCE) {
            return Ok(Form::Encoded(Encoded::Der(&self.bytes)));
        }
        let text = str::from_utf8(&self.bytes).map_err(|_| self.wrong("neither text nor DER"))?;
        Ok(if text.trim_start().starts_with('{') {
            Form::Json(Json::of(text))
        } else {
            Form::Encoded(Encoded::Pem(text))
        })
    }
}

/// What is wrong, with the algorithm that was asked for where that is it.
fn explain(error: KeyError, alg: Option<Algorithm>) -> String {
    match alg {
        Some(alg) if error == KeyError::Algorithm => format!("{error}: {}", alg.name()),
        _ => error.to_string(),
    }
}
