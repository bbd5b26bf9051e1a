//! What the service answered, and what every answer must look like.

use serde_json::Value;
use ureq::Body;
use ureq::http::{HeaderMap, Response};

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body as it came, for those that are no text.
    pub(crate) bytes: Vec<u8>,
}

/// A pair of tokens and their session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) session: String,
}

impl Answer {
    pub(crate) fn read(response: Response<Body>) -> Result<Self, ureq::Error> {
        let (parts, mut body) = response.into_parts();
        let bytes = body.read_to_vec()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Self { status: parts.status.as_u16(), headers: parts.headers, text, bytes })
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn has(&self, header: &str) -> bool {
        self.headers.contains_key(header)
    }

    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_str(&self.text);
        read.unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The stable code of a refusal; of a success, nothing.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether this is a refusal as RFC 6749 section 5.2 asks for it: its status, its code, and text
    /// that a header may quote (W4).
    #[track_caller]
    pub(crate) fn assert_oauth_error(&self, status: u16, error: &str, case: &str) {
        let json = self.json();
        assert_eq!(
            (self.status, json["error"].as_str()),
            (status, Some(error)),
            "{case}: {self:?}"
        );
        let text = json["error_description"].as_str().unwrap();
        let is_quotable = |letter| matches!(letter, ' '..='~') && letter != '"' && letter != '\\';
        assert!(!text.is_empty() && text.chars().all(is_quotable), "{case}: {json}");
        assert_eq!(json.as_object().unwrap().len(), 2, "{case}: {json}");
        assert_eq!(self.header("cache-control"), "no-store", "{case}");
        assert_eq!(self.header("content-type"), "application/json", "{case}");
        assert!(self.has("www-authenticate") || status != 401, "{case}: {self:?}");
        assert_eq!(self.has("retry-after"), [503, 429].contains(&status), "{case}: {self:?}");
    }

    /// What a success says.
    #[track_caller]
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        let mut json = self.json();
        let data = json["data"].take();
        assert_eq!(json.to_string(), r#"{"data":null,"msg":null,"success":true}"#);
        assert_eq!(self.header("cache-control"), "no-store");
        data
    }

    /// The tokens of a successful login or refresh.
    #[track_caller]
    pub(crate) fn tokens(&self) -> Tokens {
        let data = self.data();
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        Tokens {
            access: text("access_token"),
            refresh: text("refresh_token"),
            session: text("session"),
        }
    }

    /// Whether this is a refusal as every refusal must be: its status, its code, the envelope, and a
    /// challenge with each 401 (W1).
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str, case: &str) {
        let json = self.json();
        let says_why = json["msg"].as_str().is_some_and(|text| !text.is_empty());
        assert_eq!((self.status, json["code"].as_str()), (status, Some(code)), "{case}: {self:?}");
        assert!(json["success"] == false && json["data"].is_null() && says_why, "{case}: {json}");
        assert_eq!(json.as_object().unwrap().len(), 4, "{case}: {json}");
        assert_eq!(self.header("cache-control"), "no-store", "{case}");
        let is_challenged = self.header("www-authenticate").starts_with("Bearer realm=");
        assert!(is_challenged || status != 401, "{case}: {self:?}");
    }
}
