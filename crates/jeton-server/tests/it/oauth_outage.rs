//! A store that does not answer: nobody hears yes, and nobody hears no.

use rusqlite::Connection;
use serde_json::json;

use crate::answer::Answer;
use crate::setup::{Setup, secret_of};

/// X6, R20, B9: while nothing can be written, an act is answered 503 and the client told to come
/// back, in the format of its route. Never a 4xx, after which good tokens are thrown away; never a
/// success, which would be untrue.
#[test]
fn an_outage_is_a_503_everywhere() {
    let scopes = ["sessions:manage", "sessions:revoke-all"];
    let setup = Setup::empty().with_client("shop", &scopes).with("HTTP__TIMEOUT", "1");
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let tokens = http.open_bound("shop", "alice", "");
    let database = Connection::open(setup.data().join("jeton.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let alice = json!({ "sub_id": { "format": "opaque", "id": "alice" } });

    let oauth: [(&str, Answer); 4] = [
        ("revoke", http.revoke("shop", &tokens.refresh)),
        ("revoke by jti", http.revoke("shop", &tokens.access)),
        ("refresh", http.oauth_refresh("shop", &tokens.refresh, "")),
        ("global", http.post("/oauth2/global-token-revocation").bearer(&shop).json(&alice).send()),
    ];
    for (name, answer) in oauth {
        answer.assert_oauth_error(503, "temporarily_unavailable", name);
    }
    let path = "/admin/v1/subjects/alice/sessions";
    for ask in [http.post(path), http.delete(path), http.post("/admin/v1/subjects/alice/recall")] {
        let answer = ask.bearer(&shop).send();
        answer.assert_refused(503, "unavailable", path);
        assert!(answer.has("retry-after"));
    }
    let listed = http.get(path).bearer(&shop).send().data();
    assert_eq!(listed.as_array().unwrap().len(), 1, "it has not ended");
    assert_eq!(http.me(&tokens.access).status, 200);
    assert_eq!(
        http.post("/oauth2/token")
            .basic("shop", &secret_of("shop"))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .status,
        200
    );
}
