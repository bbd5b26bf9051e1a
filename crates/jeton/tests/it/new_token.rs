//! A token put together claim by claim, and what a signer does not sign.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jeton::limits::Limits;
use jeton::{
    Algorithm, Claims, NewToken, Policy, SecretKey, SignError, Signer, SigningKey, Timestamp,
    Verifier, base64url,
};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::given;
use crate::given::{NOW, at};

fn signed(token: &NewToken) -> Result<String, SignError> {
    Signer::new(given::key(Algorithm::Hs256)).sign_token(token)
}

/// Header and claims as anybody reads them.
fn parts(token: &NewToken) -> (Value, Value) {
    let token = signed(token).unwrap();
    let mut parts = token.split('.').map(|part| {
        serde_json::from_slice(&base64url::decode(part).unwrap_or_default()).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

fn claims(token: &NewToken) -> Value {
    parts(token).1
}

fn header(token: &NewToken) -> Value {
    parts(token).0
}

/// Each under its name, in the form of RFC 7519 section 4.1.
#[test]
fn registered_claims_have_their_names_and_forms() {
    let token = NewToken::new()
        .issuer("i")
        .subject("s")
        .audience("a")
        .token_id("t")
        .issued_at(at(-1))
        .not_before(at(0))
        .expires_at(at(1))
        .claim("roles", &["r", "w"]);

    let expected = json!({
        "iss": "i", "sub": "s", "aud": "a", "jti": "t", "iat": at(-1), "nbf": NOW, "exp": at(1),
        "roles": ["r", "w"],
    });
    assert_eq!(claims(&token), expected);
    assert!(claims(&token)["exp"].is_u64());
    assert_eq!(header(&token), json!({ "alg": "HS256", "kid": "k1", "typ": "JWT" }));
    assert_eq!(claims(&NewToken::new()), json!({}));
    assert_eq!(claims(&NewToken::default()), json!({}));
}

/// None is left out, one is a text, several are an array.
#[test]
fn one_audience_is_a_text_and_several_are_an_array() {
    let one = NewToken::new().audience("a");
    let two = one.clone().audience("b");
    let three = two.clone().audience("a");

    assert_eq!(claims(&one)["aud"], json!("a"));
    assert_eq!(claims(&two)["aud"], json!(["a", "b"]));
    assert_eq!(claims(&three)["aud"], json!(["a", "b", "a"]));
    let restarted = three.claim("aud", "z").audience("y");
    assert_eq!(claims(&restarted)["aud"], json!(["z", "y"]));
    let listed = NewToken::new().claim("aud", &["a"]).audience("b");
    assert_eq!(claims(&listed)["aud"], json!(["a", "b"]));
}

/// Anything that has a JSON form; the last word counts; `null` is a value.
#[test]
fn any_claim_may_be_anything_that_has_a_json_form() {
    let token = NewToken::new()
        .claim("a", &1)
        .claim("a", &2)
        .subject("s")
        .subject("t")
        .claim("b", &())
        .claim("c", &None::<u8>)
        .claim("d", &HashMap::from([("x", 1.5)]))
        .claim("e", &u64::MAX)
        .claim("f", &i64::MIN)
        .claim("g", "\u{1f600}\0\"")
        .claim("", &true);

    let expected = json!({
        "a": 2, "sub": "t", "b": null, "c": null, "d": { "x": 1.5 }, "e": u64::MAX,
        "f": i64::MIN, "g": "\u{1f600}\0\"", "": true,
    });
    assert_eq!(claims(&token), expected);
}

/// `exp` is so much after `iat`; fractions are cut, and time does not wrap.
#[test]
fn a_span_is_counted_from_now() {
    let cases = [
        (NOW, Duration::from_mins(10), at(600)),
        (NOW, Duration::ZERO, NOW),
        (NOW, Duration::from_millis(1_999), at(1)),
        (NOW, Duration::MAX, Timestamp::from_secs(u64::MAX)),
    ];
    for (now, span, expiry) in cases {
        let claims = claims(&NewToken::new().valid_for(now, span));

        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(expiry)), "{span:?}");
    }
}

/// All the claims of a struct or map, to add to; nothing else.
#[test]
fn a_token_starts_from_the_claims_of_a_struct_or_map() {
    #[derive(Serialize)]
    struct Cart {
        sub: &'static str,
        items: [u8; 2],
    }
    let cart = Cart { sub: "a", items: [1, 2] };

    let token = NewToken::from_claims(&cart).unwrap().subject("b").claim("x", &1);
    assert_eq!(claims(&token), json!({ "sub": "b", "items": [1, 2], "x": 1 }));
    assert_eq!(header(&token)["typ"], "JWT");
    let map = BTreeMap::from([("k", 1)]);
    assert_eq!(claims(&NewToken::from_claims(&map).unwrap()), json!({ "k": 1 }));
    for other in [json!([]), json!("a"), json!(1), json!(null), json!(true)] {
        assert_eq!(NewToken::from_claims(&other).unwrap_err(), SignError::Claims, "{other}");
    }
    assert_eq!(NewToken::from_claims(&NoJson).unwrap_err(), SignError::Claims);
}

/// What has no JSON form.
struct NoJson;

impl Serialize for NoJson {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("secret"))
    }
}

