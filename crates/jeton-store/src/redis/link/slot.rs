//! In which slot of a Cluster a key is.

/// The slot of a key: CRC16 (XMODEM) of its hash tag, or of all of it if it has none, modulo 16384.
pub(crate) fn slot_of(key: &[u8]) -> u16 {
    crc16(hash_tag(key)) & super::routes::LAST_SLOT
}

/// What is between the first `{` and the next `}`, unless that is nothing.
fn hash_tag(key: &[u8]) -> &[u8] {
    let tag = || {
        let behind = key.get(key.iter().position(|byte| *byte == b'{')? + 1..)?;
        let tag = behind.get(..behind.iter().position(|byte| *byte == b'}')?)?;
        (!tag.is_empty()).then_some(tag)
    };
    tag().unwrap_or(key)
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `CLUSTER KEYSLOT` says.
    #[test]
    fn a_key_has_the_slot_that_redis_gives_it() {
        let cases: [(&str, u16); 8] = [
            ("", 0),
            ("123456789", 0x31c3),
            ("foo", 12_182),
            ("user:{foo}:bar", 12_182),
            ("{foo", slot_of(b"{foo")),
            ("a{}b{foo}", slot_of(b"a{}b{foo}")),
            ("{{foo}}", slot_of(b"{foo")),
            ("{foo}{bar}", 12_182),
        ];
        for (key, slot) in cases {
            assert_eq!(slot_of(key.as_bytes()), slot, "{key}");
        }
    }
}
