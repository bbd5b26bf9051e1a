//! Envoy and Traefik are not here to be started. What they ask, and what they do with the answer, is
//! in their documentation: these ask the same, and look for what they need in the answer.

use std::fs;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

use super::process::delivered;
use crate::answer::Answer;
use crate::client::Client;
use crate::setup::Setup;

const IDENTITY: [&str; 4] = ["jeton-subject", "jeton-session", "jeton-client", "jeton-scope"];

fn read(name: &str) -> Yaml<'static> {
    let text = fs::read_to_string(delivered(name)).unwrap();
    let mut documents = Yaml::load_from_str(text.leak()).unwrap();
    assert_eq!(documents.len(), 1, "{name}");
    documents.remove(0)
}

/// The text at the end of these names.
fn text<'y>(yaml: &'y Yaml<'_>, path: &[&str]) -> &'y str {
    let found = path.iter().fold(yaml, |yaml, name| match name.parse::<usize>() {
        Ok(index) => &yaml[index],
        Err(_) => &yaml[*name],
    });
    found.as_str().unwrap_or_else(|| panic!("no text at {path:?}"))
}

/// The filters of Envoy's one listener, in order.
fn filters<'y>(envoy: &'y Yaml<'_>) -> &'y [Yaml<'y>] {
    let chains = &envoy["static_resources"]["listeners"][0]["filter_chains"];
    let manager = &chains[0]["filters"][0]["typed_config"];
    manager["http_filters"].as_vec().unwrap()
}

/// All four, each once, with these values.
#[track_caller]
fn assert_identity(answer: &Answer, expected: [&str; 4], case: &str) {
    assert_eq!((answer.status, &*answer.text), (200, ""), "{case}: {answer:?}");
    for (name, expected) in IDENTITY.iter().zip(expected) {
        let values: Vec<_> = answer.headers.get_all(*name).iter().collect();
        assert_eq!(values, [expected], "{case}: {name}");
    }
}

fn subject(http: &Client, token: &str) -> String {
    match http.me(token).data()["sub"].take() {
        Value::String(subject) => subject,
        other => panic!("{other}"),
    }
}

/// T4, V31: Envoy asks with the client's method, the prefix and the client's path, which say nothing.
#[test]
fn envoy_hears_who_it_is_whatever_path_was_asked() {
    let setup = Setup::new();
    let service = setup.start();
    let (http, tokens) = (&service.http, service.http.login().tokens());
    let subject = subject(http, &tokens.access);
    let envoy = read("envoy/envoy.yaml");
    let authorization = &filters(&envoy)[1]["typed_config"]["http_service"];
    let prefix = text(authorization, &["path_prefix"]);

    for path in ["/", "/orders", "/orders/7?scope=x&y", "//x", "/%2e%2e/me", "/v1/me", "/a%ffb"] {
        for method in ["GET", "POST", "OPTIONS", "PURGE"] {
            let case = format!("{method} {path}");
            let asked = format!("{prefix}{path}");

            let known = http.ask(method, &asked).bearer(&tokens.access).send();
            let unknown = http.ask(method, &asked).send();

            assert_identity(&known, [&subject, &tokens.session, "first-party", ""], &case);
            unknown.assert_refused(401, "token_missing", &case);
        }
    }
}

/// T4
#[test]
fn envoy_takes_away_what_a_client_says_before_it_sets_what_jeton_says() {
    let envoy = read("envoy/envoy.yaml");
    let filters = filters(&envoy);
    let names: Vec<_> = filters.iter().map(|filter| text(filter, &["name"])).collect();
    let mutations = &filters[0]["typed_config"]["mutations"]["request_mutations"];
    let removed = mutations.as_vec().unwrap().iter().map(|each| text(each, &["remove"]));
    let set = &filters[1]["typed_config"]["http_service"]["authorization_response"];
    let set = set["allowed_upstream_headers"]["patterns"].as_vec().unwrap();
    let set = set.iter().map(|pattern| text(pattern, &["exact"]));

    assert_eq!(
        names,
        [
            "envoy.filters.http.header_mutation",
            "envoy.filters.http.ext_authz",
            "envoy.filters.http.router"
        ]
    );
    assert!(removed.eq(IDENTITY) && set.eq(IDENTITY));
    assert_eq!(filters[1]["typed_config"]["failure_mode_allow"].as_bool(), Some(false));
    let chains = &envoy["static_resources"]["listeners"][0]["filter_chains"];
    let manager = &chains[0]["filters"][0]["typed_config"]["common_http_protocol_options"];
    assert_eq!(text(manager, &["headers_with_underscores_action"]), "REJECT_REQUEST");
}

/// W3: Traefik asks with GET at the address of the route, and tells the rest in headers that nobody
/// here believes.
#[test]
fn traefik_hears_who_it_is_and_what_is_missing() {
    let setup = Setup::new();
    let service = setup.start();
    let (http, tokens) = (&service.http, service.http.login().tokens());
    let subject = subject(http, &tokens.access);
    let traefik = read("traefik/dynamic.yaml");
    let path = |middleware: &str| {
        let address = ["http", "middlewares", middleware, "forwardAuth", "address"];
        let address = text(&traefik, &address);
        address.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned()
    };
    let ask = |middleware: &str| {
        let ask = http.get(&path(middleware)).bearer(&tokens.access);
        let ask = ask.header("x-forwarded-method", "DELETE").header("x-forwarded-uri", "/admin");
        ask.header("x-forwarded-for", "10.0.0.1").header("jeton-subject", "root").send()
    };

    assert_identity(&ask("jeton"), [&subject, &tokens.session, "first-party", ""], "any route");
    let refused = ask("jeton-admin");
    refused.assert_refused(403, "insufficient_scope", "the route that needs a scope");
    assert_eq!(
        refused.header("www-authenticate"),
        r#"Bearer realm="jeton", error="insufficient_scope", scope="admin""#
    );
}

/// T4
#[test]
fn traefik_takes_away_what_a_client_says_in_every_spelling() {
    let traefik = read("traefik/dynamic.yaml");
    for middleware in ["jeton", "jeton-admin"] {
        let forward = &traefik["http"]["middlewares"][middleware]["forwardAuth"];

        let names = text(forward, &["authResponseHeadersRegex"]);

        assert_eq!(names, "(?i)^jeton[-_](subject|session|client|scope)$");
        assert_eq!(forward["trustForwardHeader"].as_bool(), Some(false));
    }
}
