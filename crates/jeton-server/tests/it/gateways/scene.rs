//! What every gateway has to do, whichever it is.

use serde_json::Value;

use super::backend::{Backend, Seen};
use super::process::Gateway;
use crate::answer::{Answer, Tokens};
use crate::client::{Ask, raw};
use crate::forge::{Insider, Parts};
use crate::service::Service;
use crate::setup::Setup;

/// A service of tokens, a service of somebody's own, and the gateway between them and the client.
pub(super) struct Scene {
    setup: Setup,
    service: Service,
    backend: Backend,
    gateway: Gateway,
}

/// Everything a client could call itself, in every spelling that some program takes for ours.
const CLAIMS_TO_BE: [&str; 12] = [
    "jeton-subject",
    "Jeton-Subject",
    "JETON-SUBJECT",
    "jeton_subject",
    "Jeton_Subject",
    "jEtOn_SuBjEcT",
    "jeton-session",
    "jeton_session",
    "jeton-client",
    "jeton_client",
    "jeton-scope",
    "jeton_scope",
];

impl Scene {
    pub(super) fn set(gateway: impl FnOnce(&Service, &Backend) -> Gateway) -> Self {
        let setup = Setup::new();
        let (service, backend) = (setup.start(), Backend::start());
        let gateway = gateway(&service, &backend);
        Self { setup, service, backend, gateway }
    }

    /// Everything, in the order of a life.
    pub(super) fn play(self) {
        let tokens = self.service.http.login().tokens();
        self.a_good_token_gets_through(&tokens);
        self.no_client_says_itself_who_it_is(&tokens);
        self.a_client_token_has_no_subject();
        self.without_one_good_token_nobody_gets_through(&tokens);
        self.a_scope_is_needed_where_it_is_asked_for(&tokens);
        self.a_logout_counts_at_the_next_request(&tokens);
        self.while_the_service_is_away_nobody_gets_through();
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.gateway.http.get(path).bearer(token).send()
    }

