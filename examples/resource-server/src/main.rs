//! Your API: it verifies tokens by itself, and still refuses the ones that were taken back.
//!
//! No request of yours waits for the issuer. What was revoked comes over the feed, within
//! milliseconds; if the feed is away for too long, the answer is 503, and never a wrong 200.

mod arguments;

use std::time::Duration;

use anyhow::Context as _;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use clap::Parser as _;
use jeton::Policy;
use jeton_feed::subscribe::{Status, Subscriber};
use jeton_tower::{Gate, Identity, Outage, Transport};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::interval;

use crate::arguments::Arguments;

#[derive(Clone)]
struct App {
    gate: Gate,
    subscriber: Subscriber,
}

/// What the extractor [`Identity`] asks for.
impl FromRef<App> for Gate {
    fn from_ref(app: &App) -> Self {
        app.gate.clone()
    }
}

/// Guarded: without a good token this does not run.
async fn hello(identity: Identity) -> String {
    format!("hello {}\n", identity.subject())
}

/// For the load balancer: whether this process can tell good tokens from revoked ones.
async fn ready(State(app): State<App>) -> StatusCode {
    if app.subscriber.status().fresh { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// For whoever is on call.
async fn status(State(app): State<App>) -> Json<Value> {
    Json(words(app.subscriber.status()))
}

fn words(status: Status) -> Value {
    let millis = |span: Option<Duration>| span.map(|span| span.as_secs_f64() * 1e3);
    json!({
        "fresh": status.fresh,
        "staleness_ms": millis(status.staleness),
        "delay_ms": millis(status.delay),
        "entries": status.entries,
        "connected": status.connected,
        "polling": status.polling,
        "reconnects": status.reconnects,
        "resets": status.resets,
    })
}

fn app(arguments: &Arguments) -> anyhow::Result<App> {
    let subscriber = Subscriber::start(arguments.settings()?)?;
    let policy = Policy::access_token(arguments.issuer_claim(), &arguments.audience);
    let guard = subscriber.guard(policy);
    let asks = subscriber.clone();
    // Under `--stale ask`, a token that the list cannot vouch for is asked about.
    let gate = Gate::new(guard, Transport::bearer(), subscriber.clock()).with_confirm(
        move |token: String| {
            let subscriber = asks.clone();
            async move { subscriber.introspect(&token).await.map_err(Outage::new) }
        },
    );
    Ok(App { gate, subscriber })
}

fn router(app: App) -> Router {
    Router::new()
        .route("/hello", get(hello))
        .route("/ready", get(ready))
        .route("/status", get(status))
        .with_state(app)
}

/// Says every ten seconds how long a revocation takes to get here.
async fn tell(subscriber: Subscriber) {
    let mut times = interval(Duration::from_secs(10));
    loop {
        times.tick().await;
        if let Some(delay) = subscriber.status().delay {
            say(&format!("a revocation takes {:.1} ms", delay.as_secs_f64() * 1e3));
        }
    }
}

#[expect(clippy::print_stdout, reason = "the program's one way to speak")]
fn say(line: &str) {
    println!("{line}");
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let app = app(&arguments)?;
    let listener = TcpListener::bind(arguments.listen).await.context("cannot listen")?;
    say(&format!("resource-server listens on http://{}", listener.local_addr()?));

    tokio::spawn(tell(app.subscriber.clone()));
    let stop = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(axum::serve(listener, router(app)).with_graceful_shutdown(stop).await?)
}
