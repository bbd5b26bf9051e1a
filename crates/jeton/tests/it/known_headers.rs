//! A verifier remembers headers that it has accepted. That is a saving, never a pass.

use std::sync::Barrier;
use std::thread;

use jeton::limits::Limits;
use jeton::{Algorithm, Buffer, Claims, KeySet, Policy, SecretKey, SigningKey, Verifier};
use jeton::{VerifyError, jws};
use serde_json::{Value, json};

use VerifyError::{BadSignature, ClaimRefused, Expired, Malformed, UnknownKey, WrongType};

use crate::given;
use crate::given::{NOW, at};
use crate::pen::Pen;

fn verdict(verifier: &Verifier, token: &str) -> Option<VerifyError> {
    verifier.verify::<Claims>(token, NOW).err()
}

/// A verifier that has accepted a token under the header of this pen.
fn verifier_that_knows(pen: &Pen) -> Verifier {
    let verifier = given::verifier(pen.key());
    assert_eq!(verdict(&verifier, &pen.write_under(&pen.header())), None);
    verifier
}

/// V5, V25: everything behind a known header is checked as ever.
#[test]
fn a_known_header_excuses_nothing_behind_it() {
    let pen = Pen::new(Algorithm::Es256);
    let stranger = Pen::new(Algorithm::Es256);
    let verifier = verifier_that_knows(&pen);
    let header = pen.header().to_string();
    let good = pen.write_under(&pen.header());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (encoded, payload) = input.split_once('.').unwrap();
    let with =
        |claim, value: Value| pen.write(&header, given::claims_with(claim, value).to_string());
    let cases = [
        ("another's signature", stranger.write_under(&pen.header()), BadSignature),
        ("no signature", format!("{input}."), BadSignature),
        ("another payload", format!("{encoded}.e30.{signature}"), BadSignature),
        ("no payload", format!("{encoded}..{signature}"), BadSignature),
        ("a signature that is no base64", format!("{input}.!"), Malformed),
        ("a signature of an impossible length", format!("{input}.AAAAA"), Malformed),
        ("a fourth part", format!("{input}.AA.{signature}"), Malformed),
        ("a fourth part, signed", pen.sign(&format!("{encoded}.{payload}.e30")), Malformed),
        ("a payload that is no base64, signed", pen.sign(&format!("{encoded}.e30=")), Malformed),
        ("a payload that is no object", pen.write(&header, "[]"), Malformed),
        ("expired", with("exp", json!(at(-99))), Expired),
        ("another audience", with("aud", json!("x")), ClaimRefused("aud")),
        ("the header cut", format!("{}.{payload}.{signature}", &encoded[1..]), Malformed),
        ("the header in front", format!("{encoded}.{good}"), Malformed),
        ("only the header", encoded.to_owned(), Malformed),
    ];
    for (name, token, refused) in cases {
        for _ in 0..2 {
            assert_eq!(verdict(&verifier, &token), Some(refused), "{name}");
            let access = verifier.verify_access_token(&token, NOW).unwrap_err();
            assert_eq!(access, refused, "{name}");
        }
        assert_eq!(verdict(&verifier, &good), None);
    }
}

/// V20: a header that was refused is refused again, whoever signed it.
#[test]
fn a_header_of_another_type_is_never_remembered() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = verifier_that_knows(&pen);
    let refused_headers = [
        (json!({ "typ": "JWT" }), WrongType),
        (json!({ "typ": "rt+jwt" }), WrongType),
        (json!({ "cty": "JWT" }), Malformed),
        (json!({ "crit": ["x"], "x": 1 }), Malformed),
        (json!({ "kid": "k2" }), UnknownKey),
        (json!({ "alg": "HS512" }), UnknownKey),
    ];
    for (changes, refused) in refused_headers {
        let mut header = pen.header();
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        for _ in 0..3 {
            assert_eq!(verdict(&verifier, &pen.write_under(&header)), Some(refused), "{header}");
        }
    }
}

