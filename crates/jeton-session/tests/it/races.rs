//! Many at once: tabs, retries, thieves, and an end in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jeton::Reason;
use jeton_session::TokenPair;
use jeton_session::{Login, MemoryStore, Outcome, RefreshError, Refreshed, Sessions, Terms};
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

use crate::support::{Issuer, NOW, distinct, feed, terms};

type Answer = Result<Refreshed, RefreshError>;

/// R2, R3, INV2: of 64 who present one refresh token, one rotates it and all are told the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_rotates_and_all_hear_the_same() {
    let issuer = Issuer::new().await;
    let mut pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    for round in 0..100 {
        let answers = all_at_once(&issuer.sessions, &pair.refresh_token, 64).await;

        assert_eq!(told(&answers), [1, 63, 0, 0], "round {round}");
        let pairs: Vec<TokenPair> = answers.into_iter().map(|a| a.unwrap().pair).collect();
        assert_eq!(distinct(pairs.iter().map(|pair| &pair.refresh_token)), 1);
        assert_eq!(distinct(pairs.iter().map(|pair| &pair.access_token)), 64);
        pair = pairs[round % 64].clone();
    }
}

/// R2, R3, INV3: without a grace one rotates, one is the replay, and for the rest it has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_grace_the_second_of_many_ends_the_session() {
    let no_grace = Terms { grace: Duration::ZERO, ..terms() };
    let issuer = Issuer::on(no_grace).await;
    for round in 0..100 {
        let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();

        let answers = all_at_once(&issuer.sessions, &pair.refresh_token, 64).await;

        assert_eq!(told(&answers), [1, 0, 1, 62], "round {round}");
        let winner = answers.into_iter().find_map(Result::ok).unwrap().pair;
        let refused = issuer.sessions.refresh(&winner.refresh_token, NOW).await;
        assert_eq!(refused, Err(RefreshError::Ended(Some(Reason::Replayed))));
        let refused = issuer.sessions.guard().check(&winner.access_token, NOW);
        assert_eq!(refused.unwrap_err().code(), "replayed");
    }
}

/// B24, INV4: twenty tabs that wake up together stay logged in, one hour after another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_tabs_keep_working() {
    let issuer = Issuer::new().await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    let mut token = pair.refresh_token;
    for hour in 0..24 {
        let now = NOW.after(Duration::from_hours(hour));
        let mut tabs = JoinSet::new();
        for tab in 0..20 {
            let (sessions, token) = (Arc::clone(&issuer.sessions), token.clone());
            let late = Duration::from_secs(tab % 10);
            tabs.spawn(async move { sessions.refresh(&token, now.after(late)).await });
        }
        let pairs = tabs.join_all().await.into_iter().map(|tab| tab.unwrap().pair);
        let pairs: Vec<TokenPair> = pairs.collect();

        let noon = now.after(Duration::from_secs(10));
        for pair in &pairs {
            assert!(issuer.sessions.guard().check(&pair.access_token, noon).is_ok());
        }
        assert_eq!(distinct(pairs.iter().map(|pair| &pair.refresh_token)), 1);
        token.clone_from(&pairs[0].refresh_token);
    }
}

/// R4, INV1: once an end has returned no refresh succeeds, and all that was handed out is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_session_works_once_its_end_has_returned() {
    let issuer = Issuer::new().await;
    for round in 0..500 {
        let first = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let client = tokio::spawn(refresh_on(
            Arc::clone(&issuer.sessions),
            first.clone(),
            Arc::clone(&ended),
        ));

        for _ in 0..round % 8 {
            yield_now().await;
        }
        issuer.sessions.end(first.session, Reason::LoggedOut, NOW).await.unwrap();
        ended.store(true, Ordering::SeqCst);

        for pair in client.await.unwrap() {
            let refused = issuer.sessions.refresh(&pair.refresh_token, NOW).await;
            assert_eq!(refused, Err(RefreshError::Ended(Some(Reason::LoggedOut))));
            let refused = issuer.sessions.guard().check(&pair.access_token, NOW);
            assert_eq!(refused.unwrap_err().code(), "logged_out", "round {round}");
        }
    }
}

