//! The forms that key files have, in PEM (RFC 7468) and in DER.

use pem_rfc7468::LineEnding;
use zeroize::Zeroizing;

use crate::key::KeyError;
use crate::key::der::{self, BIT_STRING, INTEGER, OCTET_STRING, SEQUENCE};
use crate::limits;

/// What a key file is, before anybody knows which key is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// PKCS#8 (RFC 5958).
    Private,
    /// PKCS#1 (RFC 8017 appendix A.1.2).
    RsaPrivate,
    /// SEC 1 (RFC 5915), with its curve.
    EcPrivate,
    /// PKCS#8 under a password.
    EncryptedPrivate,
    /// `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    Public,
    /// PKCS#1 (RFC 8017 appendix A.1.1).
    RsaPublic,
    /// X.509.
    Certificate,
}

impl Container {
    const ALL: [Self; 7] = [
        Self::Private,
        Self::RsaPrivate,
        Self::EcPrivate,
        Self::EncryptedPrivate,
        Self::Public,
        Self::RsaPublic,
        Self::Certificate,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Private => "PRIVATE KEY",
            Self::RsaPrivate => "RSA PRIVATE KEY",
            Self::EcPrivate => "EC PRIVATE KEY",
            Self::EncryptedPrivate => "ENCRYPTED PRIVATE KEY",
            Self::Public => "PUBLIC KEY",
            Self::RsaPublic => "RSA PUBLIC KEY",
            Self::Certificate => "CERTIFICATE",
        }
    }

    /// What these bytes are, all of them, going by their outermost structure.
    pub(super) fn of_der(bytes: &[u8]) -> Option<Self> {
        let tags: Vec<u8> = der::sequence(bytes)?.iter().map(|element| element.tag).collect();
        match tags.as_slice() {
            [INTEGER, SEQUENCE, OCTET_STRING, ..] => Some(Self::Private),
            [INTEGER, OCTET_STRING, der::CONTEXT_0, ..] => Some(Self::EcPrivate),
            [INTEGER, INTEGER] => Some(Self::RsaPublic),
            integers if integers.starts_with(&[INTEGER; 9]) => Some(Self::RsaPrivate),
            [SEQUENCE, OCTET_STRING] => Some(Self::EncryptedPrivate),
            [SEQUENCE, BIT_STRING] => Some(Self::Public),
            [SEQUENCE, SEQUENCE, BIT_STRING] => Some(Self::Certificate),
            _ => None,
        }
    }

    /// Says why it is none of the wanted ones, if so.
    pub(super) fn expect(self, wanted: &[Self]) -> Result<(), KeyError> {
        match self {
            Self::EncryptedPrivate => Err(KeyError::Encrypted),
            Self::Certificate => Err(KeyError::Certificate),
            _ if wanted.contains(&self) => Ok(()),
            Self::Private | Self::RsaPrivate | Self::EcPrivate => Err(KeyError::IsPrivate),
            Self::Public | Self::RsaPublic => Err(KeyError::IsPublic),
        }
    }
}

/// The DER inside the one PEM block, which has one of these labels and is what the label says.
pub(super) fn read_pem(text: &str, wanted: &[Container]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if text.len() > limits::KEY_FILE {
        return Err(KeyError::Pem);
    }
    // PEM of old OpenSSL says it in a header, which strict PEM does not have.
    if text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    let block = rewrapped(without_parameters(text.trim()));
    let (label, der) = pem_rfc7468::decode_vec(block.as_bytes()).map_err(|_| KeyError::Pem)?;
    let der = Zeroizing::new(der);
    let labelled = Container::ALL.into_iter().find(|container| container.label() == label);
    let labelled = labelled.ok_or(KeyError::Pem)?;
    labelled.expect(wanted)?;
    // A label that lies is no label.
    if Container::of_der(&der) == Some(labelled) { Ok(der) } else { Err(KeyError::Unsupported) }
}

/// What this DER holds, which is one of these.
pub(super) fn of_wanted_der(der: &[u8], wanted: &[Container]) -> Result<Container, KeyError> {
    if der.len() > limits::KEY_FILE {
        return Err(KeyError::Unsupported);
    }
    let container = Container::of_der(der).ok_or(KeyError::Unsupported)?;
    container.expect(wanted).map(|()| container)
}

/// Without the block that `openssl ecparam -genkey` puts in front of a key, which names its curve
/// as well.
fn without_parameters(text: &str) -> &str {
    let parts = text.split_once("-----END EC PARAMETERS-----");
    let parts = parts.filter(|(block, _)| block.starts_with("-----BEGIN EC PARAMETERS-----"));
    parts.map_or(text, |(_, key)| key.trim_start())
}

/// The same text in lines of 64 letters, as strict PEM has them. Other tools wrap at 76, indent, or
/// put a key into one line of a configuration; none of that makes it another key.
fn rewrapped(text: &str) -> Zeroizing<String> {
    let mut wrapped = Zeroizing::new(String::with_capacity(text.len() + text.len() / 32 + 64));
    let mut column = 0;
    for line in text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()) {
        let is_boundary = line.starts_with("-----");
        if is_boundary && column > 0 {
            wrapped.push('\n');
            column = 0;
        }
        for letter in line.chars() {
            wrapped.push(letter);
            column += 1;
            if column == 64 && !is_boundary {
                wrapped.push('\n');
                column = 0;
            }
        }
        if is_boundary {
            wrapped.push('\n');
            column = 0;
        }
    }
    wrapped
}

/// Writes DER as one PEM block.
pub(super) fn write_pem(der: &[u8], container: Container) -> String {
    // Only a label outside of RFC 7468 makes this fail, and ours are in the table above.
    pem_rfc7468::encode_string(container.label(), LineEnding::LF, der).unwrap_or_default()
}
