//! Randomness is an argument: salts, ids and first passwords come from what the program passes in.

/// Fills a buffer with bytes nobody can guess: the operating system's generator.
pub type Random = fn(&mut [u8]) -> Result<(), RandomError>;

/// The random number generator failed. Nothing may go on with a guessable salt or id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the random number generator failed")]
pub struct RandomError;

/// Fresh random bytes: a salt, the output of a hash that nobody computed.
pub(crate) fn bytes<const N: usize>(random: Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    random(&mut bytes)?;
    Ok(bytes)
}

/// A fresh account id: 128 bits in lowercase hexadecimal.
pub(crate) fn id(random: Random) -> Result<String, RandomError> {
    Ok(format!("{:032x}", u128::from_be_bytes(bytes(random)?)))
}

#[cfg(test)]
mod tests {
    use super::{RandomError, id};

    #[test]
    fn an_id_keeps_its_leading_zeros() {
        let id = id(|bytes| {
            bytes.fill(0);
            bytes.last_mut().map(|last| *last = 0xab).ok_or(RandomError)
        });

        assert_eq!(id.as_deref(), Ok("000000000000000000000000000000ab"));
    }

    #[test]
    fn without_randomness_there_is_no_id() {
        assert_eq!(id(|_| Err(RandomError)), Err(RandomError));
    }
}
