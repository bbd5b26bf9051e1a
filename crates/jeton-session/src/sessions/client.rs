//! A client's own tokens: nobody logged in, and there is no session (RFC 6749 section 4.4).

use jeton::{NewAccessToken, Reason, Signer, SubjectKey, Timestamp, base64url};
use serde_json::Map;

use crate::error::ClientTokenError;
use crate::issue::ClientToken;
use crate::sessions::{Sessions, random};
use crate::store::{Page, SessionStore, StoreError};

/// Subjects that are looked through at a time.
const PAGE: usize = 500;

impl<S: SessionStore> Sessions<S> {
    /// An access token for a client itself: its `sub` is its `client_id`, and it has no `sid`, which
    /// is how verifiers [tell](jeton::Identity::is_client) it from a user's.
    ///
    /// A client and a subject of the same name share one version, so a recall of either reaches the
    /// earlier access tokens of both. That only denies: a client asks for its next token, a user's
    /// session refreshes, and nobody's session ends.
    ///
    /// # Errors
    ///
    /// [`ClientTokenError`]
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SubjectKey, Timestamp};
    /// use jeton_session::{Keyring, MemoryStore, Sessions, Terms};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let now = Timestamp::from_secs(1_800_000_000);
    /// let terms = Terms::new("https://login.example", "https://api.example");
    /// let keyring = Keyring::generate(Algorithm::Es256, now)?;
    /// let sessions = Sessions::start(MemoryStore::new(), terms, keyring).await?;
    ///
    /// let token = sessions.client_token("orders", Some("stock:read"), now).await?.access_token;
    /// let identity = sessions.guard().check(&token, now)?;
    /// assert!(identity.is_client() && identity.has_scope("stock:read"));
    ///
    /// sessions.recall(SubjectKey::of("orders"), now).await?;
    /// assert_eq!(sessions.guard().check(&token, now).unwrap_err().code(), "token_recalled");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn client_token(
        &self,
        client: &str,
        scope: Option<&str>,
        now: Timestamp,
    ) -> Result<ClientToken, ClientTokenError> {
        let version = self.store.load(SubjectKey::of(client)).await?.version;
        let expires_at = now.after(self.terms.access_lifetime);
        let claims = NewAccessToken {
            issuer: &self.terms.issuer,
            subject: client,
            audience: &self.terms.audience,
            client_id: client,
            issued_at: now,
            expires_at,
            token_id: &base64url::encode(&random::<16>()?),
            session: None,
            version,
            scope,
            auth_time: None,
            amr: &[],
            other: &Map::new(),
        };
        let key = self.keys.load().ring.access_key(now).clone();
        let access_token = Signer::new(key).access_token(&claims)?;
        Ok(ClientToken { access_token, expires_in: expires_at.since(now) })
    }

    /// Takes everything from a client that is no more: its own tokens are recalled, and the sessions
    /// that belong to it end. Answers how many. Looks through all subjects, so it takes a while.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether everything has ended. Call it again.
    pub async fn end_client(&self, client: &str, now: Timestamp) -> Result<usize, StoreError> {
        self.recall(SubjectKey::of(client), now).await?;
        let (mut ended, mut page) = (0, Page { after: None, limit: PAGE });
        loop {
            let found = self.store.subjects(page).await?;
            let sessions = found.subjects.iter().flat_map(|subject| &subject.sessions);
            for session in sessions.filter(|session| session.client == client) {
                ended += usize::from(self.end(session.id, Reason::Revoked, now).await?);
            }
            match found.next {
                Some(last) => page.after = Some(last),
                None => return Ok(ended),
            }
        }
    }
}
