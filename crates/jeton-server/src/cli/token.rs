//! `jeton token`: sign, verify and decode, with keys from files, and make such keys.
//!
//! A file says by itself what it is ([`key_file`]). Keys choose algorithms here as everywhere:
//! `--alg` is told to the key, never read from a token.

mod key;
mod key_file;
mod verify;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use jeton::{
    Algorithm, KeyId, SecretKey, SignError, Signer, SigningKey, Timestamp, VerifyingKey,
    decode_without_verifying,
};
use serde_json::{Map, Value, json};

use self::key_file::KeyFile;
use crate::cli::{Console, Failure, Place};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Sign the claims on standard input, a JSON object.
    Sign {
        #[command(flatten)]
        key: KeyOptions,
        /// The header parameter `kid`; by default that of a JWK.
        #[arg(long, value_parser = key_id())]
        kid: Option<KeyId>,
        /// The header parameter `typ`.
        #[arg(long, default_value = "JWT")]
        typ: String,
        #[command(flatten)]
        input: StandardInput,
    },
    /// Verify the token on standard input and print its claims. Signature, times, and what the
    /// options ask for; not whether it was revoked.
    Verify(verify::Verify),
    /// Print header and payload of the token on standard input. NOT verified: believe nothing of it.
    Decode(StandardInput),
    /// Make keys for tokens, and show their public halves. Not the service's own: see `jeton keys`.
    #[command(subcommand)]
    Key(key::Key),
}

/// Nothing. Whoever gives a token as an argument is told better, and the token is not repeated.
#[derive(Debug, Args)]
pub(super) struct StandardInput {
    #[arg(hide = true)]
    arguments: Vec<OsString>,
}

impl StandardInput {
    fn check(&self) -> Result<(), Failure> {
        if self.arguments.is_empty() {
            return Ok(());
        }
        let why = "arguments show in lists of processes: give the token on standard input";
        Err(Failure::usage(why))
    }
}

/// Which key, and for which algorithm.
#[derive(Debug, Args)]
pub(super) struct KeyOptions {
    /// A key in PEM or DER (PKCS#8, PKCS#1, SEC 1, SPKI), a JWK, or to verify also a JWK Set. A
    /// private key verifies as well as its public half.
    #[arg(long, value_name = "FILE", group = "source")]
    key: Option<PathBuf>,
    /// A shared secret: every byte of the file.
    #[arg(long, value_name = "FILE", group = "source")]
    secret_file: Option<PathBuf>,
    /// The algorithm, where the key may have several: RS256 for RSA, `EdDSA` for Ed25519 and HS256
    /// for a secret unless this, or the `alg` of a JWK, says otherwise.
    #[arg(long, value_name = "NAME", requires = "source", value_parser = algorithm())]
    alg: Option<Algorithm>,
}

impl Token {
    pub(super) fn run(
        self,
        place: &Place,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self {
            Self::Sign { key, kid, typ, input } => {
                input.check()?;
                let key = key.signing()?;
                let key = match kid {
                    Some(kid) => key.with_id(kid),
                    None => key,
                };
                sign(&Signer::new(key), &typ, console)
            }
            Self::Verify(verify) => verify.run(place, console, now),
            Self::Decode(input) => {
                input.check()?;
                decode(console)
            }
            Self::Key(key) => key.run(console),
        }
    }
}

fn sign(signer: &Signer, typ: &str, console: &mut Console<'_>) -> Result<(), Failure> {
    let text = console.read_all()?;
    let claims: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|_| Failure::usage("the claims are not a JSON object"))?;
    let token = signer.sign(typ, &claims).map_err(|error| match error {
        SignError::Key(_) => Failure::unavailable(error),
        _ => Failure::usage(error),
    })?;
    console.line(token)
}

fn decode(console: &mut Console<'_>) -> Result<(), Failure> {
    let token = console.read_all()?;
    let token = decode_without_verifying(&token)
        .map_err(|_| Failure::refused("not three base64url parts with JSON in the first two"))?;
    console.line(json!({ "header": token.unverified_header, "payload": token.unverified_claims }))
}

impl KeyOptions {
    fn signing(&self) -> Result<SigningKey, Failure> {
        match (&self.key, &self.secret_file) {
            (Some(path), _) => KeyFile::read(path)?.signing_key(self.alg),
            (None, Some(path)) => Ok(SigningKey::secret(self.secret(&KeyFile::read(path)?)?)),
            (None, None) => Err(Failure::usage("give --key FILE or --secret-file FILE")),
        }
    }

    /// What verifies, and the file it is from; nothing if no key was named.
    fn verifying(&self) -> Result<Option<(KeyFile, Vec<VerifyingKey>)>, Failure> {
        let (file, keys) = match (&self.key, &self.secret_file) {
            (Some(path), _) => {
                let file = KeyFile::read(path)?;
                let keys = file.verifying_keys(self.alg)?;
                (file, keys)
            }
            (None, Some(path)) => {
                let file = KeyFile::read(path)?;
                let secret = self.secret(&file)?;
                (file, vec![VerifyingKey::secret(secret)])
            }
            (None, None) => return Ok(None),
        };
        Ok(Some((file, keys)))
    }

    fn secret(&self, file: &KeyFile) -> Result<SecretKey, Failure> {
        let secret = SecretKey::new(self.alg.unwrap_or(Algorithm::Hs256), file.bytes());
        secret.map_err(|error| file.wrong(error))
    }
}

/// The name of any algorithm there is.
fn algorithm() -> impl TypedValueParser<Value = Algorithm> {
    PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::name))
        .try_map(|name| Algorithm::from_name(&name).ok_or("not the name of an algorithm"))
}

fn key_id() -> impl TypedValueParser<Value = KeyId> {
    clap::builder::StringValueParser::new().try_map(|text| KeyId::new(&text))
}
