//! The accept loop: bounded connections, bounded headers, and an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;
use tracing::{debug, info, warn};

use crate::settings::Http;

/// Most bytes of a request's head: a token, and everything else.
const HEAD: usize = 32 * 1024;

/// Most headers of a request.
const HEADERS: usize = 64;

/// How long a client may take to send the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a client may read nothing of an answer that waits for it.
const WRITE_TIME: Duration = Duration::from_secs(10);

/// A connection whose other side has to read.
type Stream = TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>;

/// Serves until `stop` resolves, then lets open requests finish for as long as `drain` says.
///
/// # Errors
///
/// Never one of a connection; those concern one client.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &Http,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, accept(&listener).await)
        };
        let (place, stream) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let connection = graceful.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                debug!(%error, "connection ended");
            }
        });
    }
    drop(listener);
    info!(event = "draining");
    if timeout(Duration::from_secs(limits.drain), graceful.shutdown()).await.is_err() {
        warn!(event = "drained_late", "requests were cut off");
    }
    Ok(())
}

/// The next connection. Where the system is out of something, waits for it to recover.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and complete; holding them back helps nobody.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) => {
                warn!(%error, "cannot accept connections");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    router: Router,
) -> http1::Connection<
    Stream,
    impl hyper::service::HttpService<Incoming, ResBody = Body, Error = Infallible, Future: Send> + Send,
> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_TIME));
    let service = service_fn(move |request: Request<Incoming>| {
        router.clone().oneshot(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}
