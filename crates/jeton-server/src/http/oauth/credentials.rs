//! Who asks: `client_secret_basic` or `client_secret_post` (RFC 6749 section 2.3.1), never both.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use tracing::{info, warn};
use zeroize::Zeroizing;

use crate::app::App;
use crate::clients::Client;
use crate::http::caller;
use crate::http::oauth::error::OAuthError;
use crate::http::oauth::form::{self, Form};

/// What a client has presented.
struct Credentials {
    id: Zeroizing<String>,
    secret: Zeroizing<String>,
}

/// The client that has sent this request.
///
/// # Errors
///
/// `invalid_request` for credentials in two places, `invalid_client` for those that are none or not
/// right, whatever is wrong with them.
pub(crate) fn authenticate<'a>(
    app: &'a App,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a Client, OAuthError> {
    let Credentials { id, secret } = presented(headers, form)?.ok_or_else(|| {
        info!(event = "client_refused", "no credentials");
        OAuthError::invalid_client()
    })?;
    app.clients().authenticate(&id, &secret).ok_or_else(|| {
        // A name that nobody has may be a secret in the wrong field.
        let client = app.clients().get(&id).map(|client| client.id.as_str());
        warn!(event = "client_refused", client, "wrong credentials");
        OAuthError::invalid_client()
    })
}

/// The client that has sent this request and may ask for this scope: by its secret, or by an access
/// token of its own in `Authorization: Bearer`.
///
/// # Errors
///
/// As [`authenticate`] and RFC 6750 section 3 have it; `insufficient_scope` for a client that may
/// not.
pub(crate) fn authorize<'a>(
    app: &'a App,
    headers: &HeaderMap,
    form: &Form,
    scope: &'static str,
) -> Result<&'a Client, OAuthError> {
    let authorization = headers.get(AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    let scheme = authorization.get(..7).unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"Bearer ") && form.text("client_secret").is_none() {
        return Ok(caller::client(app, headers, scope)?);
    }
    let client = authenticate(app, headers, form)?;
    if client.may(scope) { Ok(client) } else { Err(OAuthError::insufficient_scope()) }
}

fn presented(headers: &HeaderMap, form: &Form) -> Result<Option<Credentials>, OAuthError> {
    let (id, secret) = (form.text("client_id"), form.text("client_secret"));
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(authorization) = values.next() else {
        let owned = |text: &str| Zeroizing::new(text.to_owned());
        return Ok(id
            .zip(secret)
            .map(|(id, secret)| Credentials { id: owned(id), secret: owned(secret) }));
    };
    if values.next().is_some() || secret.is_some() {
        return Err(OAuthError::invalid_request("there are credentials in two places"));
    }
    let basic = basic(authorization.as_bytes());
    // Some clients say their name in the body as well; it has to be the same.
    if let Some((basic, id)) = basic.as_ref().zip(id)
        && basic.id.as_str() != id
    {
        return Err(OAuthError::invalid_request("`client_id` is not the one that authenticates"));
    }
    Ok(basic)
}

/// `Basic` and the base64 of both halves, which are form-urlencoded first.
fn basic(authorization: &[u8]) -> Option<Credentials> {
    let (scheme, encoded) = authorization.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = base64_simd::STANDARD.decode_to_vec(encoded.trim_ascii()).ok()?;
    let decoded = Zeroizing::new(decoded);
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (id, secret) = decoded.split_at(colon);
    Some(Credentials { id: form::decode(id)?, secret: form::decode(secret.strip_prefix(b":")?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 section 2.3.1, RFC 7617
    #[test]
    fn both_halves_are_encoded_before_they_are_put_together() {
        let cases = [
            ("Basic b3JkZXJzOmpjc194", Some(("orders", "jcs_x"))),
            ("bASIC b3JkZXJzOmpjc194", Some(("orders", "jcs_x"))),
            ("Basic YSUzQWI6YyUzRGQrZQ==", Some(("a:b", "c=d e"))),
            ("Basic YTpiOmM=", Some(("a", "b:c"))),
            ("Basic Og==", Some(("", ""))),
            ("Basic YTpi!", None),
            ("Basic b3JkZXJz", None),
            ("Basic YTol", None),
            ("Basic", None),
            ("Bearer b3JkZXJzOmpjc194", None),
            ("", None),
        ];
        for (header, expected) in cases {
            let read = basic(header.as_bytes());
            let read = read.as_ref().map(|read| (read.id.as_str(), read.secret.as_str()));
            assert_eq!(read, expected, "{header}");
        }
    }
}
