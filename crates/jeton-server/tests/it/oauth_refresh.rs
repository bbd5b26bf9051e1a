//! `POST /oauth2/token` with a refresh token: sessions that belong to a client.

use serde_json::json;

use crate::forge::Parts;
use crate::setup::Setup;

fn setup() -> Setup {
    Setup::new().with_client("web", &["sessions:manage"]).with_client("app", &["sessions:manage"])
}

/// R8, I10: the next pair in the format of RFC 6749 section 5.1, for the session's own client.
#[test]
fn a_client_refreshes_a_session_of_its_own() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let first = http.open_bound("web", "alice", "notes mail");

    let answer = http.oauth_refresh("web", &first.refresh, "");

    let body = answer.json();
    assert_eq!(answer.status, 200, "{answer:?}");
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "expires_in", "refresh_token", "scope", "token_type"]);
    assert_eq!((&body["scope"], &body["token_type"]), (&json!("notes mail"), &json!("Bearer")));
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let claims = Parts::of(body["access_token"].as_str().unwrap()).claims;
    assert_eq!((&claims["client_id"], &claims["sub"]), (&json!("web"), &json!("alice")));
    assert_eq!(http.me(body["access_token"].as_str().unwrap()).status, 200);
}

/// R8, B13: another client and the first-party route are refused, and nothing has changed, with a
/// spent token as with a good one.
#[test]
fn nobody_else_refreshes_it_and_nothing_is_lost_by_trying() {
    let setup = setup().with("SESSION__GRACE", "0");
    let service = setup.start();
    let http = &service.http;
    let first = http.open_bound("web", "alice", "notes");
    let second = http.oauth_refresh("web", &first.refresh, "").json();
    let second = second["refresh_token"].as_str().unwrap();

    for (name, token) in [("spent", &*first.refresh), ("good", second)] {
        http.oauth_refresh("app", token, "").assert_oauth_error(400, "invalid_grant", name);
        http.refresh(token).assert_refused(401, "claim_refused", name);
    }

    assert_eq!(http.oauth_refresh("web", second, "").status, 200);
    let alices = http.login().tokens();
    http.oauth_refresh("web", &alices.refresh, "").assert_oauth_error(400, "invalid_grant", "ours");
    assert_eq!(http.refresh(&alices.refresh).status, 200);
}

/// R8, I2: a scope may narrow, for one access token; it never widens, nor does the audience, and
/// asking spends nothing.
#[test]
fn a_scope_narrows_and_never_widens() {
    let setup = setup().with("SESSION__GRACE", "0");
    let service = setup.start();
    let http = &service.http;
    let first = http.open_bound("web", "alice", "notes mail");

    for wide in ["notes admin", "sessions:manage", "note", "notes  mail", "notes\tmail"] {
        let answer = http.oauth_refresh("web", &first.refresh, wide);
        answer.assert_oauth_error(400, "invalid_scope", wide);
    }
    for name in ["resource", "audience"] {
        let token = ("refresh_token", &*first.refresh);
        let form = [("grant_type", "refresh_token"), token, (name, "https://other.example")];
        let answer = http.post("/oauth2/token").client("web").form(&form).send();
        answer.assert_oauth_error(400, "invalid_target", name);
    }
    let narrow = http.oauth_refresh("web", &first.refresh, "mail").json();
    let next = http.oauth_refresh("web", narrow["refresh_token"].as_str().unwrap(), "").json();

    let said = |body: &serde_json::Value| {
        Parts::of(body["access_token"].as_str().unwrap()).claims["scope"].clone()
    };
    assert_eq!((said(&narrow), &narrow["scope"]), (json!("mail"), &json!("mail")));
    assert_eq!((said(&next), &next["scope"]), (json!("notes mail"), &json!("notes mail")));
}

/// R1, R10, R11, B12: a replay ends the session; what was never a token ends nothing. All of them
/// hear one thing.
#[test]
fn whatever_is_wrong_with_a_refresh_token_is_one_answer() {
    let setup = setup().with("SESSION__GRACE", "0");
    let service = setup.start();
    let http = &service.http;
    let first = http.open_bound("web", "alice", "");
    let second = http.oauth_refresh("web", &first.refresh, "").json();
    let (refresh, access) =
        (second["refresh_token"].as_str().unwrap(), second["access_token"].as_str().unwrap());
    let (cut, long) = (&refresh[..refresh.len() - 1], format!("{refresh}A"));

    let mut answers = Vec::new();
    for wrong in [cut, &long, access, "x", "e30.e30.e30"] {
        let answer = http.oauth_refresh("web", wrong, "");
        answer.assert_oauth_error(400, "invalid_grant", wrong);
        answers.push(answer.text);
    }
    assert_eq!(http.me(access).status, 200);
    for (name, token) in [("a replay", &*first.refresh), ("and after it", refresh)] {
        let answer = http.oauth_refresh("web", token, "");
        answer.assert_oauth_error(400, "invalid_grant", name);
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    http.me(access).assert_refused(401, "replayed", "its access token");
    let form = [("grant_type", "refresh_token")];
    let none = http.post("/oauth2/token").client("web").form(&form).send();
    none.assert_oauth_error(400, "invalid_request", "no token");
}
