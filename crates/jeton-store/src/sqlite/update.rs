//! One subject, one step, inside the writer's transaction.

use jeton::SubjectKey;
use jeton_session::{Step, Subject};
use rusqlite::{Connection, Result};

use crate::sqlite::rows;

/// Runs a step on the subject as it is, and writes what it decided.
pub(super) fn update<T>(
    connection: &Connection,
    key: SubjectKey,
    step: &impl Fn(&Subject) -> Step<T>,
) -> Result<T> {
    let before = rows::load(connection, key)?;
    let Step { answer, subject, revocations } = step(&before);
    // Revocations first: should one not be storable, nothing of the step is stored.
    for revocation in &revocations {
        rows::append(connection, revocation)?;
    }
    if let Some(after) = subject.filter(|after| *after != before) {
        rows::save(connection, &after)?;
    }
    Ok(answer)
}
