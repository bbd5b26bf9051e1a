//! Bytes that nobody can guess and no two nodes share.

use aws_lc_rs::rand;
use jeton_session::StoreError;

/// So many random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| StoreError::new("the system has no randomness"))?;
    Ok(bytes)
}
