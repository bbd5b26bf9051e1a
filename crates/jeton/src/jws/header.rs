//! The JOSE header: what a token claims about its own signature.

use crate::algorithm::Algorithm;
use crate::error::VerifyError;
use crate::json::Members;
use crate::key::KeyId;
use crate::limits::Limits;

/// Header parameters that change what the signed bytes mean and are never understood here: `b64`
/// unencodes the payload (RFC 7797), `zip` compresses it.
const NOT_UNDERSTOOD: [&str; 2] = ["b64", "zip"];

/// The parameters of RFC 7515 itself, which `crit` may not name (section 4.1.11).
const REGISTERED: [&str; 11] =
    ["alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"];

/// The header parameters that matter to a verifier. Everything else is ignored; `jwk`, `jku`,
/// `x5c` and `x5u` above all, which let a token bring its own key.
///
/// # Examples
///
/// ```
/// # use jeton::{Algorithm, base64url, jws::Compact};
/// # let token = format!("{}.e30.", base64url::encode(br#"{"alg":"ES256","typ":"JWT","jwk":1}"#));
/// let header = Compact::parse(&token)?.header().clone(); // {"alg":"ES256","typ":"JWT","jwk":1}
/// assert_eq!(header.algorithm(), Some(Algorithm::Es256));
/// assert!(header.is_type("jwt") && header.key_id().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: Option<Algorithm>,
    key_id: Option<KeyId>,
    media_type: Option<String>,
    content_type: Option<String>,
    critical: Vec<String>,
}

impl Header {
    pub(super) fn from_json(text: &[u8], limits: &Limits) -> Result<Self, VerifyError> {
        if text.len() > limits.header {
            return Err(VerifyError::Malformed);
        }
        let members = Members::read(text, limits).ok_or(VerifyError::Malformed)?;
        if NOT_UNDERSTOOD.iter().any(|name| members.get(name).is_some()) {
            return Err(VerifyError::Malformed);
        }
        let algorithm = text_of(&members, "alg")?.ok_or(VerifyError::Malformed)?;
        let key_id = text_of(&members, "kid")?.as_deref().map(KeyId::new).transpose();
        Ok(Self {
            algorithm: Algorithm::from_name(&algorithm),
            key_id: key_id.map_err(|_| VerifyError::Malformed)?,
            media_type: text_of(&members, "typ")?,
            content_type: text_of(&members, "cty")?,
            critical: critical(&members)?,
        })
    }

    /// `alg`, if it names an algorithm there is.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, base64url, jws::Compact};
    /// # let token = format!("{}.e30.", base64url::encode(br#"{"alg":"none"}"#));
    /// let header = Compact::parse(&token)?.header().clone(); // {"alg":"none"}
    /// assert_eq!(header.algorithm(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// `kid`, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, base64url, jws::Compact};
    /// # let token = format!("{}.e30.", base64url::encode(br#"{"alg":"ES256","kid":"2027"}"#));
    /// let header = Compact::parse(&token)?.header().clone(); // {"alg":"ES256","kid":"2027"}
    /// assert_eq!(header.key_id().map(|id| id.as_str()), Some("2027"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// Whether `typ` is this media type: case does not matter, nor a leading `application/`
    /// (RFC 7515 section 4.1.9).
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, base64url, jws::Compact};
    /// # let token = format!("{}.e30.", base64url::encode(br#"{"alg":"ES256","typ":"AT+JWT"}"#));
    /// let header = Compact::parse(&token)?.header().clone(); // {"alg":"ES256","typ":"AT+JWT"}
    /// assert!(header.is_type("at+jwt") && header.is_type("application/at+jwt"));
    /// assert!(!header.is_type("JWT"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_type(&self, expected: &str) -> bool {
        self.media_type.as_deref().is_some_and(|typ| is_same_type(typ, expected))
    }

    /// Whether `cty` says that the payload is a token itself (RFC 7519 section 5.2).
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, base64url, jws::Compact};
    /// # let token = format!("{}.e30.", base64url::encode(br#"{"alg":"ES256","cty":"JWT"}"#));
    /// let header = Compact::parse(&token)?.header().clone(); // {"alg":"ES256","cty":"JWT"}
    /// assert!(header.is_nested());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.content_type.as_deref().is_some_and(|cty| is_same_type(cty, "JWT"))
    }

    /// The extensions that a recipient must understand or refuse the token (`crit`, RFC 7515
    /// section 4.1.11). A token with any is refused unless its policy [understands] each.
    ///
    /// [understands]: crate::Policy::with_understood
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws};
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let token = jws::sign_under(&key, r#"{"alg":"HS256","crit":["urn:x"],"urn:x":1}"#, b"{}")?;
    /// assert_eq!(jws::Compact::parse(&token).unwrap_err(), VerifyError::Malformed);
    ///
    /// let token = jws::sign(&key, "JWT", b"{}")?;
    /// assert_eq!(jws::Compact::parse(&token)?.header().critical().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn critical(&self) -> impl Iterator<Item = &str> {
        self.critical.iter().map(String::as_str)
    }
}

fn is_same_type(one: &str, other: &str) -> bool {
    short(one).eq_ignore_ascii_case(short(other))
}

/// A media type without the `application/` that compact headers leave out.
fn short(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}

/// A string member. Absent is fine, another type is not.
fn text_of(members: &Members<'_>, name: &str) -> Result<Option<String>, VerifyError> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => {
            value.to_text().map(|text| Some(text.into_owned())).ok_or(VerifyError::Malformed)
        }
    }
}

/// The names in `crit`: at least one if it is there, each once, each an extension that the header
/// has.
fn critical(members: &Members<'_>) -> Result<Vec<String>, VerifyError> {
    let Some(value) = members.get("crit") else {
        return Ok(Vec::new());
    };
    let names = value.to_texts().ok_or(VerifyError::Malformed)?;
    let is_extension = |name: &str| !REGISTERED.contains(&name) && members.get(name).is_some();
    let is_twice =
        names.iter().enumerate().any(|(i, name)| names.iter().skip(i + 1).any(|n| n == name));
    if names.is_empty() || is_twice || !names.iter().all(|name| is_extension(name)) {
        return Err(VerifyError::Malformed);
    }
    Ok(names.into_iter().map(Into::into).collect())
}
