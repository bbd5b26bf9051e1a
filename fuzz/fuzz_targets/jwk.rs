//! JWKs and JWK Sets: any text is read without panic; what is accepted says the same when it is
//! written, and its keys keep their thumbprints.

#![no_main]

use jeton::JwkSet;
use jeton_fuzz::second_parser;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(set) = JwkSet::from_json(text) else { return };

    let members = second_parser::object(data).expect("what serde_json refuses is refused");
    assert!(!second_parser::has_duplicates(data, &members), "duplicate members");
    let written = set.to_json();
    let again = JwkSet::from_json(&written).expect("our own JSON");
    assert_eq!(said(&again), said(&set));
    assert_eq!(again.to_json(), written);
});

/// All there is to know of the keys of a set.
fn said(set: &JwkSet) -> Vec<(Option<String>, &'static str, String, String)> {
    set.keys()
        .map(|(id, key)| {
            let id = id.map(|id| id.as_str().to_owned());
            (id, key.algorithm().name(), key.thumbprint(), key.to_spki_pem())
        })
        .collect()
}
