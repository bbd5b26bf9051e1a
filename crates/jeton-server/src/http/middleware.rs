//! What happens around every request.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::ACCEPT_LANGUAGE;
use tokio::time::{Instant, timeout};
use tracing::{debug, error};

use crate::app::App;
use crate::http::body;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::language::Language;

/// Renders an error in the language of the request, and logs the request by its route: a path or
/// a header may hold what must not be in a log.
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let language = request.headers().get(ACCEPT_LANGUAGE).cloned();
    let log = tracing::enabled!(tracing::Level::DEBUG).then(|| {
        let route = request.extensions().get::<MatchedPath>().cloned();
        (request.method().clone(), route)
    });

    let mut response = next.run(request).await;

    if let Some((method, route)) = log {
        let route = route.as_ref().map_or("-", MatchedPath::as_str);
        debug!(event = "request", %method, route, status = response.status().as_u16());
    }
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    let mut rendered = error.render(Language::wanted(language.as_ref()));
    // What inner layers have added, CORS above all, belongs to a refusal as well.
    for (name, value) in response.headers() {
        if !rendered.headers().contains_key(name) {
            rendered.headers_mut().append(name.clone(), value.clone());
        }
    }
    rendered
}

/// Gives a request up after a while: 503 means that nobody knows.
///
/// What has begun runs to its end, whoever still waits for it. A client may hang up while the store
/// commits, and what follows on the commit is not the client's to prevent: that the guard refuses,
/// that the other sessions end. So acts are counted apart from connections.
pub(crate) async fn deadline(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = Duration::from_secs(app.settings().http.timeout);
    let act = async {
        let request = body::arrived(request).await?;
        let place = Arc::clone(app.acts()).try_acquire_owned();
        let place = place.map_err(|full| ApiError::unavailable(&full))?;
        let act = tokio::spawn(async move {
            let _place = place;
            next.run(request).await
        });
        act.await.map_err(|error| match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => ApiError::unavailable(&error),
        })
    };
    match timeout(limit, act).await {
        Ok(answer) => answer.into_response(),
        Err(late) => ApiError::unavailable(&late).into_response(),
    }
}

/// In a fleet: a token may have been signed with a key that another node has heard of first. So this
/// one looks for it, and only then somebody judges the token.
pub(crate) async fn known_key(State(app): State<App>, request: Request, next: Next) -> Response {
    let refused = app.gate().check(request.headers()).err();
    let is_unknown = refused.is_some_and(|rejection| rejection.code() == code::KEY_UNKNOWN);
    if is_unknown && let Err(cause) = app.look_at_keys(Instant::now()).await {
        let language = Language::wanted(request.headers().get(ACCEPT_LANGUAGE));
        return ApiError::unavailable(&cause).render(language);
    }
    next.run(request).await
}

/// The last resort: a defect of ours ends one request and nothing else.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    error!(event = "panic", "a handler panicked");
    ApiError::new(code::INTERNAL).render(Language::English)
}
