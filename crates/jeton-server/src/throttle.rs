//! How often each client may do what costs others much: a token bucket each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Each act takes a token, and so long it takes to get one back.
const EACH: Duration = Duration::from_millis(100);

/// How many there are at first.
const BURST: u32 = 100;

/// One bucket for each client. There are no more of them than clients.
#[derive(Debug, Default)]
pub struct Throttle {
    /// When the bucket is full again.
    full_at: Mutex<HashMap<String, Instant>>,
}

impl Throttle {
    /// Takes a token of this client.
    ///
    /// # Errors
    ///
    /// If there is none: in how many seconds there is one.
    pub fn take(&self, client: &str, now: Instant) -> Result<(), u32> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.get(client).copied().unwrap_or(now).max(now) + EACH;
        let excess = full_at.saturating_duration_since(now + EACH * BURST);
        if !excess.is_zero() {
            return Err(u32::try_from(excess.as_secs()).unwrap_or(u32::MAX).saturating_add(1));
        }
        buckets.insert(client.to_owned(), full_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_at_once_and_then_ten_a_second() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let taken = |client: &str, after: Duration| {
            (0..1_000).take_while(|_| throttle.take(client, start + after).is_ok()).count()
        };

        assert_eq!(taken("orders", Duration::ZERO), 100);
        assert_eq!(throttle.take("orders", start), Err(1));
        assert_eq!(taken("stock", Duration::ZERO), 100, "each has its own");
        assert_eq!(taken("orders", Duration::from_secs(1)), 10);
        assert_eq!(taken("orders", Duration::from_hours(1)), 100);
    }
}
