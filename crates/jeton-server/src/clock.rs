//! The one clock of the service. Everything else is told the time.

use std::time::SystemTime;

use jeton::Timestamp;

/// Where the time comes from; tests have their own.
pub type Clock = fn() -> Timestamp;

/// The time of the system.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub fn system() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
