//! The six sentences that are always true, each for random histories.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jeton::{Revocation, SessionId, SubjectKey, Target};
use jeton_session::{Outcome, Refreshed, SessionStore as _, Step};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::attack::attacks;
use crate::history::{Issued, World, histories, histories_on_any_clock, peaceful, run};
use crate::support::{dump, payload};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// 1, INV2: of all that were ever issued for a session, only the last works; a spent one may
    /// still repeat it.
    #[test]
    fn at_most_one_refresh_token_of_a_session_works(history in histories_on_any_clock()) {
        run(async {
            let world = World::after(&history).await;

            for (session, tokens) in world.refresh_tokens() {
                let (works, repeats) = try_each(&world, session, &tokens).await;

                let last = tokens.iter().max_by_key(|token| payload(token)["gen"].as_u64());
                assert!(works.iter().all(|token| Some(token) == last), "{works:?}");
                assert!(repeats.iter().all(|token| Some(token) == last), "{repeats:?}");
            }
        });
    }

    /// 2, INV1, INV3: what is gone from the store does not come back, and what was ended is refused
    /// in everything it ever gave.
    #[test]
    fn what_has_ended_stays_ended(history in histories_on_any_clock()) {
        run(async {
            let mut world = World::new().await;
            let (mut gone, mut ended) = (BTreeSet::new(), BTreeSet::new());
            for act in &history {
                let before = living(&world).await;
                world.play(act).await;
                let after = living(&world).await;
                assert!(gone.is_disjoint(&after), "{act:?}");
                gone.extend(before.difference(&after));
                ended.extend(ended_by_feed(&dump(world.issuer.sessions.store()).await.feed));
            }

            for Issued { pair, .. } in &world.issued {
                if gone.contains(&pair.session) {
                    let refreshed = world.issuer.sessions.refresh(&pair.refresh_token, world.now);
                    assert!(refreshed.await.is_err());
                }
                if ended.contains(&pair.session) {
                    let guard = world.issuer.sessions.guard();
                    assert!(guard.check(&pair.access_token, world.now).is_err());
                }
            }
        });
    }

    /// 3, R11, INV7: where owners only refresh in time, no attack ends anything.
    #[test]
    fn only_a_token_that_was_once_genuine_can_end_a_session(
        history in vec((peaceful(), attacks()), 1..60),
    ) {
        run(async {
            let mut world = World::new().await;
            for (act, attack) in &history {
                world.play(act).await;
                attack.fails(&world).await;
            }

            let expired = world.now.before(world.issuer.sessions.terms().idle_lifetime);
            for tokens in world.refresh_tokens().values() {
                let last = &tokens[tokens.len() - 1];
                if payload(last)["iat"].as_u64() > Some(expired.as_secs()) {
                    let refreshed = world.issuer.sessions.refresh(last, world.now).await;
                    assert_eq!(refreshed.map(|refreshed| refreshed.outcome), Ok(Outcome::Rotated));
                }
            }
        });
    }

    /// 4, INV11: neither in the store nor as anybody hears of them.
    #[test]
    fn counters_never_fall(history in histories_on_any_clock()) {
        run(async {
            let mut world = World::new().await;
            let (mut versions, mut generations) = (BTreeMap::new(), BTreeMap::new());
            for act in &history {
                world.play(act).await;

                let dump = dump(world.issuer.sessions.store()).await;
                for subject in &dump.subjects {
                    rises(&mut versions, subject.key, subject.version);
                    for session in &subject.sessions {
                        rises(&mut generations, session.id, session.generation);
                    }
                }
            }

            let (mut told_versions, mut told_generations) = (BTreeMap::new(), BTreeMap::new());
            for Issued { pair, .. } in &world.issued {
                let (access, refresh) = (payload(&pair.access_token), payload(&pair.refresh_token));
                let version = access["ver"].as_u64().unwrap();
                rises(&mut told_versions, pair.session.subject(), version);
                rises(&mut told_generations, pair.session, refresh["gen"].as_u64().unwrap());
            }
        });
    }

    /// 5, R10, R11, V20, INV7: the store is the same before and after.
    #[test]
    fn a_guess_a_forgery_or_a_truncation_changes_nothing(
        history in histories(),
        attacks in vec(attacks(), 1..60),
    ) {
        run(async {
            let world = World::after(&history).await;
            let before = dump(world.issuer.sessions.store()).await;
            let refused_before = world.issuer.sessions.guard().revocations().len();

            for attack in &attacks {
                attack.fails(&world).await;
            }

            assert_eq!(dump(world.issuer.sessions.store()).await, before);
            assert_eq!(world.issuer.sessions.guard().revocations().len(), refused_before);
        });
    }

    /// 6, I11, INV8: at once, and until it expires if and only if nothing revoked it since.
    #[test]
    fn an_issued_token_is_accepted_unless_revoked_since(history in histories()) {
        run(async {
            let mut world = World::new().await;
            for act in &history {
                let known = world.issued.len();
                world.play(act).await;
                for Issued { pair, .. } in &world.issued[known..] {
                    let checked = world.issuer.fresh_guard().await.check(&pair.access_token, world.now);
                    assert_eq!(checked.err(), None, "as it was issued");
                }
            }

            let fresh = world.issuer.fresh_guard().await;
            for issued in &world.issued {
                let token = &issued.pair.access_token;
                let expires_at = payload(token)["exp"].as_u64().unwrap();
                if world.now.as_secs() < expires_at {
                    let revoked = is_revoked_since(&world, issued).await;
                    assert_eq!(fresh.check(token, world.now).is_err(), revoked);
                }
            }
        });
    }
}

