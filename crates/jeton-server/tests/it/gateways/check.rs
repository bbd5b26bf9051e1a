//! What gateways are answered: `/v1/check` without a gateway in between.

use crate::client::raw;
use crate::forge::{Insider, Parts};
use crate::setup::Setup;

/// W3: a route's scopes are in the question, and a slip of the pen opens nothing.
#[test]
fn a_question_names_the_scopes_that_are_needed() {
    let setup = Setup::new();
    let service = setup.start();
    let parts = Parts::of(&service.http.login().tokens().access).claim("scope", "a b");
    let token = Insider::of(&setup).access("at+jwt", &parts);
    let cases = [
        ("", 200, ""),
        ("?scope=a", 200, ""),
        ("?scope=a+b", 200, ""),
        ("?scope=b%20a&scope=a", 200, ""),
        ("?scope=c", 403, "insufficient_scope"),
        ("?scope=a+c", 403, "insufficient_scope"),
        ("?scope=a&scope=c", 403, "insufficient_scope"),
        ("?scope=%22", 403, "insufficient_scope"),
        ("?scope=", 400, "bad_request"),
        ("?scope=a&scope=+", 400, "bad_request"),
        ("?scopes=c", 400, "bad_request"),
        ("?scope=a&x=y", 400, "bad_request"),
        ("/any/path?scope=c", 200, ""),
        ("/?scope=c", 200, ""),
    ];
    for (query, status, code) in cases {
        let path = format!("/v1/check{query}");

        let answer = service.http.get(&path).bearer(&token).send();
        let unknown = service.http.get(&path).send();

        assert_eq!(answer.status, status, "{query}: {answer:?}");
        if status == 403 {
            let challenge = answer.header("www-authenticate");
            let error = r#"Bearer realm="jeton", error="insufficient_scope""#;
            assert!(challenge.starts_with(error), "{query}: {challenge}");
        }
        if status != 200 {
            answer.assert_refused(status, code, query);
            assert_eq!(answer.header("jeton-code"), code, "{query}");
            assert_eq!(answer.header("jeton-subject"), "", "{query}");
        }
        unknown.assert_refused(401, "token_missing", query);
        assert_eq!(unknown.header("jeton-code"), "token_missing", "{query}");
    }
}

/// V19, T4: a client is no subject, whatever it is called, and a name that would arrive as another
/// does not leave.
#[test]
fn a_name_arrives_as_it_is_or_not_at_all() {
    let setup = Setup::new();
    let service = setup.start();
    let insider = Insider::of(&setup);
    let parts = Parts::of(&service.http.login().tokens().access).without("sid");
    let cases = [
        ("a user without a session", "root", "web", Some(["root", "", "web"])),
        ("a client", "root", "root", Some(["", "", "root"])),
        ("in any language", "杰登", "wéb", Some(["杰登", "", "wéb"])),
        ("a space before it", " root", "web", None),
        ("a tab after it", "root\t", "web", None),
        ("another header in it", "x\r\njeton-subject: root", "web", None),
        ("a line break in it", "x\nroot", "web", None),
        ("a zero in it", "root\0", "web", None),
        ("a client with a space", "alice", " web", None),
    ];
    for (name, subject, client, expected) in cases {
        let token =
            insider.access("at+jwt", &parts.claim("sub", subject).claim("client_id", client));

        let answer = service.http.get("/v1/check").bearer(&token).send();

        let Some(expected) = expected else {
            answer.assert_refused(401, "claim_refused", name);
            continue;
        };
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        for (header, expected) in
            ["jeton-subject", "jeton-session", "jeton-client"].iter().zip(expected)
        {
            assert_eq!(answer.headers[*header].as_bytes(), expected.as_bytes(), "{name}");
        }
    }
}

/// A connection with an unread body in it ends, so nobody may put another question into it.
#[test]
fn a_question_with_a_body_says_that_its_connection_ends() {
    let setup = Setup::new();
    let service = setup.start();
    let cases = [
        ("none", "", "", false),
        ("an empty one", "content-length: 0\r\n", "", false),
        ("one that has yet to come", "content-length: 5\r\n", "", true),
        ("one in chunks", "transfer-encoding: chunked\r\n", "", true),
    ];
    for (name, header, body, ends) in cases {
        let last =
            if ends { "" } else { "GET /v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" };
        let request = format!("POST /v1/check HTTP/1.1\r\nhost: x\r\n{header}\r\n{body}{last}");

        let answer = raw(service.address, request.as_bytes());

        let (head, rest) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 401 "), "{name}: {answer}");
        assert_eq!(head.contains("\r\nconnection: close"), ends, "{name}: {answer}");
        assert_eq!(rest.contains("HTTP/1.1 401 "), !ends, "{name}: {answer}");
    }
}
