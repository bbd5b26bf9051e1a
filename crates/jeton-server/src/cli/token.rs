//! `jeton token`: sign, verify and decode, with keys from files.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jeton::{
    ACCESS_TOKEN, Algorithm, Claims, JwkSet, KeyId, KeySet, Policy, PrivateKey, PublicKey,
    SecretKey, SignError, Signer, SigningKey, Timestamp, Verifier, VerifyingKey,
    decode_without_verifying, limits,
};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::cli::{Console, Failure, Place};
use crate::keys;

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Sign the claims on standard input, a JSON object.
    Sign {
        #[command(flatten)]
        key: KeyFile,
        /// The header parameter `kid`.
        #[arg(long)]
        kid: Option<String>,
        /// The header parameter `typ`.
        #[arg(long, default_value = "JWT")]
        typ: String,
    },
    /// Verify the token on standard input and print its claims. Signature, times, and what the
    /// options ask for; not whether it was revoked.
    Verify {
        #[command(flatten)]
        key: KeyFile,
        /// Accept this `iss` only.
        #[arg(long)]
        issuer: Option<String>,
        /// Accept this `aud` only.
        #[arg(long)]
        audience: Option<String>,
        /// Accept this `typ` only.
        #[arg(long)]
        typ: Option<String>,
    },
    /// Print header and payload of the token on standard input. NOT verified: believe nothing of it.
    Decode,
}

/// Which key. To verify, neither means the service's own keys, issuer and audience.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct KeyFile {
    /// To sign a private key in PEM; to verify a public key in PEM, a JWK or a JWK Set.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A shared secret for HS256: every byte of the file.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl Token {
    pub(super) fn run(
        self,
        place: &Place,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        match self {
            Self::Sign { key, kid, typ } => {
                let kid = kid.map(|kid| KeyId::new(&kid)).transpose().map_err(Failure::usage)?;
                sign(&Signer::new(key.signing(kid)?), &typ, console)
            }
            Self::Verify { key, issuer, audience, typ } => {
                let (keys, mut policy) = key.verifying(place)?;
                if let Some(issuer) = issuer {
                    policy = policy.with_issuer(issuer);
                }
                if let Some(audience) = audience {
                    policy = policy.with_audience(audience);
                }
                if let Some(typ) = typ {
                    policy = policy.with_type(typ);
                }
                verify(&Verifier::new(keys, policy), console, now)
            }
            Self::Decode => decode(console),
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

fn verify(verifier: &Verifier, console: &mut Console<'_>, now: Timestamp) -> Result<(), Failure> {
    let token = console.read_all()?;
    let claims = verifier.verify::<Claims>(&token, now);
    let claims = claims
        .map_err(|error| Failure::refused(format_args!("refused ({}): {error}", error.code())))?;
    console.line(Value::Object(claims.members().clone()))
}

fn decode(console: &mut Console<'_>) -> Result<(), Failure> {
    let token = console.read_all()?;
    let token = decode_without_verifying(&token)
        .map_err(|_| Failure::refused("not three base64url parts with JSON in the first two"))?;
    console.line(json!({ "header": token.unverified_header, "payload": token.unverified_claims }))
}

impl KeyFile {
    fn signing(&self, kid: Option<KeyId>) -> Result<SigningKey, Failure> {
        let key = match (&self.key, &self.secret_file) {
            (Some(path), _) => {
                let pem = read_text(path)?;
                let key = PrivateKey::from_pem(&pem).map_err(|e| named(path, e))?;
                SigningKey::private(key)
            }
            (None, Some(path)) => SigningKey::secret(read_secret(path)?),
            (None, None) => {
                return Err(Failure::usage("give --key FILE or --secret-file FILE"));
            }
        };
        Ok(match kid {
            Some(kid) => key.with_id(kid),
            None => key,
        })
    }

    fn verifying(&self, place: &Place) -> Result<(KeySet, Policy), Failure> {
        let keys = match (&self.key, &self.secret_file) {
            (Some(path), _) => read_public(path)?,
            (None, Some(path)) => KeySet::new([VerifyingKey::secret(read_secret(path)?)])
                .map_err(|e| named(path, e))?,
            (None, None) => return own(place),
        };
        Ok((keys, Policy::signature_and_time_only()))
    }
}

/// The service's own keys, and what it asks of an access token.
fn own(place: &Place) -> Result<(KeySet, Policy), Failure> {
    let settings = place.settings()?;
    let keyring = keys::read(&settings).map_err(|error| {
        Failure::usage(format_args!("give --key FILE or --secret-file FILE, or --data: {error}"))
    })?;
    let keys = keyring.access_keys().map_err(Failure::unavailable)?;
    Ok((keys, settings.terms().access_policy().with_type(ACCESS_TOKEN)))
}

fn read_public(path: &Path) -> Result<KeySet, Failure> {
    let text = read_text(path)?;
    let keys = if !text.trim_start().starts_with('{') {
        PublicKey::from_pem(&text).and_then(|key| KeySet::new([VerifyingKey::public(key)]))
    } else if serde_json::from_str(&text).is_ok_and(|json: Value| json.get("keys").is_some()) {
        JwkSet::from_json(&text).and_then(KeySet::try_from)
    } else {
        VerifyingKey::from_jwk(&text).and_then(|key| KeySet::new([key]))
    };
    keys.map_err(|error| named(path, error))
}

fn read_secret(path: &Path) -> Result<SecretKey, Failure> {
    SecretKey::new(Algorithm::Hs256, &read(path)?).map_err(|error| named(path, error))
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = read(path)?;
    let text = str::from_utf8(&bytes).map_err(|error| named(path, error))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let bytes = fs::read(path).map(Zeroizing::new).map_err(|error| named(path, error))?;
    if bytes.len() > limits::KEY_FILE {
        return Err(named(path, "too large for a key"));
    }
    Ok(bytes)
}

fn named(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::usage(format_args!("{}: {error}", path.display()))
}
