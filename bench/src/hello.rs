//! The least an axum service can do.

use axum::Router;
use axum::routing::get;

pub fn run() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("hello listens on http://{}", listener.local_addr()?);
        let router = Router::new().route("/v1/check", get(|| async { "hello" }));
        Ok(axum::serve(listener, router).await?)
    })
}
