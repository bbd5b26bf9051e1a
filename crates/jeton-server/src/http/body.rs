//! JSON bodies: bounded, and errors that name the field without repeating what was sent.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::response::IntoResponse as _;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::code;
use crate::http::error::ApiError;

const NOT_AN_OBJECT: &str = "the body is not a JSON object of the expected form";

/// A JSON body. Members that the type does not know are ignored.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(CONTENT_TYPE);
        let is_json = content_type.and_then(|value| value.to_str().ok()).is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default();
            media_type.trim().eq_ignore_ascii_case("application/json")
        });
        if !is_json {
            // A form of a foreign page can send anything but this (CSRF).
            return Err(ApiError::bad_request("`Content-Type` is not application/json"));
        }
        let bytes = bytes(request, state).await?;
        read(&bytes).map(Self)
    }
}

/// No body at all is as good as an empty object; one that is there has to say what it is.
impl<S, T> OptionalFromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, ApiError> {
        let is_typed = request.headers().contains_key(CONTENT_TYPE);
        let (head, body) = request.into_parts();
        let bytes = bytes(Request::from_parts(head.clone(), body), state).await?;
        if bytes.is_empty() && !is_typed {
            return Ok(None);
        }
        let request = Request::from_parts(head, bytes.into());
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

/// The request with a body that waits for nobody: all of it is here.
pub(crate) async fn arrived(request: Request) -> Result<Request, ApiError> {
    let (head, body) = request.into_parts();
    let bytes = bytes(Request::from_parts(head.clone(), body), &()).await?;
    Ok(Request::from_parts(head, bytes.into()))
}

pub(crate) async fn bytes(request: Request, state: &(impl Send + Sync)) -> Result<Bytes, ApiError> {
    let bytes = Bytes::from_request(request, state).await;
    bytes.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(code::PAYLOAD_TOO_LARGE),
        _ => ApiError::bad_request("the body did not arrive"),
    })
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // To `serde`, an array of the values in order would do.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::bad_request(NOT_AN_OBJECT));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        match error.classify() {
            Category::Data => ApiError::bad_request(misfit(&path, &error)),
            _ => syntax(&error),
        }
    })?;
    json.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

/// Names the field. What `serde` says beyond that may repeat the value, and that may be a password.
fn misfit(path: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    // The member's name is the client's; what could have been there is ours, and comes last.
    if text.starts_with("unknown field `") {
        let known = text.rsplit_once(", expected ").map_or("", |(_, known)| known);
        let known = known.rsplit_once(" at line ").map_or(known, |(known, _)| known);
        return format!("a member is not {known}");
    }
    match text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        Some(field) if path == "." => format!("`{field}` is missing"),
        Some(field) => format!("`{path}.{field}` is missing"),
        None if path == "." => NOT_AN_OBJECT.to_owned(),
        None => format!("`{path}` has the wrong type"),
    }
}

fn syntax(error: &serde_json::Error) -> ApiError {
    let (line, column) = (error.line(), error.column());
    ApiError::bad_request(format!("not JSON at line {line} column {column}"))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde::Deserialize;

    use super::*;
    use crate::http::language::Language;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the error matters")]
    struct Sample {
        password: String,
        device: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only the error matters")]
    struct Inner {
        kind: String,
    }

    #[tokio::test]
    async fn errors_name_the_field_and_never_repeat_the_value() {
        let cases = [
            ("{}", "`password` is missing"),
            (r#"{"password":4711}"#, "`password` has the wrong type"),
            (r#"{"password":"x","hunter2":1}"#, "a member is not `password` or `device`"),
            (
                r#"{"password":"x",", expected hunter2 at line ":1}"#,
                "a member is not `password` or",
            ),
            (r#"{"password":"x","device":{}}"#, "`device.kind` is missing"),
            (r#"{"password":"x","device":"hunter2"}"#, "`device` has the wrong type"),
            (r#"{"password":"hunter2""#, "not JSON at line 1 column 21"),
            (r#"{"password":"x"} hunter2"#, "not JSON at line 1 column 18"),
            (r#"["hunter2"]"#, "not a JSON object"),
        ];
        for (body, expected) in cases {
            let response = read::<Sample>(body.as_bytes()).unwrap_err().render(Language::English);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            let bytes = axum::body::to_bytes(response.into_body(), 4_096).await.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            assert!(text.contains(expected), "{body}: {text}");
            assert!(!text.contains("hunter2") && !text.contains("4711"), "{body}: {text}");
        }
    }
}
