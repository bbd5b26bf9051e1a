//! `jeton relay`: serves another's feed again, until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use tokio::net::TcpListener;
use tracing::info;

use crate::cli::serve::stopped;
use crate::cli::{Console, Failure, Place};
use crate::relay::Relay as Service;
use crate::settings::Settings;
use crate::{clock, http, listen, log};

#[derive(Debug, Args)]
pub(super) struct Relay {
    /// Address and port to listen on; port 0 for any free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Relay {
    pub(super) fn run(self, place: &Place, console: &mut Console<'_>) -> Result<(), Failure> {
        let settings = place.settings_with(self.listen)?;
        log::start(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(relay(settings, console))
    }
}

async fn relay(settings: Settings, console: &mut Console<'_>) -> Result<(), Failure> {
    let relay = Service::start(settings, clock::system).map_err(Failure::usage)?;
    let address = relay.settings().listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::unavailable(format_args!("cannot listen on {address}: {error}"))
    })?;
    let stop = stopped()?;
    console.line(format_args!("jeton listens on http://{}", listener.local_addr()?))?;
    let upstream = relay.settings().relay.upstream.as_str();
    info!(event = "started", upstream, version = env!("CARGO_PKG_VERSION"));

    let stop = async {
        stop.await;
        // Streams never end by themselves, and must not be waited for.
        relay.outlet().close();
    };
    let router = http::relay_router(relay.clone());
    let outcome = tokio::select! {
        served = listen::serve(listener, router, &relay.settings().http, stop) => {
            served.map_err(Failure::from)
        }
        () = relay.outlet().beat(relay.subscriber()) => Ok(()),
    };
    info!(event = "stopped");
    outcome
}
