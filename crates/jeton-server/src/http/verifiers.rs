//! What verifiers report of themselves, and who may see it.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use serde::Serialize;
use tokio::time::Instant;

use crate::feed::{NotTaken, Report, Reported};
use crate::http::body::Body;
use crate::http::code;
use crate::http::envelope::Data;
use crate::http::error::ApiError;
use crate::http::revocations::verifier;
use crate::http::source::Source;

#[derive(Serialize)]
struct Taken {}

#[derive(Serialize)]
struct Verifiers {
    verifiers: Vec<Reported>,
}

/// `POST /v1/revocations/report`
pub(crate) async fn report<S: Source>(
    State(source): State<S>,
    request: Request,
) -> Result<Response, ApiError> {
    let identity = verifier(&source, request.headers())?;
    let Body(report) = Body::<Report>::from_request(request, &()).await?;
    match source.reports().take(&identity.claims().client_id, report, Instant::now()) {
        Ok(()) => Ok(Data(Taken {}).into_response()),
        Err(NotTaken::Full) => Err(ApiError::new(code::UNAVAILABLE)),
        Err(error) => Err(ApiError::bad_request(error.to_string())),
    }
}

/// `GET /admin/v1/verifiers`
pub(crate) async fn list<S: Source>(
    State(source): State<S>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    verifier(&source, &headers)?;
    let verifiers = source.reports().list(Instant::now());
    Ok(Data(Verifiers { verifiers }).into_response())
}
