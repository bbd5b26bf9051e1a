//! Tokens that lost something on their way: refused everywhere, and nobody's session suffers.

use crate::answer::{Answer, Tokens};
use crate::forge::{ACCESS_DOORS, Door, REFRESH_DOORS, assert_unharmed};
use crate::setup::Setup;

/// R10, B12: cut to any length, at every door. Of `Bearer` without anything, the test of transports
/// knows.
#[test]
fn a_token_cut_short_is_refused_and_harms_nobody() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    for (token, doors) in tokens_and_doors(&tokens) {
        for length in 1..token.len() {
            for (door, present) in doors {
                let answer = present(http, &token[..length]);

                assert_damaged(&answer, &format!("cut to {length} at {door}"));
            }
        }
    }

    assert_unharmed(http, &tokens);
}

/// V5, V12: with any letter one bit off, at one door after the other.
#[test]
fn a_token_changed_anywhere_is_refused_and_harms_nobody() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    for (token, doors) in tokens_and_doors(&tokens) {
        for (place, (door, present)) in (0..token.len()).zip(doors.iter().cycle()) {
            let answer = present(http, &changed_at(token, place));

            assert_damaged(&answer, &format!("changed at {place} at {door}"));
        }
    }

    assert_unharmed(http, &tokens);
}

fn tokens_and_doors(tokens: &Tokens) -> [(&str, &'static [(&'static str, Door)]); 2] {
    [(&tokens.access, &ACCESS_DOORS), (&tokens.refresh, &REFRESH_DOORS)]
}

/// What it is refused as depends on where it was damaged.
#[track_caller]
fn assert_damaged(answer: &Answer, case: &str) {
    let codes = ["token_malformed", "signature_invalid", "key_unknown", "claim_refused"];
    let code = answer.code();
    assert!(codes.contains(&&*code), "{case}: {answer:?}");
    answer.assert_refused(401, &code, case);
}

/// The token with the last bit of this letter flipped; for a dot, a letter.
fn changed_at(token: &str, place: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = token.as_bytes().to_vec();
    let letter = LETTERS.iter().position(|letter| *letter == bytes[place]);
    bytes[place] = LETTERS[letter.map_or(0, |letter| letter ^ 1)];
    String::from_utf8(bytes).unwrap()
}
