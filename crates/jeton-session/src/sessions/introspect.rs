//! Whether a token is good, as the store knows it and not as a list does (RFC 7662).

use jeton::limits::{JSON_DEPTH, Limits, TOKEN};
use jeton::{Identity, Refusal, SignError, Signer, SubjectKey, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::sessions::Sessions;
use crate::store::{SessionStore, StoreError};

/// `typ` of a signed answer (RFC 9701 section 5).
const INTROSPECTION: &str = "token-introspection+jwt";

#[derive(Serialize)]
struct SignedIntrospection<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: Timestamp,
    token_introspection: &'a Map<String, Value>,
}

impl<S: SessionStore> Sessions<S> {
    /// Who presents this access token, asked of the store: what any process has revoked before this
    /// call, is refused by it. `None` for every token that is not an active access token of ours,
    /// refresh tokens among them.
    ///
    /// A guard answers from memory and is what most should ask. This is for those that must not act
    /// on knowledge of a moment ago, and for those that have no list.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody knows.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Reason, Timestamp};
    /// use jeton_session::{Keyring, Login, MemoryStore, Sessions, Terms};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let now = Timestamp::from_secs(1_800_000_000);
    /// # let terms = Terms::new("https://login.example", "https://api.example");
    /// # let keyring = Keyring::generate(Algorithm::Es256, now)?;
    /// # let sessions = Sessions::start(MemoryStore::new(), terms, keyring).await?;
    /// let pair = sessions.open(Login::of("alice"), now).await?;
    /// assert!(sessions.introspect(&pair.access_token, now).await?.is_some());
    /// assert!(sessions.introspect(&pair.refresh_token, now).await?.is_none());
    ///
    /// sessions.end(pair.session, Reason::LoggedOut, now).await?;
    /// assert!(sessions.introspect(&pair.access_token, now).await?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn introspect(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Identity>, StoreError> {
        let Some(identity) = self.identify(token, now)? else { return Ok(None) };
        let claims = identity.claims();
        let key = claims.session.map_or_else(|| SubjectKey::of(&claims.subject), |id| id.subject());
        // Tokens and keys are revoked in the feed alone, so the list has to have all of that.
        self.store.beat_of(SubjectKey::ISSUER).await?;
        self.catch_up_with(key).await?;
        if self.identify(token, now)?.is_none() {
            return Ok(None);
        }
        let subject = self.store.load(key).await?;
        let lives = claims.session.is_none_or(|id| subject.session(id, now).is_some());
        let is_active = lives && claims.version >= subject.version;
        Ok(is_active.then_some(identity))
    }

    fn identify(&self, token: &str, now: Timestamp) -> Result<Option<Identity>, StoreError> {
        match self.check(token, now) {
            Ok(identity) => Ok(Some(identity)),
            Err(Refusal::Stale) => Err(StoreError::new("the revocation list is stale")),
            Err(_) => Ok(None),
        }
    }

    /// An introspection as a JWT for the one who asked (RFC 9701 section 5), signed with the key
    /// that signs access tokens. Its `typ` keeps it from being taken for one.
    ///
    /// # Errors
    ///
    /// [`SignError`]
    pub fn sign_introspection(
        &self,
        caller: &str,
        introspection: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, SignError> {
        let claims = SignedIntrospection {
            iss: &self.terms.issuer,
            aud: caller,
            iat: now,
            token_introspection: introspection,
        };
        let key = self.keys.load().ring.access_key(now).clone();
        // What a token says has been read within the limits; here it is one level deeper.
        let limits = Limits::DEFAULT.with_token(2 * TOKEN).with_depth(JSON_DEPTH + 1);
        Signer::new(key).with_limits(limits).sign(INTROSPECTION, &claims)
    }
}
