//! `jeton serve`: runs the service until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use jeton_account::{AccountError, NewAccount, Password};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;
use tracing::{error, info};

use crate::app::{App, random};
use crate::cli::{Console, Failure, Place};
use crate::settings::Settings;
use crate::{clock, feed, housekeeping, http, listen, log};

/// The name of the first account.
const FIRST: &str = "admin";

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to listen on; port 0 for any free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self, place: &Place, console: &mut Console<'_>) -> Result<(), Failure> {
        let settings = place.settings_with(self.listen)?;
        log::start(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(settings, console))
    }
}

async fn serve(settings: Settings, console: &mut Console<'_>) -> Result<(), Failure> {
    let app = App::start(settings, clock::system).await?;
    first_account(&app, console).await?;
    let address = app.settings().listen;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Failure::unavailable(format_args!("cannot listen on {address}: {error}"))
    })?;
    let stop = stopped()?;
    console.line(format_args!("jeton listens on http://{}", listener.local_addr()?))?;
    info!(event = "started", issuer = app.settings().issuer, version = env!("CARGO_PKG_VERSION"));

    let mut keeping = tokio::spawn(housekeeping::keep(app.clone()));
    let mut publishing = tokio::spawn(feed::keep(app.clone()));
    let router = http::router(app.clone());
    let closing = app.clone();
    let stop = async move {
        stop.await;
        closing.begin_to_stop();
        let notice = closing.settings().http.notice;
        if notice > 0 {
            info!(event = "stopping", notice);
            sleep(Duration::from_secs(notice)).await;
        }
        // Streams never end by themselves, and must not be waited for.
        closing.feed().publisher().close();
    };
    let outcome = tokio::select! {
        served = listen::serve(listener, router, &app.settings().http, stop) => {
            served.map_err(Failure::from)
        }
        failed = app.sessions().store().failed() => {
            // What is really on the disk, only a new start can tell.
            error!(event = "store_failed", cause = %failed);
            Err(Failure::unavailable(failed))
        }
        ended = &mut keeping => {
            error!(event = "housekeeping_ended");
            Err(Failure::unavailable(format_args!("housekeeping has ended: {ended:?}")))
        }
        ended = &mut publishing => {
            error!(event = "feed_ended");
            Err(Failure::unavailable(format_args!("the feed has ended: {ended:?}")))
        }
    };
    keeping.abort();
    publishing.abort();
    app.sessions().store().close().await;
    info!(event = "stopped");
    outcome
}

/// The first start makes an administrator with a password that is shown once, and nowhere kept.
async fn first_account(app: &App, console: &mut Console<'_>) -> Result<(), Failure> {
    if !app.accounts().is_empty().await? {
        return Ok(());
    }
    let password = Password::random(random).map_err(Failure::unavailable)?;
    let shown = Password::new(password.expose().to_owned())?;
    let roles = vec![FIRST.to_owned()];
    let new = NewAccount { name: FIRST.to_owned(), password, roles };
    match app.accounts().add(new, app.now().as_secs()).await {
        // Of several nodes that start together, another was first and shows its password.
        Err(AccountError::NameTaken) => return Ok(()),
        added => added?,
    };
    console.line("The first account was made. Its password is shown this once:")?;
    console.line(format_args!("  account   {FIRST}"))?;
    console.line(format_args!("  password  {}", shown.expose()))
}

/// Resolves at the first SIGTERM or SIGINT.
pub(super) fn stopped() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
