//! What takes tokens back: ending, recalling, revoking, withdrawing.

use jeton::{KeyId, Reason, SessionId, SubjectKey, Timestamp};

use crate::canary::Canary;
use crate::rules::{self, Which};
use crate::sessions::Sessions;
use crate::store::{SessionStore, StoreError};
use crate::subject::Subject;

impl<S: SessionStore> Sessions<S> {
    /// Ends one session. Answers whether it was there to end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it has ended.
    pub async fn end(
        &self,
        session: SessionId,
        reason: Reason,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let ended = self.end_which(session.subject(), Which::One(session), reason, now).await?;
        Ok(ended > 0)
    }

    /// Ends every session of a subject but this one, and answers how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether they have ended.
    pub async fn end_others(
        &self,
        kept: SessionId,
        reason: Reason,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.end_which(kept.subject(), Which::Others(kept), reason, now).await
    }

    /// Ends every session of a subject, and answers how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether they have ended.
    pub async fn end_all(
        &self,
        subject: SubjectKey,
        reason: Reason,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        self.end_which(subject, Which::All, reason, now).await
    }

    /// Recalls a subject's access tokens; sessions live on and refresh. Answers the new version.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether they are recalled.
    pub async fn recall(&self, subject: SubjectKey, now: Timestamp) -> Result<u64, StoreError> {
        let policy = self.terms.session_policy();
        self.update(subject, move |subject| rules::recall(subject, &policy, now)).await
    }

    /// Revokes one access token of a session, by its `jti`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it is revoked.
    pub async fn revoke_token(
        &self,
        subject: SubjectKey,
        token_id: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (policy, id) = (self.terms.session_policy(), token_id.to_owned());
        self.update(subject, move |subject| rules::revoke_token(subject, &id, &policy, now)).await
    }

    /// Withdraws a key that signs access tokens: everything it has signed is refused.
    ///
    /// First [give](Self::set_keyring) these sessions a keyring [without](crate::Keyring::without)
    /// it, so that nothing more is signed with it; a revocation is forgotten, a theft is not.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it is withdrawn.
    pub async fn withdraw_key(&self, key: &KeyId, now: Timestamp) -> Result<(), StoreError> {
        let (policy, key) = (self.terms.session_policy(), key.clone());
        let rule = move |_: &Subject| rules::withdraw_key(&key, &policy, now);
        self.update(SubjectKey::ISSUER, rule).await
    }

    /// Sends a revocation of nothing the way of all others, so that whoever follows the feed sees how
    /// long they are under way.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it is on its way.
    pub async fn send_canary(&self, canary: Canary, now: Timestamp) -> Result<(), StoreError> {
        let rule = move |_: &Subject| rules::send_canary(canary, now);
        self.update(SubjectKey::ISSUER, rule).await
    }

    async fn end_which(
        &self,
        subject: SubjectKey,
        which: Which,
        reason: Reason,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let policy = self.terms.session_policy();
        let rule = move |subject: &Subject| rules::end(subject, which, reason, &policy, now);
        let ended = self.update(subject, rule).await?;
        // Of what another call has ended, this one's guard may not have heard yet.
        let ended_all_itself = matches!(which, Which::One(_)) && ended == 1;
        if !ended_all_itself {
            self.catch_up().await?;
        }
        Ok(ended)
    }
}
