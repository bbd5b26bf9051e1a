//! `{"success":…,"data":…,"msg":…,"code":…}`: what every first-party answer looks like.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;

/// Success, with its data. Never cached: it speaks of one caller at one moment.
#[derive(Debug)]
pub(crate) struct Data<T>(pub(crate) T);

#[derive(Serialize)]
struct Envelope<T> {
    success: bool,
    data: T,
    msg: Option<()>,
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response {
        let mut response =
            Json(Envelope { success: true, data: self.0, msg: None }).into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
