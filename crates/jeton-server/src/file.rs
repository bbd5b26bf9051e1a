//! Small files: replaced whole, so that a crash leaves the old one or the new one; and secrets, which
//! nobody else may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Longest secret in a file, in bytes.
const SECRET: usize = 4 * 1024;

/// Writes beside the file, for its owner alone, syncs, and renames.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    // What a crash has left there may have other permissions.
    fs::remove_file(&beside).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(contents)?;
    #[cfg(unix)]
    keep_owner(path, &file)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A command run by root must leave the file to the service that reads it.
#[cfg(unix)]
fn keep_owner(old: &Path, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    match fs::metadata(old) {
        Ok(old) => fchown(new, Some(old.uid()), Some(old.gid())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Why a secret was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The file system said no.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, io::Error),
    /// Others may read it.
    #[error("{path} can be read by others; if nobody has, run `chmod 600 {path}`", path = .0.display())]
    Exposed(PathBuf),
    /// It holds nothing, or too much.
    #[error("{path} is empty, or too long for a secret", path = .0.display())]
    Size(PathBuf),
}

/// A secret in a file that nobody else reads, without the line break at its end.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let io = |error| SecretError::Io(path.to_owned(), error);
    let file = File::open(path).map_err(io)?;
    if is_exposed(&file).map_err(io)? {
        return Err(SecretError::Exposed(path.to_owned()));
    }
    let mut text = Zeroizing::new(String::with_capacity(SECRET + 1));
    file.take(SECRET as u64 + 1).read_to_string(&mut text).map_err(io)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() || text.len() > SECRET {
        return Err(SecretError::Size(path.to_owned()));
    }
    Ok(Zeroizing::new(secret.to_owned()))
}

/// Whether others than its owner may read it.
#[cfg(unix)]
pub(crate) fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}
