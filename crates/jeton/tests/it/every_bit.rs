//! A token with one bit changed is no token, whichever way it goes in: cached, buffered, typed.

use jeton::{Algorithm, Buffer, Claims, Guard, SigningKey, Timestamp, Verifier, base64url};
use serde::Deserialize;

use crate::given;
use crate::given::NOW;

/// Everything that takes a token; each has seen the good one before.
struct Ways {
    verifier: Verifier,
    guard: Guard,
    buffer: Buffer,
}

#[derive(Deserialize)]
struct Borrowed<'b> {
    sub: &'b str,
}

impl Ways {
    fn of(key: &SigningKey, good: &str) -> Self {
        let (verifier, guard) = (given::verifier(key), given::guard(key));
        let mut ways = Self { verifier, guard, buffer: Buffer::new() };
        assert_eq!(ways.open(good, NOW), 4, "the good one");
        ways
    }

    /// How many of them let the token in.
    fn open(&mut self, token: &str, now: Timestamp) -> usize {
        let Self { verifier, guard, buffer } = self;
        let is_borrowed = verifier
            .verify_with::<Borrowed<'_>>(token, now, buffer)
            .is_ok_and(|claims| !claims.sub.is_empty());
        let are_open = [
            verifier.verify::<Claims>(token, now).is_ok(),
            is_borrowed,
            verifier.verify_access_token(token, now).is_ok(),
            guard.check(token, now).is_ok(),
        ];
        are_open.into_iter().filter(|is_open| *is_open).count()
    }
}

/// Every text that differs from this one in a bit.
fn with_a_bit_of_text_flipped(token: &str) -> impl Iterator<Item = String> {
    (0..token.len() * 7).map(|bit| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[bit / 7] ^= 1 << (bit % 7); // and the eighth bit makes no `&str`
        String::from_utf8(bytes).unwrap()
    })
}

/// Every token that stands for bytes that differ from those of this one in a bit.
fn with_a_bit_of_a_part_flipped(token: &str) -> impl Iterator<Item = String> {
    let parts: Vec<&str> = token.split('.').collect();
    (0..3).flat_map(move |changed| {
        let parts = parts.clone();
        let bytes = base64url::decode(parts[changed]).unwrap();
        (0..bytes.len() * 8).map(move |bit| {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let part = base64url::encode(&bytes);
            let mut parts = parts.clone();
            parts[changed] = &part;
            parts.join(".")
        })
    })
}

fn refuses_every_flip(algorithm: Algorithm) {
    let key = given::key(algorithm);
    let good = given::token(&key, &given::claims());
    let mut ways = Ways::of(&key, &good);

    for flipped in with_a_bit_of_text_flipped(&good).chain(with_a_bit_of_a_part_flipped(&good)) {
        assert_eq!(ways.open(&flipped, NOW), 0, "{flipped}");
    }

    assert_eq!(ways.open(&good, NOW), 4);
}

/// V5, V27: of some 5,000 tokens under HMAC, none.
#[test]
fn an_hmac_token_with_a_bit_flipped_gets_in_nowhere() {
    refuses_every_flip(Algorithm::Hs256);
}

/// V5, V27: of some 5,000 tokens under Ed25519, none.
#[test]
fn an_ed25519_token_with_a_bit_flipped_gets_in_nowhere() {
    refuses_every_flip(Algorithm::EdDsa);
}

/// V5: the parts of two good tokens do not make a third.
#[test]
fn parts_of_two_tokens_make_no_token() {
    for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
        let key = given::key(algorithm);
        let [one, other] =
            ["alice", "bob"].map(|subject| given::token(&key, &given::claims_of(subject)));
        let mut ways = Ways::of(&key, &one);
        assert_eq!(ways.open(&other, NOW), 4);
        let [one, other]: [Vec<&str>; 2] = [&one, &other].map(|token| token.split('.').collect());

        for (payload, signature) in [(one[1], other[2]), (other[1], one[2])] {
            let spliced = [one[0], payload, signature].join(".");
            assert_eq!(ways.open(&spliced, NOW), 0, "{algorithm:?}");
        }
    }
}

/// V23: all of them read the same clock.
#[test]
fn every_way_in_closes_at_the_same_second() {
    let key = given::key(Algorithm::Hs256);
    let good = given::token(&key, &given::claims());
    let mut ways = Ways::of(&key, &good);

    for (second, open) in [(-131, 0), (-130, 4), (0, 4), (529, 4), (530, 0), (99_999, 0), (0, 4)] {
        assert_eq!(ways.open(&good, given::at(second)), open, "{second}");
    }
}
