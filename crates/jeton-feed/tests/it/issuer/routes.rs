//! What each route answers.

use serde_json::{Value, json};

use super::{Request, World};

pub(super) enum Answer {
    Whole(Vec<u8>),
    Feed,
    Never,
}

impl World {
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.as_str();
        if self.hangs.contains(&path) {
            return Answer::Never;
        }
        if let Some(status) = self.broken.get(path) {
            return Answer::Whole(whole(*status, "text/plain", b"broken"));
        }
        if path.starts_with("/v1/") && !self.admits(&request.authorization) {
            return Answer::Whole(whole(401, "text/plain", b"no"));
        }
        let (mut content_type, body) = match path {
            "/oauth2/token" => ("application/json;charset=UTF-8", self.token()),
            "/oauth2/introspect" => {
                ("application/json", json!({ "active": self.active }).to_string().into())
            }
            "/v1/revocations/snapshot" => self.snapshot(&request.accept),
            "/v1/revocations/poll" => ("application/json", self.poll(&request.query)),
            "/v1/revocations/report" => ("application/json", b"{}".to_vec()),
            "/v1/revocations/feed" => return Answer::Feed,
            other => panic!("{other}"),
        };
        if let Some(other) = self.mistyped.get(path) {
            content_type = other;
        }
        Answer::Whole(whole(200, content_type, &body))
    }

    fn admits(&self, authorization: &str) -> bool {
        let number = authorization.strip_prefix("Bearer token-").and_then(|n| n.parse().ok());
        number.is_some_and(|number: u64| number > self.refused)
    }

    fn token(&mut self) -> Vec<u8> {
        self.granted += 1;
        let token = format!("token-{}", self.granted);
        json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.expires_in })
            .to_string()
            .into()
    }

    fn snapshot(&self, accept: &str) -> (&'static str, Vec<u8>) {
        let mut snapshot = self.complete();
        let others = json!({ "cursor": self.cursor(self.log.len()), "retention": 690,
            "jwks": self.jwks, "e": self.log });
        snapshot.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let known: Option<jeton_feed::wire::Snapshot> =
            serde_json::from_value(snapshot.clone()).ok();
        if accept.starts_with(jeton_feed::wire::MEDIA_TYPE)
            && let Some(known) = known
        {
            return (jeton_feed::wire::MEDIA_TYPE, known.to_binary().unwrap());
        }
        ("application/json", snapshot.to_string().into())
    }

    fn poll(&self, query: &str) -> Vec<u8> {
        let place = self.place(query);
        let after = place.unwrap_or(self.log.len());
        let mut answer = self.complete();
        let others = json!({ "after": self.cursor(after), "cursor": self.cursor(self.log.len()),
            "e": &self.log[after..], "jwks": self.jwks, "reset": place.is_none() });
        answer.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        answer.to_string().into()
    }

    pub(super) fn revocations(&self, after: usize) -> Value {
        json!({ "after": self.cursor(after), "cursor": self.cursor(self.log.len()),
            "e": &self.log[after..] })
    }
}

fn whole(status: u16, content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
