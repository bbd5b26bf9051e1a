//! Tells the issuer how long its revocations take.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::time::{sleep, timeout};
use tracing::debug;

use super::backoff::{part, random};
use super::http::{Call, Failure};
use super::shared::Shared;

const EVERY: Duration = Duration::from_secs(10);
const WITHIN: Duration = Duration::from_secs(5);
const ANSWER: usize = 64 * 1024;

/// Longest name of a verifier, in bytes.
const NAME: usize = 64;

#[derive(Serialize)]
struct Report<'r> {
    verifier: &'r str,
    delay_ms: Option<f64>,
    staleness_ms: u64,
    entries: usize,
}

/// Whether an issuer takes this for the name of a verifier.
pub(super) fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
    (1..=NAME).contains(&name.len()) && name.bytes().all(is_letter)
}

/// Reports after each canary, and every ten seconds if there is none. Runs until dropped.
pub(super) async fn report(shared: Arc<Shared>, name: String) {
    shared.ready().await;
    loop {
        // A canary reaches all verifiers at once: they do not answer at once.
        let _ = timeout(EVERY, shared.measured.notified()).await;
        sleep(part(Duration::from_secs(1), random())).await;
        if let Err(failure) = send(&shared, &name).await {
            debug!(%failure, "nobody hears the report");
        }
    }
}

async fn send(shared: &Shared, name: &str) -> Result<(), Failure> {
    let status = shared.status();
    let Some(staleness) = status.staleness else {
        return Ok(());
    };
    let report = Report {
        verifier: name,
        delay_ms: status.delay.map(|delay| delay.as_secs_f64() * 1e3),
        staleness_ms: u64::try_from(staleness.as_millis()).unwrap_or(u64::MAX),
        entries: status.entries,
    };
    let body = serde_json::to_vec(&report).map_err(|_| Failure::NotUnderstood)?;
    let token = shared.tokens.get(&shared.http).await?;
    let call = Call {
        route: "/v1/revocations/report",
        authorization: Some(token.authorization),
        accept: "application/json",
        body: Some(("application/json", Bytes::from(body))),
    };
    shared.http.fetch(call, ANSWER, WITHIN).await.map(|_| ())
}
