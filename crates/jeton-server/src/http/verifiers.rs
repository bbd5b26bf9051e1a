//! What verifiers report of themselves, and who may see it.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use serde::Serialize;
use tokio::time::Instant;

use crate::app::App;
use crate::feed::{NotTaken, Report, Reported};
use crate::http::body::Body;
use crate::http::code;
use crate::http::envelope::Data;
use crate::http::error::ApiError;
use crate::http::revocations::verifier;

#[derive(Serialize)]
struct Taken {}

#[derive(Serialize)]
struct Verifiers {
    verifiers: Vec<Reported>,
}

/// `POST /v1/revocations/report`
pub(crate) async fn report(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let identity = verifier(&app, request.headers())?;
    let Body(report) = Body::<Report>::from_request(request, &()).await?;
    match app.feed().reports().take(&identity.claims().client_id, report, Instant::now()) {
        Ok(()) => Ok(Data(Taken {}).into_response()),
        Err(NotTaken::Full) => Err(ApiError::new(code::UNAVAILABLE)),
        Err(error) => Err(ApiError::bad_request(error.to_string())),
    }
}

/// `GET /admin/v1/verifiers`
pub(crate) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    verifier(&app, &headers)?;
    let verifiers = app.feed().reports().list(Instant::now());
    Ok(Data(Verifiers { verifiers }).into_response())
}
