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
    use std::os::unix::fs::MetadataExt as _;
    let file = file.metadata()?;
    Ok(exposes(file.mode(), file.uid(), file.gid()))
}

/// What a mode says of a file with this owner and this group.
///
/// A credential of systemd belongs to root and its group, and an entry of its ACL lets the one service
/// read it; such an entry looks like the group's permission. The group of root has nobody else in it.
#[cfg(unix)]
const fn exposes(mode: u32, owner: u32, group: u32) -> bool {
    let (is_roots, group_may, others_may) = (owner == 0 && group == 0, mode & 0o070, mode & 0o007);
    others_may != 0 || group_may != 0 && !(is_roots && group_may == 0o040)
}

#[cfg(not(unix))]
pub(crate) fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_others_may_read_exposes_what_is_in_it() {
        const ROOT: (u32, u32) = (0, 0);
        const SERVICE: (u32, u32) = (10_001, 10_001);
        let cases = [
            ("its owner's", 0o600, SERVICE, false),
            ("its owner's, to read", 0o400, SERVICE, false),
            ("its group's", 0o640, SERVICE, true),
            ("everybody's", 0o604, SERVICE, true),
            ("a credential of systemd", 0o440, ROOT, false),
            ("of root, for a group of others", 0o440, (0, 10_001), true),
            ("of somebody, for the group of root", 0o440, (10_001, 0), true),
            ("of root, for everybody", 0o444, ROOT, true),
            ("of root, for its group to write", 0o660, ROOT, true),
        ];
        for (name, mode, (owner, group), expected) in cases {
            assert_eq!(exposes(mode, owner, group), expected, "{name}");
        }
    }
}
