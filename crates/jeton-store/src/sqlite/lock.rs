//! One process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::sqlite::OpenStoreError;

/// Holds the lock beside the database until it is dropped, or its process dies.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    pub(crate) fn take(database: &Path) -> Result<Self, OpenStoreError> {
        let path = database.with_extension("lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        // Whoever may open it may hold it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(OpenStoreError::Locked(database.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
