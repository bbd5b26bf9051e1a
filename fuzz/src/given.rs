//! One fixed key and the moment at which its tokens are read.

use std::sync::LazyLock;

use jeton::{KeySet, Policy, SecretKey, SigningKey, Timestamp, Verifier};

/// Known to everybody: it protects nothing.
pub const SECRET: &[u8; 32] = b"a secret that only fuzzing knows";

/// When tokens are read.
pub const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// The key that signs what is fuzzed.
pub static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::secret(None, SecretKey::hs256(SECRET).expect("32 bytes")));

/// A verifier that knows [`KEY`].
pub fn verifier(policy: Policy) -> Verifier {
    Verifier::new(KeySet::new([KEY.verifying_key()]).expect("one key"), policy)
}
