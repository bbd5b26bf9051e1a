//! Keys that the cryptographic library loads and nobody should verify with.

use std::ops::RangeInclusive;

use crate::algorithm::{Algorithm, Signing};
use crate::key::der;

/// Bits of an RSA modulus that signatures are verified with: others would load and then refuse
/// every token.
const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// The Ed25519 keys whose point has an order of 8 at most, in each of their spellings, without the
/// sign bit. Under those, anyone can sign: the same 64 bytes fit every message, or one in a few
/// (RFC 8725 section 3.4 asks to refuse them).
const SMALL_ORDER: [[u8; 32]; 7] = [
    near_zero(1),
    near_zero(0),
    below_2_to_255(0xec),
    below_2_to_255(0xed),
    below_2_to_255(0xee),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether this bare public key can be trusted with signatures.
///
/// That points of ECDSA are on their curve is checked by the library. Ed25519 keys are not taken
/// apart until they verify: one that is no point refuses every signature.
pub(super) fn is_sound(algorithm: Algorithm, bare: &[u8]) -> bool {
    match algorithm.signing() {
        Some(Signing::Rsa(_)) => {
            let modulus = der::sequence(bare).and_then(|key| key.first()?.integer());
            modulus.is_some_and(|n| RSA_BITS.contains(&bits(n)))
        }
        Some(Signing::Ed25519) => bare.try_into().is_ok_and(|key| !has_small_order(key)),
        Some(Signing::Ecdsa(_) | Signing::MlDsa(_)) => true,
        None => false,
    }
}

fn has_small_order(mut key: [u8; 32]) -> bool {
    key[31] &= 0x7f;
    SMALL_ORDER.contains(&key)
}

/// Length of a big-endian integer without leading zeros.
fn bits(integer: &[u8]) -> usize {
    let unused = integer.first().map_or(0, |first| first.leading_zeros());
    integer.len() * 8 - unused as usize
}

const fn near_zero(least: u8) -> [u8; 32] {
    let mut y = [0; 32];
    y[0] = least;
    y
}

const fn below_2_to_255(least: u8) -> [u8; 32] {
    let mut y = [0xff; 32];
    y[0] = least;
    y[31] = 0x7f;
    y
}
