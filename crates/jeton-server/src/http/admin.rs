//! `/admin/v1/*`: for backends that check passwords themselves. They open sessions, and end and
//! recall those of anybody, with a client's own access token of scope `sessions:manage`.

mod open;
mod subject;

use axum::Router;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::routing::{delete, get, post};
use jeton::limits;

use crate::app::App;
use crate::http::error::ApiError;

/// The routes. Each waits for the store.
pub(crate) fn router() -> Router<App> {
    let sessions = get(subject::list).post(open::open).delete(subject::end_all);
    Router::new()
        .route("/admin/v1/subjects/{sub}/sessions", sessions)
        .route("/admin/v1/subjects/{sub}/recall", post(subject::recall))
        .route("/admin/v1/sessions/{sid}", delete(subject::end_one))
}

/// The subject in the path, percent-decoded: any text that a token may speak of.
fn subject(path: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    let wrong = || ApiError::bad_request("the subject in the path needs 1 to 256 bytes of UTF-8");
    let Path(subject) = path.map_err(|_| wrong())?;
    let fits = (1..=limits::SUBJECT).contains(&subject.len());
    if fits { Ok(subject) } else { Err(wrong()) }
}
