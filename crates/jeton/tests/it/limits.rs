//! Everything has a limit, and it is looked at before any work is done.

use jeton::jws::Compact;
use jeton::limits::{self, Limits};
use jeton::{
    Algorithm, Buffer, Claims, Policy, Signer, Verifier, VerifyError, decode_without_verifying, jws,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

const REFUSED: Option<VerifyError> = Some(VerifyError::Malformed);

fn verifier(pen: &Pen, limits: Limits) -> Verifier {
    let policy = Policy::signature_and_time_only();
    Verifier::new(given::keys(pen.key()), policy).with_limits(limits)
}

/// What becomes of a token, by every way in.
fn refusal(verifier: &Verifier, token: &str) -> Option<VerifyError> {
    let refused = verifier.verify::<Claims>(token, NOW).err();
    let mut buffer = Buffer::new();
    let with_buffer = verifier.verify_with::<Value>(token, NOW, &mut buffer).err();
    assert_eq!(refused, with_buffer);
    refused
}

/// V24: the numbers that the documentation gives.
#[test]
fn the_limits_that_hold_unless_told_otherwise() {
    let spelled_out =
        Limits::DEFAULT.with_token(8_192).with_header(1_024).with_depth(16).with_members(64);

    assert_eq!(Limits::default(), spelled_out);
    assert_eq!((limits::TOKEN, limits::HEADER), (8_192, 1_024));
    assert_eq!((limits::JSON_DEPTH, limits::JSON_MEMBERS), (16, 64));
}

/// V24: to the byte, below the default and above it, for claims and bare payloads.
#[test]
fn a_token_is_as_long_as_its_limit() {
    let pen = Pen::new(Algorithm::Hs256);
    for payload in [0, 1, 2, 500, 5_000, 70_000] {
        let claims = json!({ "x": "y".repeat(payload) }).to_string();
        let token = pen.write(pen.header().to_string(), claims);
        for (limit, refused) in
            [(token.len() - 1, REFUSED), (token.len(), None), (token.len() + 1, None)]
        {
            let verifier = verifier(&pen, Limits::DEFAULT.with_token(limit));

            assert_eq!(refusal(&verifier, &token), refused, "{} of {limit}", token.len());
            assert_eq!(verifier.verify_payload(&token).err(), refused);
        }
    }
}

/// V24: to the byte, whatever base64url makes of it; and the payload may be longer.
#[test]
fn a_header_is_as_long_as_its_limit() {
    let pen = Pen::new(Algorithm::Hs256);
    for padding in [0, 1, 2, 3, 900, 3_000] {
        let mut header = pen.header();
        header["x"] = json!("y".repeat(padding));
        let header = header.to_string();
        let token = pen.write(&header, json!({ "x": "y".repeat(2_000) }).to_string());
        for (limit, refused) in
            [(header.len() - 1, REFUSED), (header.len(), None), (header.len() + 1, None)]
        {
            let verifier = verifier(&pen, Limits::DEFAULT.with_header(limit));

            assert_eq!(refusal(&verifier, &token), refused, "{} of {limit}", header.len());
            assert_eq!(verifier.verify_payload(&token).err(), refused);
        }
    }
}

fn nested(levels: usize) -> Value {
    (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
}

/// V24: of the header and of the claims, each by itself; 120 at most, whatever is asked for.
#[test]
fn nesting_is_as_deep_as_its_limit() {
    let pen = Pen::new(Algorithm::Hs256);
    let cases = [(1, 1), (2, 2), (16, 16), (100, 100), (120, 120), (121, 120), (usize::MAX, 120)];
    for (asked, granted) in cases {
        let limits = Limits::DEFAULT.with_depth(asked);
        for (levels, refused) in [(granted, None), (granted + 1, REFUSED)] {
            let deep = nested(levels);
            let in_claims = pen.write(pen.header().to_string(), deep.to_string());
            let mut header = pen.header();
            if levels > 1 {
                header["a"] = nested(levels - 1);
            }
            let in_header = pen.write(header.to_string(), "{}");

            let verifier = verifier(&pen, limits);
            assert_eq!(refusal(&verifier, &in_claims), refused, "{levels} of {asked}");
            assert_eq!(refusal(&verifier, &in_header), refused, "{levels} of {asked}");
            if refused.is_none() {
                assert_eq!(verifier.verify::<Value>(&in_claims, NOW).unwrap(), deep);
            }
        }
    }
}

/// V24: of the header, of the claims, and of every object inside.
#[test]
fn members_are_as_many_as_their_limit() {
    let pen = Pen::new(Algorithm::Hs256);
    let wide = |members: usize| (0..members).map(|i| (format!("m{i}"), json!(i))).collect();
    for limit in [4, 24, 25, 64, 2_000] {
        let limits = Limits::DEFAULT.with_members(limit).with_token(1 << 20).with_header(1 << 16);
        let verifier = verifier(&pen, limits);
        for (members, refused) in [(limit, None), (limit + 1, REFUSED)] {
            let object = Value::Object(wide(members));
            let mut header = pen.header();
            header.as_object_mut().unwrap().extend(wide(members - 3));
            let header = header.to_string();
            let tokens = [
                pen.write(pen.header().to_string(), object.to_string()),
                pen.write(pen.header().to_string(), json!({ "a": [object] }).to_string()),
                pen.write(header, "{}"),
            ];
            for token in tokens {
                assert_eq!(refusal(&verifier, &token), refused, "{members} of {limit}");
            }
        }
    }
}

/// V24: what is absurd is not undefined.
#[test]
fn limits_at_either_end_hold() {
    let pen = Pen::new(Algorithm::Hs256);
    let token = pen.write_under(&pen.header());
    let most = Limits::DEFAULT
        .with_token(usize::MAX)
        .with_header(usize::MAX)
        .with_depth(usize::MAX)
        .with_members(usize::MAX);
    let least = [
        most.with_token(0),
        most.with_header(0),
        most.with_header(1),
        most.with_depth(0),
        most.with_members(0),
    ];

    assert_eq!(refusal(&verifier(&pen, most), &token), None);
    for limits in least {
        assert_eq!(refusal(&verifier(&pen, limits), &token), REFUSED, "{limits:?}");
        assert_eq!(refusal(&verifier(&pen, limits), ""), REFUSED, "{limits:?}");
    }
}

/// V24: those who do not say read within the defaults.
#[test]
fn the_defaults_hold_wherever_no_limits_are_given() {
    let pen = Pen::new(Algorithm::Hs256);
    let wide: Value = (0..65).map(|i| (format!("m{i}"), json!(1))).collect();
    let header = pen.header().to_string();
    let within = pen.write(&header, json!({ "x": "y".repeat(5_000) }).to_string());
    let beyond = [
        pen.write(&header, json!({ "x": "y".repeat(8_000) }).to_string()),
        pen.write(&header, wide.to_string()),
        pen.write(&header, nested(17).to_string()),
    ];
    let policy = Policy::signature_and_time_only();
    let accept = |token: &str| {
        let verified = Compact::parse(token)?.verify(&pen.key().verifying_key())?;
        policy.accept(&verified, NOW).map(|_| ())
    };

    assert_eq!(accept(&within), Ok(()));
    assert!(decode_without_verifying(&within).is_ok());
    for token in beyond {
        assert_eq!(accept(&token).err(), REFUSED);
        assert_eq!(decode_without_verifying(&token).err(), REFUSED);
    }
}

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

/// V24, A13: length comes first, so the longest token costs the least.
#[test]
fn a_token_over_the_limits_is_refused_without_allocating() {
    let pen = Pen::new(Algorithm::Hs256);
    let good = pen.write_under(&pen.header());
    let guard = given::guard(pen.key());
    assert!(guard.check(&good, NOW).is_ok(), "and what a thread needs once is there");
    let verifier = given::verifier(pen.key());
    let long = [
        format!("{}{good}", "A".repeat(1 << 20)),
        format!("{good}{}", "A".repeat(1 << 20)),
        format!("{good}{}", ".".repeat(1 << 20)),
        "A".repeat(limits::TOKEN + 1),
        // Within the limit of tokens, over that of headers.
        format!("{}.e30.AAAA", "A".repeat(limits::HEADER * 4 / 3 + 2)),
    ];
    for token in &long {
        let mut buffer = Buffer::new();
        let allocated = allocations(|| {
            assert_eq!(verifier.verify::<Claims>(token, NOW).err(), REFUSED);
            assert!(verifier.verify_with::<Claims>(token, NOW, &mut buffer).is_err());
            assert!(verifier.verify_access_token(token, NOW).is_err());
            assert!(verifier.verify_payload(token).is_err());
            assert!(guard.check(token, NOW).is_err());
            assert!(Compact::parse(token).is_err());
        });

        assert_eq!(allocated, 0, "{} bytes", token.len());
    }
}

/// What [`Verifier::verify_with`] promises of a buffer that is used again.
#[test]
fn borrowed_claims_are_read_without_allocating() {
    #[derive(Deserialize)]
    struct Borrowed<'b> {
        sub: &'b str,
        exp: u64,
    }
    for algorithm in [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa] {
        let key = given::key(algorithm);
        let verifier = given::verifier(&key);
        let token = jws::sign(&key, "at+jwt", given::claims().to_string().as_bytes()).unwrap();
        let mut buffer = Buffer::new();
        assert!(verifier.verify_with::<Borrowed<'_>>(&token, NOW, &mut buffer).is_ok());

        let allocated = allocations(|| {
            let read = verifier.verify_with::<Borrowed<'_>>(&token, NOW, &mut buffer).unwrap();
            assert!(read.sub == "alice" && read.exp == given::at(500).as_secs());
        });

        assert_eq!(allocated, 0, "{algorithm:?}");
    }
}

/// V24: a guard has the limits it was given, also after a rotation of its keys.
#[test]
fn a_guard_keeps_its_limits_when_its_keys_change() {
    let key = given::key(Algorithm::Hs256);
    let limits = Limits::default().with_token(32 * 1024);
    let claims = given::claims_with("note", json!("x".repeat(10_000)));
    let token = Signer::new(key.clone()).with_limits(limits).sign("at+jwt", &claims).unwrap();
    let guard = given::guard(&key);
    assert_eq!(guard.check(&token, NOW).unwrap_err(), VerifyError::Malformed.into());

    let guard = guard.with_limits(limits);
    assert!(guard.check(&token, NOW).is_ok());
    guard.set_keys(given::keys(&key));

    assert!(guard.check(&token, NOW).is_ok());
}
