//! What a caller wants done, wherever it goes.

use redis::{Cmd, Script};

/// A command, and what goes with it.
pub(super) struct Work<'a> {
    pub(super) command: &'a Cmd,
    /// The script that it runs.
    pub(super) script: Option<&'a Script>,
    /// How many replicas have to have what it wrote.
    pub(super) replicas: u32,
}

impl<'a> Work<'a> {
    pub(super) const fn command(command: &'a Cmd) -> Self {
        Self { command, script: None, replicas: 0 }
    }

    pub(super) const fn script(command: &'a Cmd, script: &'a Script) -> Self {
        Self { command, script: Some(script), replicas: 0 }
    }

    pub(super) const fn replicated(mut self, replicas: u32) -> Self {
        self.replicas = replicas;
        self
    }
}
