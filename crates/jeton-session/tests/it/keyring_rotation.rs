//! Three hours of an issuer and its verifiers, on a simulated clock.

use std::sync::Arc;
use std::time::Duration;

use jeton::{Algorithm, Guard, JwkSet, KeySet, RevocationList, Timestamp};
use jeton_session::{Keyring, Login, Terms, TokenPair};

use crate::support::{Issuer, NOW, at, payload, terms};

/// I8: keys rotate as often as they may. No living token is ever refused, neither with the keys of
/// the moment nor with those that a verifier fetched just within the lead.
#[tokio::test]
async fn no_living_token_is_refused_however_often_keys_rotate() {
    let terms = Terms { idle_lifetime: Duration::from_hours(1), max_sessions: 1_000, ..terms() };
    let times = terms.key_times();
    let lead = times.lead.as_secs();
    let keyring = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let mut issuer = Issuer::with(terms, keyring).await;
    let (mut published, mut pairs) = (vec![(NOW, issuer.sessions.jwks())], Vec::new());

    for now in moments(3 * 3600, lead).into_iter().map(at) {
        if let Ok(rotated) = issuer.keyring.rotate(Algorithm::EdDsa, times, now) {
            issuer.set_keyring(rotated);
            published.push((now, issuer.sessions.jwks()));
        }
        pairs.push(issuer.sessions.open(Login::of("alice"), now).await.unwrap());
        pairs.retain(|pair| now < session_end(pair));

        let known = now.before(Duration::from_secs(lead - 1));
        let guards = [now, known].map(|moment| guard_of(as_of(&published, moment)));
        for pair in &pairs {
            let named = issuer.sessions.session_of(&pair.refresh_token, now);
            assert_eq!(named, Ok(pair.session), "refresh token at {now}");
            for guard in guards.iter().filter(|_| now < access_end(pair)) {
                let checked = guard.check(&pair.access_token, now);
                assert_eq!(checked.err(), None, "access token at {now}");
            }
        }
    }

    assert!(published.len() > 15, "{} rotations", published.len());
    let alive = issuer.keyring.summary();
    assert!(alive.len() < 15, "dead keys leave: {alive:?}");
}

/// Seconds to look at: one in 97, and those around every turn of a key.
fn moments(end: u64, lead: u64) -> Vec<u64> {
    let turns = (lead..end).step_by(usize::try_from(lead).unwrap());
    let around = turns.flat_map(|turn| [turn - 1, turn, turn + 1]);
    let mut moments: Vec<u64> = (lead..end).step_by(97).chain(around).collect();
    moments.sort_unstable();
    moments.dedup();
    moments
}

fn as_of(published: &[(Timestamp, JwkSet)], moment: Timestamp) -> &JwkSet {
    let (_, set) = published.iter().rfind(|(since, _)| *since <= moment).unwrap();
    set
}

fn guard_of(published: &JwkSet) -> Guard {
    let keys = KeySet::try_from(published.clone()).unwrap();
    let list = Arc::new(RevocationList::new());
    Guard::with_cache(keys, terms().access_policy(), list, 0)
}

fn access_end(pair: &TokenPair) -> Timestamp {
    end_of(&pair.access_token)
}

fn session_end(pair: &TokenPair) -> Timestamp {
    end_of(&pair.refresh_token)
}

fn end_of(token: &str) -> Timestamp {
    Timestamp::from_secs(payload(token)["exp"].as_u64().unwrap())
}
