//! What clients were at the last start, so that this one can take back what they may no longer have.
//!
//! A client that is gone from the settings leaves sessions and access tokens behind, one that lost a
//! scope or a secret leaves access tokens; and verifiers elsewhere do not read our settings. So the
//! sessions end and the tokens are recalled before anybody is answered. The file is written after
//! that: a crash in between does it again, which harms nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use jeton::{SubjectKey, Timestamp};
use jeton_session::{SessionStore, Sessions, StoreError};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::clients::{Client, Clients};
use crate::file;

/// Why the clients of the last start were not followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientsError {
    /// The file system said no.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, io::Error),
    /// It is not what was written.
    #[error("{path} is damaged; if you delete it, tokens of clients that you have removed live until they expire", path = .0.display())]
    Damaged(PathBuf),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All that is remembered of a client.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    scopes: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

type Memory = BTreeMap<String, Known>;

/// Takes back what clients have lost since the last start, and remembers what they have now.
///
/// # Errors
///
/// [`ClientsError`]; the next start tries again.
pub async fn follow<S: SessionStore>(
    path: &Path,
    clients: &Clients,
    sessions: &Sessions<S>,
    now: Timestamp,
) -> Result<(), ClientsError> {
    let before = read(path)?;
    for (id, known) in &before {
        match clients.get(id).map(Known::of) {
            None => {
                let ended = sessions.end_client(id, now).await?;
                warn!(event = "client_removed", client = id, ended);
            }
            Some(client) if !known.is_within(&client) => {
                sessions.recall(SubjectKey::of(id), now).await?;
                warn!(event = "client_narrowed", client = id, "its access tokens were recalled");
            }
            Some(_) => {}
        }
    }
    let after = clients.iter().map(|client| (client.id.clone(), Known::of(client))).collect();
    if before == after { Ok(()) } else { write(path, &after) }
}

fn read(path: &Path) -> Result<Memory, ClientsError> {
    match std::fs::read(path) {
        Ok(text) => {
            serde_json::from_slice(&text).map_err(|_| ClientsError::Damaged(path.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Memory::new()),
        Err(error) => Err(ClientsError::Io(path.to_owned(), error)),
    }
}

fn write(path: &Path, memory: &Memory) -> Result<(), ClientsError> {
    let text = serde_json::to_vec_pretty(memory).map_err(io::Error::from);
    let written = text.and_then(|text| file::replace(path, &text));
    written.map_err(|error| ClientsError::Io(path.to_owned(), error))
}

impl Known {
    fn of(client: &Client) -> Self {
        Self {
            scopes: client.scopes.iter().cloned().collect(),
            secrets: client.secrets.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether the other has everything that this one had.
    fn is_within(&self, other: &Self) -> bool {
        self.scopes.is_subset(&other.scopes) && self.secrets.is_subset(&other.secrets)
    }
}
