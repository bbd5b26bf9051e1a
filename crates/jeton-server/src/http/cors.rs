//! Which pages may call from a browser, and what they may read.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::settings::Settings;

/// No origin is allowed unless it is configured. Credentials of the browser's own, such as cookies,
/// never are: tokens travel in headers.
pub(crate) fn layer(settings: &Settings) -> CorsLayer {
    let names = |names: &[String]| -> Vec<HeaderName> {
        names.iter().filter_map(|name| name.parse().ok()).collect()
    };
    let mut requested = names(&settings.tokens.headers);
    requested.extend([http::header::AUTHORIZATION, CONTENT_TYPE]);
    let mut exposed = names(std::slice::from_ref(&settings.tokens.response_header));
    exposed.extend([WWW_AUTHENTICATE, RETRY_AFTER]);

    let origins = &settings.http.origins;
    let origin = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().filter_map(|origin| HeaderValue::try_from(origin).ok()))
    };
    CorsLayer::new()
        .allow_origin(origin)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers(requested)
        .expose_headers(exposed)
        .max_age(Duration::from_mins(10))
}
