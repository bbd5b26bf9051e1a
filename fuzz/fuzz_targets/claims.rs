//! Claims behind a good signature: any bytes are read without panic, and accepted claims are the
//! ones that `serde_json` reads in the same bytes, each named once.

#![no_main]

use jeton::{Policy, VerifyError, jws, limits};
use jeton_fuzz::given::{KEY, NOW, verifier};
use jeton_fuzz::second_parser;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let token = jws::sign(&KEY, "at+jwt", payload).expect("HMAC signs anything");
    let any = verifier(Policy::signature_and_time_only());
    let access = verifier(Policy::access_token("https://login.example", "api"));

    let claims = any.verify_claims(&token, NOW);
    if let Ok(access) = access.verify(&token, NOW) {
        assert!(claims.is_ok(), "an access token is a token: {access:?}");
    }

    let object = second_parser::object(payload);
    match (claims, object) {
        (Ok(_), None) => panic!("serde_json refuses what was accepted"),
        (Ok(claims), Some(object)) => {
            assert!(!second_parser::has_duplicates(payload, &object), "duplicate members");
            assert_eq!(*claims.members(), object);
            // A fraction is only read to within one unit of its last binary place.
            if !second_parser::has_fractions(&object) {
                let text = serde_json::to_vec(claims.members()).expect("JSON");
                assert_eq!(
                    second_parser::object(&text),
                    Some(object),
                    "another value when written"
                );
            }
        }
        (Err(VerifyError::Malformed), Some(object)) => {
            let too_much = token.len() > limits::TOKEN
                || second_parser::depth(&object) > limits::JSON_DEPTH
                || second_parser::widest(&object) > limits::JSON_MEMBERS;
            let twice = second_parser::has_duplicates(payload, &object);
            assert!(too_much || twice, "refused without a reason");
        }
        (Err(_), _) => {}
    }
});
