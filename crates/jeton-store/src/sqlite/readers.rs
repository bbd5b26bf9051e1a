//! Connections that only read.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jeton_session::StoreError;
use rusqlite::Connection;
use tokio::task::spawn_blocking;

use crate::sqlite::{OpenStoreError, schema};

/// How many reads may run at a time.
const READERS: usize = 4;

#[derive(Debug)]
pub(super) struct Readers {
    connections: Vec<Arc<Mutex<Connection>>>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, OpenStoreError> {
        let connections = (0..READERS).map(|_| {
            let connection = schema::connect(path)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(Arc::new(Mutex::new(connection)))
        });
        let connections = connections.collect::<Result<_, OpenStoreError>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// Reads on one of the connections, away from the runtime's threads.
    pub(super) async fn read<T, R>(&self, read: R) -> Result<T, StoreError>
    where
        T: Send + 'static,
        R: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % READERS;
        let connection = self.connections.get(turn).map(Arc::clone);
        let connection = connection.ok_or_else(|| StoreError::new("no reader"))?;
        let reading = spawn_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            read(&connection).map_err(|error| StoreError::new(error.to_string()))
        });
        reading.await.map_err(|_| StoreError::new("a read was abandoned"))?
    }
}