/// The first thing that could not be taken is told, and nothing is signed without it.
#[test]
fn a_token_with_a_part_missing_is_not_signed() {
    let failed = NewToken::new().claim("x", &NoJson).header_parameter("y", &NoJson);

    assert_eq!(signed(&failed).unwrap_err(), SignError::Claims);
    let failed = NewToken::new().header_parameter("y", &NoJson).claim("x", &NoJson).claim("x", &1);
    assert_eq!(signed(&failed).unwrap_err(), SignError::Header);
    let numbered: HashMap<Vec<u8>, u8> = HashMap::from([(vec![1], 1)]);
    assert_eq!(
        signed(&NewToken::new().claim("x", &numbered)).unwrap_err(),
        SignError::Claims,
        "names are texts"
    );
}

/// V13: parameters of one's own, but none that are the key's, nor any a verifier would refuse.
#[test]
fn a_header_has_what_every_verifier_reads() {
    let with = |name, value: Value| NewToken::new().header_parameter(name, &value);
    let taken = with("cty", json!("example")).header_parameter("x", &json!({ "y": [1] }));
    let expected = json!({
        "alg": "HS256", "kid": "k1", "typ": "JWT", "cty": "example", "x": { "y": [1] },
    });
    assert_eq!(header(&taken), expected);
    let critical = with("crit", json!(["exp"])).header_parameter("exp", &1);
    assert_eq!(header(&critical)["crit"], json!(["exp"]));

    let refused = [
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("kid", json!("k1")),
        ("b64", json!(true)),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("typ", json!(1)),
        ("typ", json!(null)),
        ("cty", json!(["JWT"])),
        ("crit", json!([])),
        ("crit", json!(["x"])),
        ("crit", json!(["alg"])),
        ("crit", json!("x")),
        ("x", json!("y".repeat(1_024))),
        ("x", (0..17).fold(json!(1), |inner, _| json!([inner]))),
        ("x", (0..65).map(|i| (format!("m{i}"), json!(i))).collect()),
    ];
    for (name, value) in refused {
        let refused = signed(&with(name, value.clone())).unwrap_err();

        assert_eq!(refused, SignError::Header, "{name}: {value}");
    }
}

/// `typ` is what it is told, and the key names itself, if it has a name.
#[test]
fn a_media_type_is_what_it_is_told() {
    let token = NewToken::new().media_type("dpop+jwt");
    assert_eq!(header(&token)["typ"], "dpop+jwt");
    assert_eq!(header(&token.media_type("JWT"))["typ"], "JWT");

    let nameless = SigningKey::secret(SecretKey::generate(Algorithm::Hs512).unwrap());
    let signed = Signer::new(nameless).sign_token(&NewToken::new()).unwrap();
    assert!(signed.starts_with("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.e30."), "{signed}");
}

/// I11: whatever is signed within limits is read by a verifier with the same.
#[test]
fn what_is_signed_is_read_within_the_same_limits() {
    let key = given::key(Algorithm::Hs256);
    let long = "y".repeat(2_000);
    let wide: Value = (0..100).map(|i| (format!("m{i}"), json!(i))).collect();
    let tokens = [
        NewToken::new(),
        NewToken::new().claim("x", &"y".repeat(9_000)),
        NewToken::new().claim("x", &long).header_parameter("x", &long),
        NewToken::new().media_type(&long),
        NewToken::new().media_type(&"y".repeat(50)),
        NewToken::new().claim("x", &wide),
        NewToken::new().header_parameter("x", &wide),
    ];
    let widest = Limits::DEFAULT.with_token(1 << 16).with_header(1 << 15).with_members(100);
    let limits = [
        Limits::DEFAULT,
        Limits::DEFAULT.with_header(50),
        Limits::DEFAULT.with_header(4_096),
        Limits::DEFAULT.with_header(4_096).with_members(100),
        Limits::DEFAULT.with_members(3),
        Limits::DEFAULT.with_token(100),
        Limits::DEFAULT.with_token(1 << 16).with_depth(1),
        widest,
    ];
    for limits in limits {
        let signer = Signer::new(key.clone()).with_limits(limits);
        let policy = Policy::signature_and_time_only();
        let verifier = Verifier::new(given::keys(&key), policy).with_limits(limits);
        let mut written = tokens.each_ref().map(|token| signer.sign_token(token)).to_vec();
        written.push(signer.sign("JWT", &json!({})));
        written.push(signer.sign(&long, &json!({})));
        for (i, token) in written.into_iter().enumerate() {
            let read = token.as_ref().map(|token| verifier.verify::<Claims>(token, NOW).is_ok());

            assert!(matches!(read, Ok(true) | Err(_)), "{i} of {limits:?}");
        }
        let are_all_signed = tokens.iter().all(|token| signer.sign_token(token).is_ok());
        assert_eq!(are_all_signed, limits == widest, "{limits:?}");
    }
}
