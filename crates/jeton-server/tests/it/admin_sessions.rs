//! `/admin/v1/*`: a backend that checks passwords itself opens, lists, ends and recalls sessions.

use serde_json::{Value, json};

use crate::client::{Client, escape};
use crate::forge::Parts;
use crate::setup::Setup;

fn setup() -> Setup {
    Setup::empty().with_client("shop", &["sessions:manage", "tokens:introspect"])
}

fn sessions_of(subject: &str) -> String {
    format!("/admin/v1/subjects/{}/sessions", escape(subject))
}

fn list(http: &Client, token: &str, subject: &str) -> Vec<Value> {
    let listed = http.get(&sessions_of(subject)).bearer(token).send().data();
    listed.as_array().unwrap().clone()
}

/// I1, R13: a session as a login opens one, for the user's own application to refresh.
#[test]
fn a_backend_opens_a_session_for_its_user() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let device = json!({ "kind": "phone", "name": "Alice's phone" });
    let body = json!({
        "device": device, "claims": { "role": "buyer" }, "scope": "cart orders", "amr": ["otp", "pwd"],
    });

    let tokens = http.open(&shop, "alice", &body).tokens();

    let claims = Parts::of(&tokens.access).claims;
    let said = ["sub", "client_id", "role", "scope", "amr"].map(|name| claims[name].clone());
    let expected = json!(["alice", "first-party", "buyer", "cart orders", ["otp", "pwd"]]);
    assert_eq!(json!(said), expected);
    let [listed] = list(http, &shop, "alice").try_into().unwrap();
    let expected = json!({
        "session": tokens.session, "device": device, "client_id": "first-party",
        "scope": "cart orders", "claims": { "role": "buyer" }, "amr": ["otp", "pwd"],
        "auth_time": claims["iat"], "started_at": claims["iat"], "refreshed_at": claims["iat"],
        "expires_at": listed["expires_at"], "ends_at": listed["ends_at"],
    });
    assert_eq!(listed, expected);
    let next = http.refresh(&tokens.refresh).tokens();
    assert_eq!(Parts::of(&next.access).claims["scope"], "cart orders");
    let bare = http.post(&sessions_of("alice")).bearer(&shop).send().tokens();
    assert_eq!(http.me(&bare.access).data()["sub"], "alice");
}

/// R8: a session that belongs to its backend is refreshed by it alone.
#[test]
fn a_bound_session_is_the_backends_own() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.open_bound("shop", "alice", "");

    assert_eq!(Parts::of(&tokens.access).claims["client_id"], "shop");
    http.refresh(&tokens.refresh).assert_refused(401, "claim_refused", "the first-party route");
    assert_eq!(http.oauth_refresh("shop", &tokens.refresh, "").status, 200);
}

/// I4, B18, P1: nothing of ours is overridden, no scope of clients is given away, limits are kept.
#[test]
fn what_a_session_may_not_have_is_refused_by_its_name() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let claim = |name: &str| json!({ "claims": { name: "x" } });
    let deep = (0..20).fold(json!(1), |inner, _| json!([inner]));

    let cases = [
        (claim("exp"), "`exp`"),
        (claim("iss"), "`iss`"),
        (claim("sid"), "`sid`"),
        (claim("ver"), "`ver`"),
        (claim("client_id"), "`client_id`"),
        (claim("scope"), "`scope`"),
        (claim("cnf"), "`cnf`"),
        (json!({ "claims": { "x": "y".repeat(9_000) } }), "claims are too long"),
        (json!({ "claims": { "x": deep } }), "nested too deep"),
        (json!({ "claims": [] }), "`claims`"),
        (json!({ "scope": "sessions:manage" }), "`scope`"),
        (json!({ "scope": "notes revocations:read" }), "`scope`"),
        (json!({ "scope": "jeton:anything" }), "`scope`"),
        (json!({ "scope": "a  b" }), "`scope`"),
        (json!({ "scope": "" }), "`scope`"),
        (json!({ "amr": vec!["x"; 9] }), "`amr`"),
        (json!({ "amr": ["x".repeat(33)] }), "`amr`"),
        (json!({ "amr": ["a b"] }), "`amr`"),
        (json!({ "device": { "kind": "" } }), "`device.kind`"),
        (json!({ "device": { "kind": "x\r\ny" } }), "`device.kind`"),
        (json!({ "claim": {} }), "a member is not one of `device`, `claims`"),
        (json!({ "client": "other" }), "a member is not"),
    ];
    for (body, words) in cases {
        let answer = http.open(&shop, "alice", &body);
        answer.assert_refused(400, "bad_request", &body.to_string());
        assert!(answer.text.contains(words), "{words}: {answer:?}");
    }
    let untyped = http.post(&sessions_of("alice")).bearer(&shop).body("{\"bound\":true}").send();
    untyped.assert_refused(400, "bad_request", "no content type");
    assert_eq!(list(http, &shop, "alice"), Vec::<Value>::new());
}

