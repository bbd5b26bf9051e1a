//! What a check has to say once it has passed.

/// What a check that passed has to say.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Stands behind the check in the closing table: a count, or what was skipped and why.
    pub(crate) note: Option<String>,
    /// Lines to repeat at the very end.
    pub(crate) closing: Vec<String>,
}

impl Outcome {
    pub(crate) fn with_note(note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), closing: Vec::new() }
    }
}
