//! The keyring on disk: one file, for its owner alone, replaced whole.
//!
//! For one service it is the keyring. In a fleet it is this node's copy of the [shared] one.

pub mod seal;
pub mod shared;
mod shelf;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jeton::{KeyId, Timestamp};
use jeton_session::{Keyring, KeyringError, StoreError};
use zeroize::Zeroizing;

use crate::file;
use crate::settings::Settings;

/// Why the keyring was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file system said no.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, io::Error),
    /// Others may read it, so others may have its keys.
    #[error("{path} can be read by others; if nobody has, run `chmod 600 {path}`; otherwise delete it, and everybody logs in again", path = .0.display())]
    Exposed(PathBuf),
    /// There is one already.
    #[error("{path} exists already; `jeton keys rotate` adds the next keys", path = .0.display())]
    Exists(PathBuf),
    /// There is none.
    #[error("{path} does not exist; give --data if it is elsewhere. The first `jeton serve`, or `jeton keys generate`, makes it", path = .0.display())]
    Missing(PathBuf),
    /// It is not a keyring, or the keys in it are not usable.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Keyring(PathBuf, KeyringError),
    /// The key that seals the shared keyring was not read.
    #[error("fleet.key_file: {0}")]
    SealKey(String),
    /// The shared keyring was not sealed with this key.
    #[error("the keyring in Redis was not sealed with the key in {path}, or is damaged; every node needs the same file", path = .0.display())]
    Sealed(PathBuf),
    /// There is no shared keyring.
    #[error(
        "there is no keyring in Redis; the first `jeton serve`, or `jeton keys generate`, makes it"
    )]
    NotStored,
    /// There is one already.
    #[error("there is a keyring in Redis already; `jeton keys rotate` adds the next keys")]
    Stored,
    /// Others change it all the time.
    #[error("the keyring in Redis is being changed by others; try again")]
    Contended,
    /// The shared keyring cannot become that.
    #[error("the keyring in Redis: {0}")]
    Shared(#[from] KeyringError),
    /// The store of the shared keyring did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system's randomness.
    #[error("the system has no randomness to give")]
    Randomness,
}

/// The keyring of these settings; at the first start a new one.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn read_or_generate(settings: &Settings, now: Timestamp) -> Result<Keyring, KeyFileError> {
    match generate(settings, now) {
        Err(KeyFileError::Exists(_)) => read(settings),
        generated => generated,
    }
}

/// Reads the keyring of these settings.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn read(settings: &Settings) -> Result<Keyring, KeyFileError> {
    let path = settings.keyring();
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path.clone()),
        _ => KeyFileError::Io(path.clone(), error),
    };
    let mut file = File::open(&path).map_err(io)?;
    if is_exposed(&file).map_err(io)? {
        return Err(KeyFileError::Exposed(path));
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(io)?;
    Keyring::from_document(&text).map_err(|error| KeyFileError::Keyring(path.clone(), error))
}

/// This node's copy of the shared keyring, if it has one.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn read_copy(settings: &Settings) -> Result<Option<Keyring>, KeyFileError> {
    match read(settings) {
        Ok(keyring) => Ok(Some(keyring)),
        Err(KeyFileError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps a copy of the shared keyring. In place before anything is signed with it.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn write_copy(settings: &Settings, keyring: &Keyring) -> Result<(), KeyFileError> {
    make_data_folder(settings)?;
    let _lock = lock(settings)?;
    if read_copy(settings).is_ok_and(|copy| copy.is_some_and(|copy| copy.is_alike(keyring))) {
        return Ok(());
    }
    write(&settings.keyring(), keyring)
}

/// Makes the keyring of these settings.
///
/// # Errors
///
/// [`KeyFileError::Exists`] if there is one already, and everything else.
pub fn generate(settings: &Settings, now: Timestamp) -> Result<Keyring, KeyFileError> {
    let path = settings.keyring();
    make_data_folder(settings)?;
    let _lock = lock(settings)?;
    if path.exists() {
        return Err(KeyFileError::Exists(path));
    }
    let algorithm = settings.algorithm().unwrap_or(jeton::Algorithm::Es256);
    let keyring = Keyring::generate(algorithm, now)
        .map_err(|error| KeyFileError::Keyring(path.clone(), error))?;
    write(&path, &keyring)?;
    Ok(keyring)
}

/// Publishes the next keys and forgets the dead ones.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn rotate(settings: &Settings, now: Timestamp) -> Result<Keyring, KeyFileError> {
    let path = settings.keyring();
    let _lock = lock(settings)?;
    let keyring = read(settings)?;
    let algorithm = settings.algorithm().unwrap_or(jeton::Algorithm::Es256);
    let rotated = keyring.rotate(algorithm, settings.terms().key_times(), now);
    let rotated = rotated.map_err(|error| KeyFileError::Keyring(path.clone(), error))?;
    write(&path, &rotated)?;
    Ok(rotated)
}

/// Takes out a key that nobody should trust any more. A running service follows, and tells verifiers;
/// so does the next start.
///
/// # Errors
///
/// [`KeyFileError`]
pub fn withdraw(settings: &Settings, id: &str, now: Timestamp) -> Result<Keyring, KeyFileError> {
    let path = settings.keyring();
    let _lock = lock(settings)?;
    let times = settings.terms().key_times();
    let withdrawn = read(settings)?.without_dead(times, now);
    let withdrawn = KeyId::new(id)
        .map_err(|_| KeyringError::NoSuchKey)
        .and_then(|id| withdrawn.withdraw(&id, now))
        .map_err(|error| KeyFileError::Keyring(path.clone(), error))?;
    write(&path, &withdrawn)?;
    Ok(withdrawn)
}

/// When the file was last changed, to notice that it was.
#[must_use]
pub fn changed_at(settings: &Settings) -> Option<SystemTime> {
    fs::metadata(settings.keyring()).and_then(|file| file.modified()).ok()
}

/// Makes the folder of these settings, for its owner alone.
///
/// # Errors
///
/// [`KeyFileError::Io`]
pub fn make_data_folder(settings: &Settings) -> Result<(), KeyFileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&settings.data).map_err(|error| KeyFileError::Io(settings.data.clone(), error))
}

/// Keeps two commands from changing the keyring at a time, until dropped.
fn lock(settings: &Settings) -> Result<File, KeyFileError> {
    let path = settings.data.join("keys.lock");
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    // Whoever can open it can hold the lock, and with it the service.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let locked = options.open(&path).and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| match error.kind() {
        // No folder, so no keyring.
        io::ErrorKind::NotFound => KeyFileError::Missing(settings.keyring()),
        _ => KeyFileError::Io(path, error),
    })
}

/// Writes beside the file, syncs, and renames: a crash leaves the old keys or the new ones.
fn write(path: &Path, keyring: &Keyring) -> Result<(), KeyFileError> {
    let document = keyring.to_document();
    let written = file::replace(path, document.as_bytes());
    written.map_err(|error| KeyFileError::Io(path.to_owned(), error))
}

/// Whether anybody but its owner may do anything with it. It was made so; no credential that somebody
/// else hands over is.
#[cfg(unix)]
fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}
