//! The program as its users meet it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::{Router, body};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::router;

async fn ask(router: &Router, method: Method, path: &str, token: &str) -> Response {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("authorization", format!("Bearer {token}"));
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn log_in(router: &Router, user: &str) -> String {
    let credentials = json!({ "user": user, "password": "please" });
    let request = Request::post("/login").header("content-type", "application/json");
    let request = request.body(Body::from(credentials.to_string())).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let pair = body::to_bytes(answer.into_body(), 16 * 1024).await.unwrap();
    let pair: Value = serde_json::from_slice(&pair).unwrap();
    pair["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_logout_ends_what_the_session_has_begun() {
    let router = router().await.unwrap();
    let token = log_in(&router, "alice").await;
    let events = ask(&router, Method::GET, "/events", &token).await;
    let mut events = events.into_body();
    assert!(events.frame().await.unwrap().unwrap().into_data().unwrap().starts_with(b"data: "));

    let logout = ask(&router, Method::POST, "/logout", &token).await;

    assert_eq!(logout.status(), StatusCode::NO_CONTENT);
    assert!(events.frame().await.is_none());
    let hello = ask(&router, Method::GET, "/hello", &token).await;
    assert_eq!(hello.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_report_is_for_those_with_the_scope() {
    let router = router().await.unwrap();
    for (user, status) in [("alice", StatusCode::FORBIDDEN), ("root", StatusCode::OK)] {
        let token = log_in(&router, user).await;

        let report = ask(&router, Method::GET, "/report", &token).await;

        assert_eq!(report.status(), status, "{user}");
    }
}
