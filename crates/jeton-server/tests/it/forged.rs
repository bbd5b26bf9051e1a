//! Tokens that the service has not issued, or not like this. Each is refused with its code, and none
//! changes anything: a forged token that names a session must not end it.

use aws_lc_rs::hmac;
use jeton::{JwkSet, base64url};
use serde_json::json;

use crate::client::Client;
use crate::forge::{ACCESS_DOORS, Insider, Parts, REFRESH_DOORS, assert_unharmed};
use crate::setup::Setup;

const CLAIM: &str = "claim_refused";
const EXPIRED: &str = "token_expired";
const EARLY: &str = "token_not_yet_valid";
const KEY: &str = "key_unknown";
const SHAPE: &str = "token_malformed";
const SIGNATURE: &str = "signature_invalid";

/// V1, V3, V11, V20, V21, R11, F18, W1, B20: somebody without our keys, at every door.
#[test]
fn a_forged_access_token_is_refused_with_its_code_and_harms_nobody() {
    let (setup, other) = (Setup::new(), Setup::new());
    let (service, foreign) = (setup.start(), other.start());
    let http = &service.http;
    let (tokens, strange) = (http.login().tokens(), foreign.http.login().tokens());
    let (ours, theirs) = (Parts::of(&tokens.access), Parts::of(&strange.access));
    let kid = ours.header["kid"].as_str().unwrap();

    let unsigned = ours.signature("");
    let cases = [
        ("no algorithm", unsigned.header("alg", "none").token(), KEY),
        ("no algorithm, in capitals", unsigned.header("alg", "NONE").token(), KEY),
        ("no algorithm, but signed", ours.header("alg", "none").token(), KEY),
        ("our public key as a secret", confused(http, &ours), KEY),
        ("no signature", unsigned.token(), SIGNATURE),
        ("another token's signature", ours.signature(&theirs.signature).token(), SIGNATURE),
        ("another subject", ours.claim("sub", "root").token(), SIGNATURE),
        ("a longer life", ours.claim("exp", 9_999_999_999_u64).token(), SIGNATURE),
        ("another service's", strange.access, KEY),
        ("another service's under our kid", theirs.header("kid", kid).token(), SIGNATURE),
        ("another service's refresh token", strange.refresh, KEY),
        ("our refresh token", tokens.refresh.clone(), KEY),
        ("two tokens in one", format!("{0}.{0}", tokens.access), SHAPE),
        ("a letter more", format!("{}A", tokens.access), SIGNATURE),
        ("padded", format!("{}=", tokens.access), SHAPE),
        ("not a token", "hello".to_owned(), SHAPE),
        ("very long", "A".repeat(9_000), SHAPE),
    ];
    for (name, token, code) in cases {
        for (door, present) in ACCESS_DOORS {
            let answer = present(http, &token);

            answer.assert_refused(401, code, &format!("{name} at {door}"));
            let challenge = answer.header("www-authenticate");
            assert!(challenge.ends_with(r#"error="invalid_token""#), "{name}: {challenge}");
        }
    }
    assert_unharmed(http, &tokens);
}

/// V17, V18, V20, V22, V23: a genuine signature is not enough.
#[test]
fn an_access_token_that_we_have_signed_for_something_else_is_refused() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let (ours, insider) = (Parts::of(&tokens.access), Insider::of(&setup));
    let now = ours.claims["iat"].as_u64().unwrap();
    let expired = ours.claim("iat", now - 600).claim("exp", now - 60);

    let cases = [
        ("another issuer", ours.claim("iss", "http://localhost:8080/"), CLAIM),
        ("another audience", ours.claim("aud", "ap"), CLAIM),
        ("for nobody", ours.claim("aud", json!([])), CLAIM),
        ("expired", expired, EXPIRED),
        ("for ever", ours.without("exp"), CLAIM),
        ("for a day", ours.claim("exp", now + 86_400), CLAIM),
        ("expiry as text", ours.claim("exp", "9999999999"), CLAIM),
        ("too early", ours.claim("nbf", now + 3_600), EARLY),
        ("from the future", ours.claim("iat", now + 300), CLAIM),
        ("without a subject", ours.without("sub"), CLAIM),
        ("subject as a number", ours.claim("sub", 7), CLAIM),
        ("without a name", ours.without("jti"), CLAIM),
        ("no name of a session", ours.claim("sid", "7"), CLAIM),
    ];
    let mut tokens_and_codes = vec![
        ("another type", insider.access("JWT", &ours), CLAIM),
        ("type of a refresh token", insider.access("rt+jwt", &ours), CLAIM),
        ("under the refresh key", insider.refresh("at+jwt", &ours), KEY),
    ];
    let sign = |(name, parts, code)| (name, insider.access("at+jwt", &parts), code);
    tokens_and_codes.extend(cases.map(sign));
    for (name, token, code) in tokens_and_codes {
        for (door, present) in ACCESS_DOORS {
            present(http, &token).assert_refused(401, code, &format!("{name} at {door}"));
        }
    }
    assert_unharmed(http, &tokens);
}

/// R8, R11, INV7: only a token that was once genuine can end a session.
#[test]
fn a_forged_refresh_token_is_refused_with_its_code_and_harms_nobody() {
    let (setup, other) = (Setup::new(), Setup::new());
    let (service, foreign) = (setup.start(), other.start());
    let http = &service.http;
    let login = http.login().tokens();
    let tokens = http.refresh(&http.refresh(&login.refresh).tokens().refresh).tokens();
    let strange = foreign.http.login().tokens();
    let (ours, theirs) = (Parts::of(&tokens.refresh), Parts::of(&strange.refresh));
    let (kid, sid) = (&ours.header["kid"], &theirs.claims["sid"]);
    let insider = Insider::of(&setup);
    let signed = |parts: Parts| insider.refresh("rt+jwt", &parts);
    let expired = ours.claim("exp", 1_700_000_000).claim("gen", 0);

    let cases = [
        ("no algorithm", ours.header("alg", "none").signature("").token(), KEY),
        ("spent, but not signed", ours.claim("gen", 0).token(), SIGNATURE),
        ("ahead, but not signed", ours.claim("gen", 9).token(), SIGNATURE),
        ("no signature", ours.signature("").token(), SIGNATURE),
        ("another service's", strange.refresh, KEY),
        ("another service's under our kid", theirs.header("kid", kid.clone()).token(), SIGNATURE),
        ("our access token", tokens.access.clone(), KEY),
        ("a letter more", format!("{}A", tokens.refresh), SIGNATURE),
        ("nothing", String::new(), SHAPE),
        ("the session's name", tokens.session.clone(), SHAPE),
        // What follows has a genuine signature.
        ("under the access key", insider.access("rt+jwt", &ours), KEY),
        ("type of an access token", insider.refresh("at+jwt", &ours), CLAIM),
        ("for the API", signed(ours.claim("aud", "api")), CLAIM),
        ("another issuer", signed(ours.claim("iss", "https://evil.example")), CLAIM),
        ("somebody else's session", signed(ours.claim("sid", sid.clone())), CLAIM),
        ("no session", signed(ours.without("sid")), CLAIM),
        ("generation as text", signed(ours.claim("gen", "0")), CLAIM),
        ("generation below none", signed(ours.claim("gen", -1)), CLAIM),
        ("spent and expired", signed(expired), EXPIRED),
    ];
    for (name, token, code) in cases {
        for (door, present) in REFRESH_DOORS {
            present(http, &token).assert_refused(401, code, &format!("{name} at {door}"));
        }
    }
    assert_unharmed(http, &tokens);
}

/// Signed with HS256, our public key for a secret (CVE-2015-9235).
fn confused(http: &Client, ours: &Parts) -> String {
    let jwks = http.get("/.well-known/jwks.json").send().text;
    let jwks = JwkSet::from_json(&jwks).unwrap();
    let pem = jwks.keys().next().unwrap().1.to_pem();
    let forged = ours.header("alg", "HS256");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, pem.as_bytes());
    let tag = hmac::sign(&secret, forged.signing_input().as_bytes());
    forged.signature(&base64url::encode(tag.as_ref())).token()
}