/// Presents each token to the same state: those that rotate, and what the others repeat.
async fn try_each(
    world: &World,
    session: SessionId,
    tokens: &[String],
) -> (Vec<String>, Vec<String>) {
    let (sessions, mut works, mut repeats) = (&world.issuer.sessions, Vec::new(), Vec::new());
    let saved = sessions.store().load(session.subject()).await.unwrap();
    for token in tokens {
        match sessions.refresh(token, world.now).await {
            Ok(Refreshed { outcome: Outcome::Repeated, pair, .. }) => {
                repeats.push(pair.refresh_token);
            }
            Ok(_) => works.push(token.clone()),
            Err(_) => {}
        }
        let saved = saved.clone();
        let restore = move |_: &_| Step::change(saved.clone(), ());
        sessions.store().update(session.subject(), restore).await.unwrap();
    }
    (works, repeats)
}

/// The sessions that the store has.
async fn living(world: &World) -> BTreeSet<SessionId> {
    let subjects = dump(world.issuer.sessions.store()).await.subjects;
    let sessions = subjects.iter().flat_map(|subject| &subject.sessions);
    sessions.map(|session| session.id).collect()
}

fn ended_by_feed(feed: &[Revocation]) -> impl Iterator<Item = SessionId> {
    feed.iter().filter_map(|revocation| match revocation.target {
        Target::Session(session, _) => Some(session),
        _ => None,
    })
}

/// Whether anything in the feed behind this token's issue reaches it.
async fn is_revoked_since(world: &World, issued: &Issued) -> bool {
    let claims = payload(&issued.pair.access_token);
    let store = world.issuer.sessions.store();
    let since = store.tail(issued.cursor, Duration::ZERO).await.unwrap().revocations;
    since.iter().any(|revocation| match &revocation.target {
        Target::Session(session, _) => *session == issued.pair.session,
        Target::Subject(subject, version) => {
            let sub = SubjectKey::of(claims["sub"].as_str().unwrap());
            *subject == sub && claims["ver"].as_u64().unwrap() < *version
        }
        Target::Token(token_id, _) => claims["jti"] == **token_id,
        _ => false,
    })
}

fn rises<K: Ord>(highest: &mut BTreeMap<K, u64>, counter: K, count: u64) {
    let before = highest.insert(counter, count).unwrap_or(0);
    assert!(before <= count, "fell from {before} to {count}");
}
