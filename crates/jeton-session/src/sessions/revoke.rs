//! What takes tokens back: ending, recalling, revoking, withdrawing.

use jeton::{
    ACCESS_TOKEN, KeyId, Policy, Reason, Refusal, SessionId, SubjectKey, Timestamp, Verifier,
    VerifyError,
};
use serde_json::{Map, Value};

use crate::canary::Canary;
use crate::error::OpenError;
use crate::login;
use crate::refresh_token::RefreshToken;
use crate::rules::{self, Revoked, Which};
use crate::sessions::Sessions;
use crate::store::{SessionStore, StoreError};
use crate::subject::Subject;

/// What a token was, that a client wanted revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocable {
    /// A refresh token: its session has ended.
    Session(SessionId),
    /// An access token, which is refused from now on.
    Token,
    /// No token of ours, or one that is dead already.
    Nothing,
    /// A token of another client. It lives on.
    Foreign,
}

impl<S: SessionStore> Sessions<S> {
    /// Revokes a token of a client, whichever kind it is (RFC 7009 section 2.1): with a refresh
    /// token, spent or not, its session; an access token by its `jti`. A token that does not verify
    /// has no effect.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether it is revoked.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Timestamp};
    /// use jeton_session::{FIRST_PARTY, Keyring, Login, MemoryStore, Revocable, Sessions, Terms};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let now = Timestamp::from_secs(1_800_000_000);
    /// # let terms = Terms::new("https://login.example", "https://api.example");
    /// # let keyring = Keyring::generate(Algorithm::Es256, now)?;
    /// # let sessions = Sessions::start(MemoryStore::new(), terms, keyring).await?;
    /// let pair = sessions.open(Login::of("alice"), now).await?;
    /// let token = &pair.refresh_token;
    /// assert_eq!(sessions.revoke(token, "app", now).await?, Revocable::Foreign);
    ///
    /// let ended = sessions.revoke(token, FIRST_PARTY, now).await?;
    /// assert_eq!(ended, Revocable::Session(pair.session));
    /// assert_eq!(sessions.revoke(token, FIRST_PARTY, now).await?, Revocable::Nothing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn revoke(
        &self,
        token: &str,
        client: &str,
        now: Timestamp,
    ) -> Result<Revocable, StoreError> {
        if let Ok(RefreshToken { presented, .. }) = self.verify_refresh(token, now) {
            return self.revoke_session(presented.session, client, now).await;
        }
        let mut checked = self.check(token, now);
        // Where the clock was set back, a token of later than now is not good yet, but it will be.
        if let Err(Refusal::Invalid(VerifyError::ClaimRefused("iat"))) = checked
            && let Some(issued_at) = self.issued_at(token, now)
        {
            checked = self.check(token, issued_at);
        }
        let identity = match checked {
            Ok(identity) => identity,
            Err(Refusal::Stale) => return Err(StoreError::new("the revocation list is stale")),
            Err(_) => return Ok(Revocable::Nothing),
        };
        let claims = identity.claims();
        if claims.client_id != client {
            return Ok(Revocable::Foreign);
        }
        let (subject, from) = (SubjectKey::of(&claims.subject), claims.issued_at.max(now));
        self.revoke_token(subject, &claims.token_id, from).await?;
        Ok(Revocable::Token)
    }

    /// `iat` of an access token that we have signed, whether it is good now or later.
    fn issued_at(&self, token: &str, now: Timestamp) -> Option<Timestamp> {
        let keys = self.keys.load().ring.access_keys().ok()?;
        let policy = Policy::signature_and_time_only().with_type(ACCESS_TOKEN);
        let claims = Verifier::new(keys, policy).verify_access_token(token, now).ok()?;
        Some(claims.issued_at)
    }

    async fn revoke_session(
        &self,
        session: SessionId,
        client: &str,
        now: Timestamp,
    ) -> Result<Revocable, StoreError> {
        let (policy, client) = (self.terms.session_policy(), client.to_owned());
        let rule = move |subject: &Subject| rules::revoke(subject, session, &client, &policy, now);
        match self.update(session.subject(), rule).await? {
            Revoked::Ended => Ok(Revocable::Session(session)),
            Revoked::Foreign => Ok(Revocable::Foreign),
            Revoked::Gone => {
                // Of what another call has ended, this one's guard may not have heard yet.
                self.catch_up_with(session.subject()).await?;
                self.end_lost(session, Reason::Revoked, now).await?;
                Ok(Revocable::Nothing)
            }
        }
    }

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

    /// Ends every session of a subject, and answers how many. Where several processes write, its
    /// access tokens are recalled as well: the store may have lost a session that nobody can name.
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
        self.update(subject, move |subject| rules::recall(subject, None, &policy, now)).await
    }

    /// Recalls a subject's access tokens, and has every session of theirs carry these claims from
    /// its next refresh on, in place of all it carried before: for roles that have changed. Answers
    /// the new version. Sessions that are opened later carry what their logins say.
    ///
    /// # Errors
    ///
    /// [`OpenError`], as for a login with these claims.
    pub async fn recall_with_claims(
        &self,
        subject: &str,
        claims: Map<String, Value>,
        now: Timestamp,
    ) -> Result<u64, OpenError> {
        login::check(subject, &claims)?;
        let key = SubjectKey::of(subject);
        self.rehearse_claims(subject, &claims, now).await?;
        let policy = self.terms.session_policy();
        let rule = move |subject: &Subject| rules::recall(subject, Some(&claims), &policy, now);
        Ok(self.update(key, rule).await?)
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
            self.catch_up_with(subject).await?;
        }
        match which {
            Which::One(session) if ended == 0 => self.end_lost(session, reason, now).await?,
            // Among them may be some whose opening the store has lost, and which nobody can name.
            Which::All if self.store.feed().is_some() => drop(self.recall(subject, now).await?),
            _ => {}
        }
        Ok(ended)
    }

    /// Where several processes write, a session that is not there and that nobody has ended may be one
    /// whose opening the store has lost. Its access tokens are alive, and whoever ends it is told that it
    /// has ended.
    async fn end_lost(
        &self,
        session: SessionId,
        reason: Reason,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.store.feed().is_none() {
            return Ok(());
        }
        self.catch_up_with(session.subject()).await?;
        if self.guard.revocations().ended(session).is_some() {
            return Ok(());
        }
        let policy = self.terms.session_policy();
        let rule = move |subject: &Subject| rules::end_lost(subject, session, reason, &policy, now);
        self.update(session.subject(), rule).await
    }
}
