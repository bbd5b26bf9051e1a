//! What verifiers say of themselves: how long a revocation takes to reach them, how old their
//! knowledge is. For people who watch; nothing is decided by it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::places::has_room;

/// Most verifiers that are remembered.
const VERIFIERS: usize = 4_096;

/// How long without a report until one is forgotten.
const SILENCE: Duration = Duration::from_mins(1);

/// Longest name of a verifier, in bytes.
const NAME: usize = 64;

/// Longest time that a report may speak of, in milliseconds: a year.
const LONGEST: f64 = 31_536_000_000.0;

/// What one verifier reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it calls itself; another one for each process.
    pub verifier: String,
    /// Milliseconds from a revocation to its arrival, as the last canary had it.
    pub delay_ms: Option<f64>,
    /// Milliseconds by which its list may be behind.
    pub staleness_ms: Option<f64>,
    /// How many entries its list has.
    pub entries: Option<u64>,
}

/// A report and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reported {
    /// `client_id` of the token it came with.
    pub client_id: String,
    /// What was reported.
    #[serde(flatten)]
    pub report: Report,
    /// How long ago, in milliseconds.
    pub age_ms: u64,
}

/// Why a report was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The name is empty, too long, or of other than letters, digits and `._:/@-`.
    #[error("`verifier` is not 1 to 64 letters, digits or `._:/@-`")]
    Name,
    /// A number is out of range.
    #[error("`{0}` is out of range")]
    Number(&'static str),
    /// There are too many verifiers, of this client or of all.
    #[error("too many verifiers")]
    Full,
}

/// By client and name.
type Held = BTreeMap<(String, String), (Report, Instant)>;

/// The last report of each verifier.
#[derive(Debug, Default)]
pub struct Reports {
    held: Mutex<Held>,
}

impl Reports {
    /// Takes the report of a client's verifier.
    ///
    /// # Errors
    ///
    /// [`NotTaken`]
    pub fn take(&self, client_id: &str, report: Report, now: Instant) -> Result<(), NotTaken> {
        check(&report)?;
        let mut held = self.held();
        let key = (client_id.to_owned(), report.verifier.clone());
        if !held.contains_key(&key) && !has_room_for(client_id, &held) {
            held.retain(|_, (_, at)| is_recent(*at, now));
            if !has_room_for(client_id, &held) {
                return Err(NotTaken::Full);
            }
        }
        held.insert(key, (report, now));
        Ok(())
    }

    /// Every verifier that has reported within the last minute, by client and name.
    #[must_use]
    pub fn list(&self, now: Instant) -> Vec<Reported> {
        let mut held = self.held();
        held.retain(|_, (_, at)| is_recent(*at, now));
        let reported = held.iter().map(|((client_id, _), (report, at))| Reported {
            client_id: client_id.clone(),
            report: report.clone(),
            age_ms: u64::try_from(now.duration_since(*at).as_millis()).unwrap_or(u64::MAX),
        });
        reported.collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No client's verifiers, whatever they call themselves, keep all others' out.
fn has_room_for(client_id: &str, held: &Held) -> bool {
    let of_client = held.range((client_id.to_owned(), String::new())..);
    let of_client = of_client.take_while(|((id, _), _)| id == client_id).count();
    has_room(VERIFIERS, held.len(), of_client)
}

fn is_recent(at: Instant, now: Instant) -> bool {
    now.duration_since(at) < SILENCE
}

fn check(report: &Report) -> Result<(), NotTaken> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
    let name = &report.verifier;
    if !(1..=NAME).contains(&name.len()) || !name.bytes().all(is_letter) {
        return Err(NotTaken::Name);
    }
    for (name, number) in [("delay_ms", report.delay_ms), ("staleness_ms", report.staleness_ms)] {
        if number.is_some_and(|number| !(0.0..=LONGEST).contains(&number)) {
            return Err(NotTaken::Number(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verifier: &str) -> Report {
        let verifier = verifier.to_owned();
        Report { verifier, delay_ms: Some(1.2), staleness_ms: Some(310.0), entries: Some(123) }
    }

    #[test]
    fn the_last_report_of_each_is_kept_for_a_minute() {
        let (reports, start) = (Reports::default(), Instant::now());
        let after = |secs| start + Duration::from_secs(secs);
        reports.take("orders", report("a"), start).unwrap();
        reports.take("orders", report("b"), after(30)).unwrap();
        reports.take("stock", report("a"), after(30)).unwrap();
        let newer = Report { entries: Some(7), ..report("b") };
        reports.take("orders", newer.clone(), after(40)).unwrap();

        let listed = reports.list(after(60));

        let names: Vec<_> = listed
            .iter()
            .map(|r| (r.client_id.as_str(), r.report.verifier.as_str(), r.age_ms))
            .collect();
        assert_eq!(names, [("orders", "b", 20_000), ("stock", "a", 30_000)]);
        assert_eq!(listed[0].report, newer);
        assert_eq!(reports.list(after(200)), []);
    }

    #[test]
    fn what_is_no_report_is_not_taken() {
        let reports = Reports::default();
        let long = "a".repeat(NAME + 1);
        for name in ["", "a b", "a\n", "a\"", "ä", &long] {
            assert_eq!(
                reports.take("c", report(name), Instant::now()),
                Err(NotTaken::Name),
                "{name}"
            );
        }
        let cases = [
            ("delay_ms", Report { delay_ms: Some(-0.1), ..report("a") }),
            ("delay_ms", Report { delay_ms: Some(f64::NAN), ..report("a") }),
            ("staleness_ms", Report { staleness_ms: Some(f64::INFINITY), ..report("a") }),
        ];
        for (name, report) in cases {
            let taken = reports.take("c", report, Instant::now());
            assert_eq!(taken, Err(NotTaken::Number(name)));
        }
        assert_eq!(reports.list(Instant::now()), []);
    }

    /// INV10
    #[test]
    fn there_is_room_for_so_many_and_those_who_fall_silent_make_room() {
        let (reports, start) = (Reports::default(), Instant::now());
        let (most, others) = (VERIFIERS - VERIFIERS / 4, VERIFIERS / 4);
        for number in 0..most {
            reports.take("c", report(&number.to_string()), start).unwrap();
        }
        assert_eq!(reports.take("c", report("late"), start), Err(NotTaken::Full));
        assert_eq!(reports.take("c", report("7"), start), Ok(()));

        for number in 0..others {
            reports.take("d", report(&number.to_string()), start).unwrap();
        }
        for client in ["c", "d", "e"] {
            assert_eq!(
                reports.take(client, report("late"), start),
                Err(NotTaken::Full),
                "{client}"
            );
        }
        let later = start + SILENCE;
        assert_eq!(reports.take("c", report("late"), later), Ok(()));
        assert_eq!(reports.list(later).len(), 1);
    }
}
