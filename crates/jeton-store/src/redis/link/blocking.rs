//! A connection for one reader, that waits for news on it.

use std::sync::Arc;
use std::time::Duration;

use jeton_session::StoreError;
use redis::{Cmd, Value};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::redis::link::address::Address;
use crate::redis::link::dial::Live;
use crate::redis::link::failure::Failure;
use crate::redis::link::routes::Routes;
use crate::redis::link::shared::Shared;

/// A connection that nobody else uses, to the primary of one bucket.
///
/// After an error it is of no more use: take another one. It ends as well when another server has
/// become primary, so nobody waits for news that are told elsewhere.
pub(in crate::redis) struct Blocking {
    shared: Arc<Shared>,
    address: Address,
    slot: u16,
    live: Option<Live>,
    routes: watch::Receiver<Routes>,
}

impl Blocking {
    pub(super) async fn open(shared: &Arc<Shared>, slot: u16) -> Result<Self, StoreError> {
        let until = Instant::now() + shared.deadline;
        let (address, live) = shared.own(slot, until).await?;
        let routes = shared.routes.subscribe();
        Ok(Self { shared: Arc::clone(shared), address, slot, live: Some(live), routes })
    }

    /// Sends a command that waits for news for at most so long, and waits for its answer. The
    /// command has to say so itself (`BLOCK`).
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there was no answer when the deadline had passed after that, if the
    /// connection broke, or if the server is not the primary any more.
    pub(in crate::redis) async fn read(
        &mut self,
        command: &Cmd,
        block: Duration,
    ) -> Result<Value, StoreError> {
        // It comes back if all is well. Who drops this future in the middle drops the connection.
        let live = self.live.take().ok_or_else(|| self.error("the connection has ended"))?;
        let until = Instant::now() + block + self.shared.deadline;
        let answer = tokio::select! {
            answer = timeout_at(until, live.ask(command)) => answer,
            () = replaced(&mut self.routes, self.slot, &self.address) => {
                return Err(self.error("is not the primary any more"));
            }
        };
        let failure = match answer {
            Ok(Ok(answer)) => {
                self.live = Some(live);
                return Ok(answer);
            }
            Ok(Err(error)) => Failure::of(&error),
            Err(_) => Failure::Unknown("did not answer in time".to_owned()),
        };
        self.shared.refresh(self.routes.borrow().version);
        Err(self.error(&failure.to_string()))
    }

    fn error(&self, what: &str) -> StoreError {
        StoreError::new(format!("Redis at {}: {what}", self.address))
    }
}

/// Resolves when the slot belongs to another server.
async fn replaced(routes: &mut watch::Receiver<Routes>, slot: u16, address: &Address) {
    let is_replaced = |routes: &Routes| routes.of(slot).is_some_and(|now| now.address() != address);
    if routes.wait_for(is_replaced).await.is_err() {
        // Nobody learns anything any more.
        std::future::pending::<()>().await;
    }
}
