//! One fixed key, the moment at which its tokens are read, and how much of them is read.

use std::sync::LazyLock;

use jeton::limits::{self, Limits};
use jeton::{Algorithm, KeySet, Policy, SecretKey, SigningKey, Timestamp, Verifier, base64url};
use jsonwebtoken::EncodingKey;

/// Known to everybody: it protects nothing.
pub const SECRET: &[u8; 32] = b"a secret that only fuzzing knows";

/// When tokens are read.
pub const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// The key that signs what is fuzzed.
pub static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    SigningKey::secret(SecretKey::new(Algorithm::Hs256, SECRET).expect("32 bytes"))
});

/// A verifier that knows [`KEY`] and has seen no token yet.
pub fn verifier(policy: Policy) -> Verifier {
    Verifier::new(KeySet::new([KEY.verifying_key()]).expect("one key"), policy)
}

/// A token of these bytes, whatever they are, under a signature that is good: jeton itself signs no
/// header that it would not read.
pub fn signed(header: &[u8], payload: &[u8]) -> String {
    with_signature(&format!("{}.{}", base64url::encode(header), base64url::encode(payload)))
}

/// Any text, and behind it [`KEY`]'s signature of it, made without jeton.
pub fn with_signature(text: &str) -> String {
    static KEY: LazyLock<EncodingKey> = LazyLock::new(|| EncodingKey::from_secret(SECRET));
    let algorithm = jsonwebtoken::Algorithm::HS256;
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &KEY, algorithm).expect("HMAC");
    format!("{text}.{signature}")
}

/// Limits of a verifier, which does not tell its own.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub limits: Limits,
    /// Bytes of a token.
    pub token: usize,
    /// Levels of nesting.
    pub depth: usize,
    /// Members of an object.
    pub members: usize,
}

/// The limits that hold unless told otherwise.
pub const DEFAULT: Bounds = Bounds {
    limits: Limits::DEFAULT,
    token: limits::TOKEN,
    depth: limits::JSON_DEPTH,
    members: limits::JSON_MEMBERS,
};

/// Limits for large tokens: no input is too long, and nesting ends where it ends for everybody.
pub const LARGE: Bounds = Bounds {
    limits: Limits::DEFAULT.with_token(1 << 16).with_depth(usize::MAX).with_members(1000),
    token: 1 << 16,
    depth: 120,
    members: 1000,
};
