//! `jeton token key`: keys in files of one's own, made and looked at.

use std::path::PathBuf;

use clap::Subcommand;
use jeton::{Algorithm, JwkSet, KeyError, KeyId, PrivateKey, PublicKey, SecretKey, VerifyingKey};
use serde_json::Value;
use zeroize::Zeroizing;

use super::key_file::KeyFile;
use super::{algorithm, key_id};
use crate::cli::{Console, Failure};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Key {
    /// Make a private key or a secret and print it. `umask 077` first, if it goes to a file.
    Generate {
        /// What it is for.
        #[arg(long, value_name = "NAME", default_value = "ES256", value_parser = algorithm())]
        alg: Algorithm,
        /// As a JWK, which says its algorithm; otherwise as PEM (PKCS#8).
        #[arg(long)]
        jwk: bool,
        /// The `kid` of the JWK; by default a private key's thumbprint, and none for a secret.
        #[arg(long, requires = "jwk", value_parser = key_id())]
        kid: Option<KeyId>,
    },
    /// Print the public half of a key, for everybody.
    Public {
        /// A private or public key in PEM or DER, a JWK or a JWK Set.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// What the key is for, where it may be for several.
        #[arg(long, value_name = "NAME", value_parser = algorithm())]
        alg: Option<Algorithm>,
        /// As a JWK; otherwise as PEM (SPKI).
        #[arg(long, conflicts_with = "jwks")]
        jwk: bool,
        /// As a JWK Set.
        #[arg(long)]
        jwks: bool,
    },
    /// Print the SHA-256 thumbprint of a key (RFC 7638); those of a JWK Set one a line.
    Thumbprint {
        /// Any key in PEM or DER, a JWK or a JWK Set.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

impl Key {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<(), Failure> {
        match self {
            Self::Generate { alg, jwk: true, kid } => {
                let jwk = generate_jwk(alg, kid).map_err(Failure::unavailable)?;
                console.line(jwk.as_str())
            }
            Self::Generate { alg, .. } if alg.is_symmetric() => {
                Err(Failure::usage("a secret has no PEM: add --jwk"))
            }
            Self::Generate { alg, .. } => {
                let key = PrivateKey::generate(alg).map_err(Failure::unavailable)?;
                console.line(key.to_pem().map_err(Failure::unavailable)?.trim_end())
            }
            Self::Public { key, alg, jwk, jwks } => {
                let file = KeyFile::read(&key)?;
                let keys = public_keys(&file, alg)?;
                match keys.as_slice() {
                    keys @ [_] if jwk => console.line(public_jwk(keys)),
                    _ if jwk => Err(file.wrong("several keys: --jwks prints them all")),
                    keys if jwks => console.line(public_set(keys).to_json()),
                    keys => {
                        keys.iter().try_for_each(|(_, key)| console.line(key.to_pem().trim_end()))
                    }
                }
            }
            Self::Thumbprint { key } => {
                let thumbprints = KeyFile::read(&key)?.thumbprints()?;
                thumbprints.iter().try_for_each(|thumbprint| console.line(thumbprint))
            }
        }
    }
}

/// A private JWK, or a secret one.
fn generate_jwk(alg: Algorithm, id: Option<KeyId>) -> Result<Zeroizing<String>, KeyError> {
    let (jwk, id) = if alg.is_symmetric() {
        (SecretKey::generate(alg)?.to_jwk(), id)
    } else {
        let key = PrivateKey::generate(alg)?;
        let id = id.map_or_else(|| KeyId::new(&key.public_key().thumbprint()), Ok)?;
        (key.to_jwk()?, Some(id))
    };
    // As text, in one piece: parsing it, or a string that grows, leaves copies of secrets.
    Ok(match (id, jwk.strip_suffix('}')) {
        (Some(id), Some(members)) => {
            let id = Value::from(id.as_str()).to_string();
            Zeroizing::new([members, ",\"kid\":", &id, "}"].concat())
        }
        _ => jwk,
    })
}

/// The public halves of the keys in a file, each with an id.
fn public_keys(
    file: &KeyFile,
    alg: Option<Algorithm>,
) -> Result<Vec<(Option<KeyId>, PublicKey)>, Failure> {
    let named = |key: &VerifyingKey| {
        let public = key.public_key().ok_or("a secret: nothing of it is public")?;
        // A thumbprint always is an id.
        let id = key.id().cloned().or_else(|| KeyId::new(&public.thumbprint()).ok());
        Ok((id, public.clone()))
    };
    let keys: Result<Vec<_>, &str> = file.verifying_keys(alg)?.iter().map(named).collect();
    keys.map_err(|reason| file.wrong(reason))
}

fn public_set(keys: &[(Option<KeyId>, PublicKey)]) -> JwkSet {
    JwkSet::new(keys.iter().map(|(id, key)| (id.clone(), key)))
}

/// The JWK of one key: the only one of its set.
fn public_jwk(keys: &[(Option<KeyId>, PublicKey)]) -> Value {
    let set: Value = serde_json::from_str(&public_set(keys).to_json()).unwrap_or_default();
    set.pointer("/keys/0").cloned().unwrap_or_default()
}
