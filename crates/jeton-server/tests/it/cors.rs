//! What a browser lets pages of other origins do.

use crate::answer::Answer;
use crate::client::Client;
use crate::setup::Setup;

const OURS: &str = "https://app.example";
const THEIRS: &str = "https://evil.example";

fn preflight(http: &Client, origin: &str) -> Answer {
    let ask = http.ask("OPTIONS", "/v1/login").header("origin", origin);
    let ask = ask.header("access-control-request-method", "POST");
    ask.header("access-control-request-headers", "content-type,access_token").send()
}

/// F20: a configured origin may ask with our headers; no other, and never with the browser's own
/// credentials.
#[test]
fn only_configured_origins_may_call() {
    let cases = [
        ("configured", "https://app.example,https://b.example", OURS, OURS),
        ("another", "https://app.example", THEIRS, ""),
        ("a longer name", "https://app.example", "https://app.example.evil.example", ""),
        ("another scheme", "https://app.example", "http://app.example", ""),
        ("another port", "https://app.example", "https://app.example:8443", ""),
        ("no page", "https://app.example", "null", ""),
        ("none configured", "", OURS, ""),
        ("any", "*", THEIRS, "*"),
    ];
    for (name, origins, origin, allowed) in cases {
        let setup =
            Setup::empty().with("HTTP__ORIGINS", origins).with("TOKENS__HEADERS", "access_token");
        let service = setup.start();

        let preflight = preflight(&service.http, origin);
        let refused = service.http.get("/v1/me").header("origin", origin).send();

        for answer in [&preflight, &refused] {
            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{name}");
            assert_eq!(answer.header("access-control-allow-credentials"), "", "{name}");
        }
        assert_eq!(preflight.status, 200, "{name}");
        let headers = preflight.header("access-control-allow-headers");
        assert_eq!(headers, "access_token,authorization,content-type", "{name}");
        assert_eq!(preflight.header("access-control-allow-methods"), "GET,POST,DELETE", "{name}");
        refused.assert_refused(401, "token_missing", name);
        let exposed = refused.header("access-control-expose-headers");
        assert!(exposed.contains("www-authenticate") && exposed.contains("retry-after"), "{name}");
    }
}