/// Any text that a token may speak of is a subject, as it is after decoding.
#[test]
fn a_subject_is_any_text() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let long = "x".repeat(256);

    for subject in ["a/b", "a b", "a+b", "100%", "..", "é@例え", "?x=1#y", "\"", &long] {
        let tokens = http.open(&shop, subject, &json!({})).tokens();
        assert_eq!(Parts::of(&tokens.access).claims["sub"], subject);
        assert_eq!(list(http, &shop, subject).len(), 1, "{subject}");
    }
    let too_long = http.open(&shop, &"x".repeat(257), &json!({}));
    too_long.assert_refused(400, "bad_request", "257 bytes");
    let ask = http.get("/admin/v1/subjects/%ff/sessions").bearer(&shop);
    ask.send().assert_refused(400, "bad_request", "not UTF-8");
}

/// R14: one session or all of a subject's end, for a reason that everybody hears.
#[test]
fn sessions_end_for_a_reason() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let open = |subject: &str| http.open(&shop, subject, &json!({})).tokens();
    let end = |path: &str| http.delete(path).bearer(&shop).send();
    let bobs = open("bob");

    for reason in ["banned", "kicked", "revoked", "password_changed", "logged_out"] {
        let (one, two, three) = (open("alice"), open("alice"), open("alice"));
        let path = format!("/admin/v1/sessions/{}?reason={reason}", one.session);
        assert_eq!(end(&path).data(), json!({ "ended": 1 }));
        assert_eq!(end(&path).data(), json!({ "ended": 0 }));
        assert_eq!(http.me(&two.access).status, 200);
        let path = format!("{}?reason={reason}", sessions_of("alice"));
        assert_eq!(end(&path).data(), json!({ "ended": 2 }));
        for tokens in [one, two, three] {
            http.me(&tokens.access).assert_refused(401, reason, "access token");
            http.refresh(&tokens.refresh).assert_refused(401, reason, "refresh token");
        }
    }
    let last = open("alice");
    assert_eq!(end(&sessions_of("alice")).data(), json!({ "ended": 1 }));
    http.me(&last.access).assert_refused(401, "revoked", "by default");
    let kept = open("alice");
    for query in ["reason=replayed", "reason=", "reason=x", "why=banned", "reason=banned&reason=x"]
    {
        end(&format!("{}?{query}", sessions_of("alice"))).assert_refused(400, "bad_request", query);
    }
    end("/admin/v1/sessions/x").assert_refused(400, "bad_request", "no session");
    assert_eq!((http.me(&kept.access).status, http.me(&bobs.access).status), (200, 200));
}

/// R9: a role that has changed: access tokens are recalled, and the next ones say it. Claims are
/// whole, and kept within the bounds of a login's.
#[test]
fn a_recall_can_carry_new_claims() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let before = json!({ "claims": { "role": "admin", "team": 7 } });
    let tokens = http.open(&shop, "alice", &before).tokens();
    let recall =
        |body: &Value| http.post("/admin/v1/subjects/alice/recall").bearer(&shop).json(body).send();

    for claims in [json!({ "exp": 1 }), json!({ "x": "y".repeat(9_000) }), json!("x")] {
        let refused = recall(&json!({ "claims": claims }));
        refused.assert_refused(400, "bad_request", &claims.to_string());
    }
    recall(&json!({ "claim": {} })).assert_refused(400, "bad_request", "a slip of the pen");
    assert_eq!(http.me(&tokens.access).status, 200);
    let first = recall(&json!({ "claims": { "role": "reader" } })).data();
    http.me(&tokens.access).assert_refused(401, "token_recalled", "the old claims");
    let second = http.refresh(&tokens.refresh).tokens();
    assert_eq!(http.me(&second.access).data()["claims"], json!({ "role": "reader" }));
    let again = recall(&json!({})).data();
    assert_eq!((first, again), (json!({ "version": 1 }), json!({ "version": 2 })));
    http.me(&second.access).assert_refused(401, "token_recalled", "recalled once more");
    let third = http.refresh(&second.refresh).tokens();
    assert_eq!(http.me(&third.access).data()["claims"], json!({ "role": "reader" }));
}
