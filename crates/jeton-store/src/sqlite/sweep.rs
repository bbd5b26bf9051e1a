//! Forgetting what has expired, in steps that hold up nobody.

use jeton::Timestamp;
use jeton_session::rules;
use rusqlite::{Connection, Result};

use crate::sqlite::rows;

/// Most subjects, and most revocations, of one step.
const STEP: i64 = 500;

/// One step. Answers whether there may be more to forget.
pub(super) fn sweep(connection: &Connection, now: Timestamp) -> Result<bool> {
    let overdue = rows::overdue(connection, now, STEP)?;
    for subject in &overdue {
        if let Some(alive) = rules::expire(subject, now).subject {
            rows::save(connection, &alive)?;
        }
    }
    let trimmed = rows::trim(connection, now, STEP)?;
    let full = |count: usize| i64::try_from(count).is_ok_and(|count| count >= STEP);
    Ok(full(overdue.len()) || full(trimmed))
}
