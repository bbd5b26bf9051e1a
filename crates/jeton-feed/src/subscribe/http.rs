//! Requests to the issuer, and limits on what it may answer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use crate::subscribe::StartError;
use crate::subscribe::address::Address;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// How long an answer may take to begin.
const ANSWER: Duration = Duration::from_secs(10);

/// Why a request was of no use. Never a refusal of anybody's token.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no connection: {0}")]
    Connection(String),
    #[error("no answer in time")]
    Timeout,
    #[error("answered with status {}", .0.as_u16())]
    Status(StatusCode),
    #[error("answered with content of another type")]
    ContentType,
    #[error("the answer broke off")]
    BrokenOff,
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the answer is not understood")]
    NotUnderstood,
    #[error("no access token: {0}")]
    Token(String),
    /// The issuer does not take the credentials.
    #[error("the credentials were refused with status {}; {}", .0.as_u16(), mistake(*.0))]
    Credentials(StatusCode),
}

/// What somebody has to mend (RFC 6749 section 5.2).
fn mistake(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "are the client and its secret right?",
        _ => "has the client the scope revocations:read?",
    }
}

impl Failure {
    /// Whether to try again soon is of no use: somebody has to mend something.
    pub(super) fn is_lasting(&self) -> bool {
        let lasting = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST];
        matches!(self, Self::Status(status) if lasting.contains(status))
            || matches!(self, Self::Credentials(_))
    }
}

/// Sends requests to one issuer, and to whoever has its feed.
#[derive(Debug)]
pub(super) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    issuer: Address,
    feed: Address,
}

/// A request.
#[derive(Debug)]
pub(super) struct Call<'c> {
    pub(super) route: &'c str,
    /// The value of the header `authorization`, marked as sensitive.
    pub(super) authorization: Option<HeaderValue>,
    pub(super) accept: &'static str,
    /// What is posted, and its content type.
    pub(super) body: Option<(&'static str, Bytes)>,
}

impl Http {
    pub(super) fn new(
        issuer: Address,
        feed: Address,
        roots: Option<RootCertStore>,
    ) -> Result<Self, StartError> {
        let is_secure = issuer.is_secure() || feed.is_secure();
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_keepalive(Some(Duration::from_secs(30)));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(is_secure, roots)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .build(connector);
        Ok(Self { client, issuer, feed })
    }

    /// Sends a request, and waits for the head of its answer.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Response<Incoming>, Failure> {
        let answer = timeout(ANSWER, self.client.request(self.request(call)?));
        let answer = answer.await.map_err(|_| Failure::Timeout)?;
        let answer = answer.map_err(|error| Failure::Connection(causes(&error)))?;
        let status = answer.status();
        if status.is_success() { Ok(answer) } else { Err(Failure::Status(status)) }
    }

    /// Sends a request, and reads an answer of up to so many bytes in so much time.
    pub(super) async fn fetch(
        &self,
        call: Call<'_>,
        limit: usize,
        within: Duration,
    ) -> Result<Answer, Failure> {
        let fetching = async {
            let (head, body) = self.send(call).await?.into_parts();
            let media_type = media_type(head.headers.get(CONTENT_TYPE));
            Ok(Answer { media_type, body: whole(body, limit).await? })
        };
        timeout(within, fetching).await.map_err(|_| Failure::Timeout)?
    }

    fn request(&self, call: Call<'_>) -> Result<Request<Full<Bytes>>, Failure> {
        let unsendable = |error: http::Error| Failure::Connection(error.to_string());
        let is_oauth = call.route.starts_with("/oauth2/");
        let address = if is_oauth { &self.issuer } else { &self.feed };
        let uri = address.route(call.route).map_err(unsendable)?;
        let mut request = Request::builder().uri(uri).header(ACCEPT, call.accept);
        // What something on the way has kept would be taken for news.
        request = request.header(CACHE_CONTROL, "no-store");
        if let Some(authorization) = call.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let body = match call.body {
            Some((content_type, body)) => {
                request = request.method(Method::POST).header(CONTENT_TYPE, content_type);
                body
            }
            None => Bytes::new(),
        };
        request.body(Full::new(body)).map_err(unsendable)
    }
}

/// An answer that was read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) media_type: String,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body, if it is of this type.
    pub(super) fn of_type(self, media_type: &str) -> Result<Bytes, Failure> {
        if self.media_type == media_type { Ok(self.body) } else { Err(Failure::ContentType) }
    }
}

/// All of a body of up to so many bytes.
async fn whole<B>(body: B, limit: usize) -> Result<Bytes, Failure>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Failure::TooLarge(limit)),
        Err(_) => Err(Failure::BrokenOff),
    }
}

/// The type without its parameters, in lower case.
pub(super) fn media_type(content_type: Option<&HeaderValue>) -> String {
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The header of this scheme and these credentials; they are shown to nobody.
pub(super) fn authorization(scheme: &str, credentials: &str) -> Result<HeaderValue, Failure> {
    let value = zeroize::Zeroizing::new(format!("{scheme} {credentials}"));
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| Failure::Token("it does not fit into a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn tls(is_secure: bool, roots: Option<RootCertStore>) -> Result<ClientConfig, StartError> {
    let roots = match roots {
        Some(roots) => roots,
        None if is_secure => system_roots()?,
        None => RootCertStore::empty(),
    };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| StartError::Tls(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The authorities that the operator of this machine trusts.
fn system_roots() -> Result<RootCertStore, StartError> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        return Err(StartError::Tls("this machine trusts no certificate authority".to_owned()));
    }
    Ok(roots)
}

/// An error with everything that it was caused by, which hyper keeps behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_taken_up_to_its_limit_and_one_byte_more_is_too_large() {
        let answer = || Full::new(Bytes::from_static(b"four"));

        assert_eq!(whole(answer(), 4).await.unwrap(), "four");
        assert!(matches!(whole(answer(), 3).await, Err(Failure::TooLarge(3))));
    }

    #[test]
    fn whoever_reads_that_the_credentials_were_refused_knows_where_to_look() {
        let said = |status| Failure::Credentials(status).to_string();

        assert!(said(StatusCode::UNAUTHORIZED).contains("secret"));
        assert!(said(StatusCode::BAD_REQUEST).contains("scope"));
    }
}