    /// A GET with these headers and this path, to the letter.
    fn raw(&self, path: &str, headers: &str) -> String {
        let address = self.gateway.address;
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\n{headers}\r\nconnection: close\r\n\r\n"
        );
        raw(address, request.as_bytes())
    }

    /// A token of the same user with other claims, signed by the service's own key.
    fn forged(&self, change: impl FnOnce(Parts) -> Parts) -> String {
        let parts = Parts::of(&self.service.http.login().tokens().access);
        Insider::of(&self.setup).access("at+jwt", &change(parts))
    }

    fn a_good_token_gets_through(&self, tokens: &Tokens) {
        let subject = self.service.http.me(&tokens.access).data()["sub"].take();
        let subject = subject.as_str().unwrap();

        let ask = self.gateway.http.post("/orders?of=may").bearer(&tokens.access);
        let seen = Seen::of(&ask.body("a body").send());

        assert_eq!(seen.line, "POST /orders?of=may HTTP/1.1");
        assert_eq!(seen.body, "a body");
        let client = vec!["first-party"];
        assert_eq!(seen.identity(), [vec![subject], vec![&*tokens.session], client, vec![]]);
    }

    /// Whatever it calls itself, in whatever spelling.
    fn no_client_says_itself_who_it_is(&self, tokens: &Tokens) {
        let expected = Seen::of(&self.get("/", &tokens.access));
        for name in CLAIMS_TO_BE {
            let ask = self.gateway.http.get("/").bearer(&tokens.access);
            let ask = ask.header(name, "root").header(name, "admin");

            let seen = Seen::of(&ask.send());

            assert_eq!(seen.identity(), expected.identity(), "{name}");
        }
        let mut ask = self.gateway.http.get("/").bearer(&tokens.access);
        for name in CLAIMS_TO_BE {
            ask = ask.header(name, "root");
        }
        assert_eq!(Seen::of(&ask.send()).identity(), expected.identity());
        self.no_client_takes_away_who_it_is(tokens, &expected);
    }

    /// A header that `Connection` names is for the next hop alone (RFC 9110 section 7.6.1): a gateway
    /// that took it away late would take away what it had set.
    fn no_client_takes_away_who_it_is(&self, tokens: &Tokens, expected: &Seen) {
        for name in ["jeton-subject", "Jeton-Client, close", "close, JETON-SESSION"] {
            let headers = format!("authorization: Bearer {}\r\nconnection: {name}", tokens.access);

            let answer = self.raw("/", &headers);

            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            if head.starts_with("HTTP/1.1 200 ") {
                for identity in expected.identity().iter().flatten() {
                    assert!(body.contains(identity), "{name}: {answer}");
                }
            } else {
                assert!(head.starts_with("HTTP/1.1 400 "), "{name}: {answer}");
            }
        }
    }

    /// Called like the user, and no user.
    fn a_client_token_has_no_subject(&self) {
        let token = self.forged(|parts| {
            let name = parts.claims["sub"].clone();
            parts.without("sid").claim("client_id", name)
        });
        let name = Parts::of(&token).claims["sub"].clone();
        let ask = self.gateway.http.get("/").bearer(&token).header("jeton-subject", "root");

        let seen = Seen::of(&ask.send());

        assert_eq!(seen.identity(), [vec![], vec![], vec![name.as_str().unwrap()], vec![]]);
    }

    /// Each refusal with its one challenge.
    fn without_one_good_token_nobody_gets_through(&self, tokens: &Tokens) {
        let plain = r#"Bearer realm="jeton""#;
        let invalid = r#"Bearer realm="jeton", error="invalid_token""#;
        let bearer = format!("Bearer {}", tokens.access);
        let bad = format!("{bearer}x");
        let cases = [
            ("none", &[][..], "token_missing", plain),
            ("a bad one", &[&*bad], "token_malformed", invalid),
            ("another scheme", &["Basic YTpi"], "token_missing", plain),
        ];
        for (name, credentials, code, challenge) in cases {
            self.assert_refused(name, (code, challenge), |mut ask| {
                for value in credentials {
                    ask = ask.header("authorization", value);
                }
                ask
            });
        }
        self.no_request_with_two_tokens_gets_through(&bearer);
    }

    fn assert_refused(
        &self,
        name: &str,
        (code, challenge): (&str, &str),
        prepare: impl Fn(Ask<'_>) -> Ask<'_>,
    ) {
        for (method, path) in
            [("GET", "/"), ("POST", "/orders"), ("OPTIONS", "/"), ("GET", "/admin")]
        {
            let before = self.backend.asked();

            let answer = prepare(self.gateway.http.ask(method, path)).send();

            let name = format!("{name}: {method} {path}: {answer:?}");
            assert_eq!(answer.status, 401, "{name}");
            assert_eq!(self.backend.asked(), before, "{name}");
            let challenges: Vec<_> = answer.headers.get_all("www-authenticate").iter().collect();
            assert_eq!(challenges, [challenge], "{name}");
            assert_eq!(
                (answer.json()["success"].clone(), answer.code()),
                (Value::Bool(false), code.to_owned()),
                "{name}"
            );
            assert_eq!(answer.header("cache-control"), "no-store", "{name}");
        }
    }

    /// Whichever of the two the gateway, jeton or the service would take.
    fn no_request_with_two_tokens_gets_through(&self, bearer: &str) {
        let before = self.backend.asked();
        for other in [bearer, "Bearer eyJ.e30.x"] {
            let headers = format!("authorization: {bearer}\r\nauthorization: {other}");

            let answer = self.raw("/", &headers);

            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        }
        assert_eq!(self.backend.asked(), before);
    }

    /// However the path is spelled.
    fn a_scope_is_needed_where_it_is_asked_for(&self, tokens: &Tokens) {
        let needed = r#"Bearer realm="jeton", error="insufficient_scope", scope="admin""#;
        let admin = self.forged(|parts| parts.claim("scope", "orders admin"));
        for path in ["/admin", "/admin/users?of=may"] {
            let refused = self.get(path, &tokens.access);
            let seen = Seen::of(&self.get(path, &admin));

            assert_eq!((refused.status, &*refused.code()), (403, "insufficient_scope"), "{path}");
            assert_eq!(refused.header("www-authenticate"), needed, "{path}");
            assert_eq!(seen.line, format!("GET {path} HTTP/1.1"));
            assert_eq!(seen.all("jeton-scope"), ["orders admin"], "{path}");
        }
        let before = self.backend.asked();
        for path in [
            "//admin/users",
            "/x/../admin/users",
            "/%61dmin/users",
            "/./admin",
            "/x/%2e%2e/admin",
            "/Admin/users",
            "/ADMIN",
            "/admin;x",
            "/admin%2fusers",
        ] {
            let answer = self.raw(path, &format!("authorization: Bearer {}", tokens.access));

            assert!(answer.starts_with("HTTP/1.1 403 "), "{path}: {answer}");
        }
        assert_eq!(self.backend.asked(), before);
    }

    fn a_logout_counts_at_the_next_request(&self, tokens: &Tokens) {
        assert_eq!(self.get("/", &tokens.access).status, 200);

        assert_eq!(self.service.http.logout(&tokens.access).status, 200);

        let challenge = r#"Bearer realm="jeton", error="invalid_token""#;
        self.assert_refused("logged out", ("logged_out", challenge), |ask| {
            ask.bearer(&tokens.access)
        });
    }

    /// And no client hears that its token is bad.
    fn while_the_service_is_away_nobody_gets_through(self) {
        let token = self.service.http.login().tokens().access;
        assert_eq!(self.get("/", &token).status, 200);
        let before = self.backend.asked();

        self.service.kill();

        for path in ["/", "/admin"] {
            let answer = self.gateway.http.get(path).bearer(&token).send();
            assert!(matches!(answer.status, 502 | 503), "{answer:?}");
            assert!(answer.has("retry-after") && !answer.has("www-authenticate"), "{answer:?}");
            assert_eq!(self.gateway.http.get(path).send().status, answer.status);
        }
        assert_eq!(self.backend.asked(), before);
    }
}