/// R4: each of many refreshes is before the end or after it, and either way nothing works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_among_many_refreshes_reaches_them_all() {
    let issuer = Issuer::new().await;
    for round in 0..300 {
        let first = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
        let tabs = tokio::spawn({
            let (sessions, first) = (Arc::clone(&issuer.sessions), first.clone());
            async move { all_at_once(&sessions, &first.refresh_token, 8).await }
        });

        for _ in 0..round % 16 {
            yield_now().await;
        }
        issuer.sessions.end(first.session, Reason::LoggedOut, NOW).await.unwrap();

        for answer in tabs.await.unwrap() {
            match answer {
                Ok(Refreshed { pair, .. }) => {
                    let refused = issuer.sessions.guard().check(&pair.access_token, NOW);
                    assert_eq!(refused.unwrap_err().code(), "logged_out", "round {round}");
                }
                Err(refused) => {
                    assert_eq!(refused, RefreshError::Ended(Some(Reason::LoggedOut)));
                }
            }
        }
    }
}

/// R15: after a change of password only the session it was changed in goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_kept_session_survives_the_end_of_all_others() {
    let issuer = Issuer::new().await;
    for round in 0..50 {
        let mut clients = JoinSet::new();
        let kept = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        for _ in 0..7 {
            let other = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
            clients.spawn(refresh_on(Arc::clone(&issuer.sessions), other, Arc::clone(&ended)));
        }

        yield_now().await;
        let reason = Reason::PasswordChanged;
        let others = issuer.sessions.end_others(kept.session, reason, NOW).await;
        ended.store(true, Ordering::SeqCst);

        assert_eq!(others, Ok(7), "round {round}");
        for pair in clients.join_all().await.concat() {
            let refused = issuer.sessions.refresh(&pair.refresh_token, NOW).await;
            assert_eq!(refused, Err(RefreshError::Ended(Some(reason))));
            let refused = issuer.sessions.guard().check(&pair.access_token, NOW);
            assert_eq!(refused.unwrap_err().code(), "password_changed");
        }
        let next = issuer.sessions.refresh(&kept.refresh_token, NOW).await.unwrap().pair;
        assert!(issuer.sessions.guard().check(&next.access_token, NOW).is_ok());
        issuer.sessions.end(kept.session, Reason::LoggedOut, NOW).await.unwrap();
    }
}

/// X7: a hundred who end one session are one end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_once_however_many_end_it() {
    let issuer = Issuer::new().await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    let mut ends = JoinSet::new();
    for _ in 0..100 {
        let sessions = Arc::clone(&issuer.sessions);
        ends.spawn(async move { sessions.end(pair.session, Reason::LoggedOut, NOW).await });
    }

    let ended = ends.join_all().await.into_iter().filter(|end| *end == Ok(true));

    assert_eq!(ended.count(), 1);
    assert_eq!(feed(issuer.sessions.store()).await.len(), 1);
}

/// So many tasks present one refresh token in the same moment.
async fn all_at_once(sessions: &Arc<Sessions<MemoryStore>>, token: &str, n: usize) -> Vec<Answer> {
    let gate = Arc::new(Barrier::new(n));
    let mut tasks = JoinSet::new();
    for _ in 0..n {
        let (sessions, gate, token) = (Arc::clone(sessions), Arc::clone(&gate), token.to_owned());
        tasks.spawn(async move {
            gate.wait().await;
            sessions.refresh(&token, NOW).await
        });
    }
    tasks.join_all().await
}

/// How many rotated, repeated, replayed, and came too late.
fn told(answers: &[Answer]) -> [usize; 4] {
    let count = |wanted: fn(&Answer) -> bool| answers.iter().filter(|a| wanted(a)).count();
    [
        count(|a| matches!(a, Ok(refreshed) if refreshed.outcome == Outcome::Rotated)),
        count(|a| matches!(a, Ok(refreshed) if refreshed.outcome == Outcome::Repeated)),
        count(|a| matches!(a, Err(RefreshError::Replayed))),
        count(|a| *a == Err(RefreshError::Ended(Some(Reason::Replayed)))),
    ]
}

/// A client that refreshes until its session has ended, and all the pairs it was given. Once the
/// end has returned it must not be given another.
async fn refresh_on(
    sessions: Arc<Sessions<MemoryStore>>,
    first: TokenPair,
    ended: Arc<AtomicBool>,
) -> Vec<TokenPair> {
    let mut pairs = vec![first];
    loop {
        let too_late = ended.load(Ordering::SeqCst);
        let last = &pairs[pairs.len() - 1];
        match sessions.refresh(&last.refresh_token, NOW).await {
            Ok(next) => {
                assert!(!too_late, "refreshed after the end");
                pairs.push(next.pair);
            }
            Err(refused) => {
                assert!(matches!(refused, RefreshError::Ended(Some(_))), "{refused:?}");
                return pairs;
            }
        }
        yield_now().await;
    }
}
