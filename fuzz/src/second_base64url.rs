//! Base64url letter by letter, slow and plain.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes that this text, without padding, stands for, if it is their one spelling.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut bit_count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | value as u32;
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            bytes.push((bits >> bit_count) as u8);
            bits &= (1 << bit_count) - 1;
        }
    }
    // Six bits left over are a letter that begins no byte; others must be zero.
    (bit_count < 6 && bits == 0).then_some(bytes)
}