/// V27, A7: another verifier has its own policy, keys and limits, also where it is a copy of one
/// that knows the header.
#[test]
fn a_header_is_known_to_one_verifier_alone() {
    let pen = Pen::new(Algorithm::Hs256);
    let known = verifier_that_knows(&pen);
    let mut padded = pen.header();
    padded["x"] = json!({ "y": ["z".repeat(100)] });
    let token = pen.write_under(&padded);
    assert_eq!(verdict(&known, &token), None);

    let strict = [
        ("header", Limits::DEFAULT.with_header(100)),
        ("depth", Limits::DEFAULT.with_depth(2)),
        ("members", Limits::DEFAULT.with_members(3)),
        ("token", Limits::DEFAULT.with_token(100)),
    ];
    for (limit, limits) in strict {
        assert_eq!(verdict(&known.clone().with_limits(limits), &token), Some(Malformed), "{limit}");
    }
    let keys = given::keys(pen.key());
    let typed = Verifier::new(keys, Policy::signature_and_time_only().with_type("x"));
    assert_eq!(verdict(&typed, &token), Some(WrongType));
    let elsewhere = Verifier::new(KeySet::default(), given::policy());
    assert_eq!(verdict(&elsewhere, &token), Some(UnknownKey));
    assert_eq!(verdict(&known.clone(), &token), None);
}

/// V24: there is room for a few headers; the others are read each time, to the same end.
#[test]
fn more_headers_than_there_is_room_for_are_all_judged_alike() {
    let pen = Pen::new(Algorithm::Hs256);
    let stranger = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let headers: Vec<Value> = (0..40)
        .map(|n| {
            let mut header = pen.header();
            header["n"] = json!(n);
            header
        })
        .collect();

    for _ in 0..3 {
        for header in &headers {
            let mut other = header.clone();
            other["typ"] = json!("JWT");
            assert_eq!(verdict(&verifier, &pen.write_under(header)), None);
            assert_eq!(verdict(&verifier, &stranger.write_under(header)), Some(BadSignature));
            assert_eq!(verdict(&verifier, &pen.write_under(&other)), Some(WrongType));
        }
    }
}

/// In a rolling set one header is the header of several keys, of which one is named by none.
#[test]
fn one_header_may_be_of_any_key_of_a_rolling_set() {
    let [first, second, gone] =
        [(); 3].map(|()| SigningKey::secret(SecretKey::generate(Algorithm::Hs256).unwrap()));
    let keys = KeySet::rolling([first.verifying_key(), second.verifying_key()]).unwrap();
    let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    let token = |key: &SigningKey, claims: &str| jws::sign(key, "JWT", claims.as_bytes()).unwrap();
    let mut buffer = Buffer::new();

    for round in 0..3 {
        for (key, refused) in [(&second, None), (&gone, Some(BadSignature)), (&first, None)] {
            let claims = format!(r#"{{"round":{round}}}"#);
            let read: Result<Value, _> =
                verifier.verify_with(&token(key, &claims), NOW, &mut buffer);

            assert_eq!(read.as_ref().err(), refused.as_ref());
            assert!(refused.is_some() || read.unwrap()["round"] == round);
        }
    }
}

/// Threads that see different headers for the first time at once see no other's.
#[test]
fn threads_do_not_mix_headers_up() {
    const THREADS: usize = 8;
    let keys: Vec<Pen> =
        [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512, Algorithm::Es256, Algorithm::EdDsa]
            .map(Pen::new)
            .into();
    let set = || KeySet::new(keys.iter().map(|pen| pen.key().verifying_key())).unwrap();
    let tokens: Vec<(String, Option<VerifyError>, String)> = keys
        .iter()
        .enumerate()
        .flat_map(|(i, pen)| {
            let sub = format!("subject-{i}");
            let claims = given::claims_of(&sub).to_string();
            let good = pen.write(pen.header().to_string(), &claims);
            let mut other = pen.header();
            other["typ"] = json!("JWT");
            let forged = good.replace(&good[good.len() - 20..], "AAAAAAAAAAAAAAAAAAAA");
            [
                (good, None, sub.clone()),
                (forged, Some(BadSignature), sub.clone()),
                (pen.write(other.to_string(), &claims), Some(WrongType), sub),
            ]
        })
        .collect();

    for _ in 0..10 {
        let verifier = Verifier::new(set(), given::policy());
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (verifier, start, tokens) = (&verifier, &start, &tokens);
                scope.spawn(move || {
                    start.wait();
                    for i in 0..tokens.len() * 3 {
                        let (token, refused, sub) = &tokens[(i + thread * 4) % tokens.len()];
                        let read = verifier.verify_access_token(token, NOW);
                        assert_eq!(read.as_ref().err(), refused.as_ref());
                        assert!(read.is_err() || read.unwrap().subject == *sub);
                    }
                });
            }
        });
    }
}
