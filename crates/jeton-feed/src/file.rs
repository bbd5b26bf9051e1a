//! The list in a file, so that a restart begins with what was known.
//!
//! The form is that of the binary snapshot. Its cursor is no place in a feed but says whose list it
//! is: another issuer's means nothing here, and its keys least of all. What the file refuses is
//! refused; it makes nothing fresh. One process to a file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use jeton::{Fingerprint, RevocationList};

use crate::wire::{BinaryWriter, FeedCursor, NotASnapshot, Snapshot};

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it is larger than a snapshot may be")]
    TooLarge,
    #[error("others may write it")]
    Exposed,
    #[error("{0}")]
    Damaged(#[from] NotASnapshot),
    #[error("it is of another issuer")]
    Foreign,
}

/// Whose list it is, in place of a cursor.
pub(crate) fn owner(issuer: &str) -> FeedCursor {
    FeedCursor { feed: Fingerprint::of_token(issuer).as_u64(), position: 0 }
}

/// Reads a list of up to so many bytes; `None` if there is no file yet.
pub(crate) fn read(
    path: &Path,
    owner: FeedCursor,
    limit: usize,
) -> Result<Option<Snapshot>, FileError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if is_exposed(&metadata) {
        return Err(FileError::Exposed);
    }
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if metadata.len() > limit {
        return Err(FileError::TooLarge);
    }
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    let snapshot = Snapshot::from_binary(&bytes)?;
    if snapshot.cursor == owner { Ok(Some(snapshot)) } else { Err(FileError::Foreign) }
}

/// Writes beside the file, syncs, and renames: a crash leaves the old list or the new one.
pub(crate) fn write(path: &Path, head: &Snapshot, list: &RevocationList) -> io::Result<()> {
    let mut writer = BinaryWriter::begin(head, list.len()).map_err(io::Error::other)?;
    list.for_each_entry(|entry| writer.push(&entry));
    let bytes = writer.finish().map_err(io::Error::other)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = Path::new(&beside);
    // What a crash has left there may have other permissions.
    fs::remove_file(beside).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Whether somebody else could have put keys of their own into it.
#[cfg(unix)]
fn is_exposed(metadata: &fs::Metadata) -> bool {
    !metadata.is_file() || std::os::unix::fs::MetadataExt::mode(metadata) & 0o022 != 0
}

#[cfg(not(unix))]
fn is_exposed(metadata: &fs::Metadata) -> bool {
    !metadata.is_file()
}
