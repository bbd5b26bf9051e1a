//! `/.well-known/oauth-authorization-server`: what a client finds out by itself (RFC 8414).

use serde_json::json;

use crate::setup::Setup;

const PATH: &str = "/.well-known/oauth-authorization-server";

/// M1, M2, M3, M4: what there is, and nothing that there is not.
#[test]
fn metadata_says_what_there_is_and_where() {
    let setup = Setup::empty().with("ISSUER", "https://login.example");
    let service = setup.start();

    let answer = service.http.get(PATH).send();

    let secrets = ["client_secret_basic", "client_secret_post"];
    let expected = json!({
        "issuer": "https://login.example",
        "token_endpoint": "https://login.example/oauth2/token",
        "jwks_uri": "https://login.example/.well-known/jwks.json",
        "revocation_endpoint": "https://login.example/oauth2/revoke",
        "introspection_endpoint": "https://login.example/oauth2/introspect",
        "scopes_supported":
            ["revocations:read", "tokens:introspect", "sessions:manage", "sessions:revoke-all"],
        "response_types_supported": ["none"],
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": secrets,
        "revocation_endpoint_auth_methods_supported": secrets,
        "introspection_endpoint_auth_methods_supported": [secrets[0], secrets[1], "Bearer"],
        "introspection_signing_alg_values_supported": ["ES256"],
    });
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    for (name, value) in answer.json().as_object().unwrap() {
        assert_ne!(*value, json!([]), "{name}");
        assert!(!name.ends_with("_alg_values_supported") || !value.to_string().contains("none"));
    }
}

/// M1: with the path of the issuer behind it, and with no other.
#[test]
fn the_path_of_the_issuer_comes_behind() {
    let cases = [
        ("https://h/t1", "/t1", "https://h/t1/oauth2/token"),
        ("https://h/a/b/", "/a/b", "https://h/a/b/oauth2/token"),
        ("https://h/", "", "https://h/oauth2/token"),
    ];
    for (issuer, path, endpoint) in cases {
        let setup = Setup::empty().with("ISSUER", issuer).with("TOKENS__ALGORITHM", "HS256");
        let service = setup.start();

        let found = service.http.get(&format!("{PATH}{path}")).send().json();

        assert_eq!(
            (&found["issuer"], &found["token_endpoint"]),
            (&json!(issuer), &json!(endpoint))
        );
        assert_eq!(found["introspection_signing_alg_values_supported"], json!(["HS256"]));
        assert_eq!(service.http.get(PATH).send().json(), found);
        for wrong in ["/t2", "/t1/x", "/T1", "/t1/", "/a", "//", "/%2e%2e"] {
            let answer = service.http.get(&format!("{PATH}{wrong}")).send();
            answer.assert_refused(404, "not_found", &format!("{issuer} {wrong}"));
        }
    }
}

/// M2: each endpoint that is said to be there is there.
#[test]
fn every_endpoint_is_where_it_is_said_to_be() {
    let setup = Setup::empty();
    let service = setup.start();
    let found = service.http.get(PATH).send().json();
    let issuer = found["issuer"].as_str().unwrap();

    for name in ["token_endpoint", "revocation_endpoint", "introspection_endpoint"] {
        let path = found[name].as_str().unwrap().strip_prefix(issuer).unwrap();
        let answer = service.http.post(path).form(&[]).send();
        answer.assert_oauth_error(401, "invalid_client", name);
    }
    let jwks = found["jwks_uri"].as_str().unwrap().strip_prefix(issuer).unwrap();
    assert_eq!(service.http.get(jwks).send().status, 200);
}
