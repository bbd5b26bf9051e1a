//! A key was withdrawn: everybody has to hear of it.

use jeton_session::{StoreError, WithdrawnKey};
use tracing::warn;

use crate::app::App;

impl App {
    /// Tells verifiers of keys that are no longer in the keyring. Each is told once, whatever was
    /// interrupted: what is on the list was read from the store or is in it, and stays until no token
    /// of the key lives.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether everybody will hear of all of them.
    pub(crate) async fn withdraw_keys(&self, keys: &[WithdrawnKey]) -> Result<(), StoreError> {
        let (sessions, now) = (self.sessions(), self.now());
        let retention = sessions.terms().retention();
        for WithdrawnKey { id, at } in keys {
            if now < at.after(retention) && !self.guard().revocations().withdraws(id) {
                sessions.withdraw_key(id, now).await?;
                warn!(event = "key_withdrawn", key = %id);
            }
        }
        Ok(())
    }
}
