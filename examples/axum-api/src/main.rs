//! Your own axum program: it checks passwords its own way, and jeton keeps the sessions.

mod clock;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use jeton::{Algorithm, Reason};
use jeton_session::{
    Keyring, Login, MemoryStore, OpenError, RefreshError, Sessions, Terms, TokenPair,
};
use jeton_tower::{Gate, Identity, Transport, User};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{Ticks, now};

#[derive(Clone)]
struct App {
    sessions: Arc<Sessions<MemoryStore>>,
    gate: Gate,
}

/// What the extractors [`Identity`] and [`User`] ask for.
impl FromRef<App> for Gate {
    fn from_ref(app: &App) -> Self {
        app.gate.clone()
    }
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

async fn login(
    State(app): State<App>,
    Json(ask): Json<Credentials>,
) -> Result<Json<Value>, StatusCode> {
    // Here you look the user up. This one lets everybody in who says please.
    if ask.password != "please" {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let scope = (ask.user == "root").then(|| "admin".to_owned());
    let opened = app.sessions.open(Login { scope, ..Login::of(ask.user) }, now()).await;
    opened.map(tokens).map_err(|error| match error {
        OpenError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        OpenError::Signing(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    })
}

async fn refresh(State(app): State<App>, token: String) -> Result<Json<Value>, StatusCode> {
    let refreshed = app.sessions.refresh(&token, now()).await;
    refreshed.map(|refreshed| tokens(refreshed.pair)).map_err(|error| match error {
        RefreshError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        RefreshError::Signing(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNAUTHORIZED,
    })
}

/// Guarded: without a good token no handler with an [`Identity`] runs.
async fn hello(identity: Identity) -> String {
    format!("hello, {}\n", identity.subject())
}

/// Events for as long as the session lives: a logout ends them at once.
async fn events(user: User) -> impl IntoResponse {
    Sse::new(user.until_ended(Ticks::new()))
}

/// Behind the layer: only whoever has the scope gets here.
async fn report() -> &'static str {
    "all is well\n"
}

async fn logout(State(app): State<App>, identity: Identity) -> StatusCode {
    let Some(session) = identity.session() else {
        return StatusCode::FORBIDDEN;
    };
    match app.sessions.end(session, Reason::LoggedOut, now()).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn tokens(TokenPair { access_token, refresh_token, .. }: TokenPair) -> Json<Value> {
    Json(json!({ "access_token": access_token, "refresh_token": refresh_token }))
}

async fn router() -> anyhow::Result<Router> {
    let terms = Terms::new("http://127.0.0.1:3000", "hello");
    let keyring = Keyring::generate(Algorithm::Es256, now())?;
    let sessions = Arc::new(Sessions::start(MemoryStore::new(), terms, keyring).await?);
    let gate = Gate::new(Arc::clone(sessions.guard()), Transport::bearer(), now);
    let for_admins = gate.layer().scope("admin");
    Ok(Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/hello", get(hello))
        .route("/events", get(events))
        .route("/report", get(report).layer(for_admins))
        .route("/logout", post(logout))
        .with_state(App { sessions, gate }))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    Ok(axum::serve(listener, router().await?).await?)
}
