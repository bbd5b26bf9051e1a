//! A blocking client that takes every answer as it is; and two ways to send what no client sends.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::request::Builder;
use ureq::http::{HeaderName, HeaderValue, Request};

use crate::answer::{Answer, Tokens};
use crate::service::PATIENCE;
use crate::setup::{ALICE, PASSWORD, secret_of};

/// Connections that are kept open between two requests.
const IDLE: usize = 64;

/// Speaks to one service. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    url: String,
}

/// A request that is being put together.
pub(crate) struct Ask<'c> {
    client: &'c Client,
    request: Builder,
    body: Option<String>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .proxy(None)
            .max_idle_connections(IDLE)
            .max_idle_connections_per_host(IDLE)
            .timeout_global(Some(PATIENCE));
        Self { agent: config.build().new_agent(), url: format!("http://{address}") }
    }

    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let uri = format!("{}{path}", self.url);
        Ask { client: self, request: Request::builder().method(method).uri(uri), body: None }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask<'_> {
        self.ask("DELETE", path)
    }

    /// Alice logs in.
    pub(crate) fn login(&self) -> Answer {
        self.login_as(ALICE, PASSWORD)
    }

    pub(crate) fn login_as(&self, account: &str, password: &str) -> Answer {
        let body = json!({ "account": account, "password": password });
        self.post("/v1/login").json(&body).send()
    }

    pub(crate) fn refresh(&self, refresh_token: &str) -> Answer {
        let body = json!({ "refresh_token": refresh_token });
        self.post("/v1/refresh").json(&body).send()
    }

    /// A client's own access token, with these scopes or by default all it may have.
    #[track_caller]
    pub(crate) fn client_token(&self, id: &str, scope: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let answer = self.post("/oauth2/token").client(id).form(&form).send();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// A backend opens a session; `token` is its own, and `body` what it asks for.
    pub(crate) fn open(&self, token: &str, subject: &str, body: &Value) -> Answer {
        let path = format!("/admin/v1/subjects/{}/sessions", escape(subject));
        self.post(&path).bearer(token).json(body).send()
    }

    /// A session of this subject that belongs to this client, who may manage sessions.
    #[track_caller]
    pub(crate) fn open_bound(&self, client: &str, subject: &str, scope: &str) -> Tokens {
        let token = self.client_token(client, "sessions:manage");
        let scope = Some(scope).filter(|scope| !scope.is_empty());
        self.open(&token, subject, &json!({ "bound": true, "scope": scope })).tokens()
    }

    /// `POST /oauth2/token` of this client with a refresh token, and perhaps for a scope.
    pub(crate) fn oauth_refresh(&self, client: &str, token: &str, scope: &str) -> Answer {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        self.post("/oauth2/token").client(client).form(&form).send()
    }

    pub(crate) fn revoke(&self, client: &str, token: &str) -> Answer {
        self.post("/oauth2/revoke").client(client).form(&[("token", token)]).send()
    }

    pub(crate) fn introspect(&self, client: &str, token: &str) -> Answer {
        self.post("/oauth2/introspect").client(client).form(&[("token", token)]).send()
    }

    pub(crate) fn me(&self, access_token: &str) -> Answer {
        self.get("/v1/me").bearer(access_token).send()
    }

    pub(crate) fn logout(&self, access_token: &str) -> Answer {
        self.post("/v1/logout").bearer(access_token).send()
    }
}

impl Ask<'_> {
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name: HeaderName = name.parse().unwrap();
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// The parameters of a form, encoded to the last letter.
    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        let pairs =
            parameters.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    /// As this client, by `client_secret_basic`.
    pub(crate) fn client(self, id: &str) -> Self {
        self.basic(id, &secret_of(id))
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let both = format!("{}:{}", escape(id), escape(secret));
        let encoded = base64_simd::STANDARD.encode_to_string(both);
        self.header("authorization", format!("Basic {encoded}"))
    }

    pub(crate) fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn send(self) -> Answer {
        self.try_send().unwrap()
    }

    /// An error where the service went away before it answered.
    pub(crate) fn try_send(self) -> Result<Answer, ureq::Error> {
        let Self { client, request, body } = self;
        let answered = match body {
            Some(body) => client.agent.run(request.body(body)?),
            None => client.agent.run(request.body(())?),
        };
        Answer::read(answered?)
    }
}

/// As `application/x-www-form-urlencoded`, with every byte escaped that may be.
pub(crate) fn escape(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// Sends these bytes over a connection of its own, and reads until the service closes it.
pub(crate) fn raw(address: SocketAddr, request: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    // A service that refuses early does not read everything.
    let _ = connection.write_all(request);
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = connection.read(&mut part) {
        answer.extend_from_slice(&part[..length]);
    }
    String::from_utf8(answer).unwrap()
}

/// A JSON request that the service has begun to work on: it waits for the body, of this length.
pub(crate) fn begin(address: SocketAddr, path: &str, length: usize) -> TcpStream {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nexpect: 100-continue\r\n\r\n"
    );
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 25];
    connection.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}
