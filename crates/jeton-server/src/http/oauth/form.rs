//! A form as OAuth sends it (RFC 6749 section 3.2): each parameter once, and none in the URL.

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use zeroize::Zeroizing;

use crate::http::body;
use crate::http::oauth::error::OAuthError;

/// Most parameters of a form.
const PARAMETERS: usize = 32;

/// The parameters of a request. Those without a value are as good as absent; `Debug` is not there,
/// for most of them are secrets.
pub(crate) struct Form {
    parameters: Vec<(String, Zeroizing<String>)>,
}

impl Form {
    /// A parameter, if it is there.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let equals = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(equals);
            let value = value.strip_prefix(b"=").unwrap_or_default();
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(OAuthError::invalid_request("the form is not well-formed"));
            };
            if parameters.iter().any(|(other, _)| other == name.as_str()) {
                return Err(OAuthError::invalid_request("a parameter is there twice"));
            }
            if parameters.len() == PARAMETERS {
                return Err(OAuthError::invalid_request("there are too many parameters"));
            }
            parameters.push((name.to_string(), value));
        }
        Ok(Self { parameters })
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        // What is in a URL is in logs.
        if request.uri().query().is_some() {
            return Err(OAuthError::invalid_request("parameters belong into the body"));
        }
        let content_type = request.headers().get(CONTENT_TYPE);
        let is_form = content_type.and_then(|value| value.to_str().ok()).is_some_and(|value| {
            let media_type = value.split(';').next().unwrap_or_default();
            media_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form {
            let description = "`Content-Type` is not application/x-www-form-urlencoded";
            return Err(OAuthError::invalid_request(description));
        }
        Self::parse(&body::bytes(request, state).await?)
    }
}

/// What an `application/x-www-form-urlencoded` name or value says, if it is UTF-8. Strict: a percent
/// sign is followed by two hexadecimal digits.
pub(crate) fn decode(text: &[u8]) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            byte => byte,
        });
    }
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let digit = char::from(*byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_it_says_and_nothing_else() {
        let form = Form::parse(b"a=1&b=x+y%2Bz%3D&&c=&d&e==&%66=%C3%A4").ok().unwrap();

        let cases = [
            ("a", Some("1")),
            ("b", Some("x y+z=")),
            ("c", None),
            ("d", None),
            ("e", Some("=")),
            ("f", Some("ä")),
            ("g", None),
        ];
        for (name, value) in cases {
            assert_eq!(form.text(name), value, "{name}");
        }
    }

    #[test]
    fn what_is_not_a_form_is_refused() {
        let many = (0..33).fold(String::new(), |form, n| form + &format!("p{n}=x&"));
        let bodies = ["a=1&a=1", "a=1&%61=2", "a&a=1", "a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff"];
        for body in bodies.into_iter().chain([many.as_str()]) {
            assert!(Form::parse(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Form::parse(&many.as_bytes()[..many.len() - 6]).is_ok());
    }
}
