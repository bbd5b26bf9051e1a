//! Sessions behind pairs of tokens: what a login opens, a refresh carries on and a revocation ends.
//!
//! ```text
//! Sessions ── a rule: (&Subject, request, now) -> Step ──▶ SessionStore ── one atomic commit ──▶ disk
//!    │                                                        │
//!    └── tokens, signed by the Keyring                        └── revocations, in order ──▶ RevocationList
//! ```
//!
//! [`rules`] decides, as pure functions of a [`Subject`]; a [`SessionStore`] makes a decision atomic
//! and durable and decides nothing; [`Sessions`] puts both behind tokens. So the rules hold alike in
//! memory, on disk and in a fleet.
//!
//! Always true:
//!
//! 1. at most one refresh token of a session works;
//! 2. what has ended stays ended;
//! 3. only a token that was once genuine can end a session;
//! 4. counters never fall;
//! 5. a guess, a forgery or a truncation changes nothing;
//! 6. a token issued is accepted by every fresh verifier unless something was revoked since.
//!
//! Deliberately absent: a clock (time is an argument), a row per token, a stored secret. Reading the
//! store forges nothing.

mod canary;
pub mod contract;
mod error;
mod issue;
mod keyring;
mod login;
mod memory;
mod refresh_token;
pub mod rules;
mod sessions;
mod stall;
mod store;
mod subject;
mod terms;

pub use canary::Canary;
pub use error::{ClientTokenError, OpenError, RefreshError};
pub use issue::{ClientToken, TokenPair};
pub use keyring::{KeySummary, KeyTimes, Keyring, KeyringError, WithdrawnKey};
pub use login::{FIRST_PARTY, Login};
pub use memory::MemoryStore;
pub use rules::{Presenter, SessionPolicy, Step};
pub use sessions::{Knowledge, Outcome, Refreshed, Revocable, Sessions, StartError};
pub use store::{Batch, Cursor, Page, Place, SessionStore, StoreError, SubjectPage};
pub use subject::{Device, Session, Subject};
pub use terms::{Terms, TermsError};
