//! A pair of tokens as an answer (after RFC 6749 section 5.1).

use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, HeaderValue};
use jeton_session::TokenPair;
use serde::Serialize;

use crate::app::App;
use crate::http::envelope::Data;

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: String,
    refresh_expires_in: u64,
    session: String,
}

/// The pair in the body; the access token also in the configured header.
pub(crate) fn answer(app: &App, pair: TokenPair) -> Response {
    let header = HeaderName::try_from(&app.settings().tokens.response_header).ok();
    // A compact token is letters, digits and three signs.
    let header = header.zip(HeaderValue::try_from(&pair.access_token).ok());
    let tokens = Tokens {
        token_type: "Bearer",
        expires_in: pair.expires_in.as_secs(),
        refresh_expires_in: pair.refresh_expires_in.as_secs(),
        session: pair.session.to_string(),
        access_token: pair.access_token,
        refresh_token: pair.refresh_token,
    };
    let mut response = Data(tokens).into_response();
    response.headers_mut().extend(header);
    response
}
