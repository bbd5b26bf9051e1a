use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jeton_account::AccountError::{Busy, InvalidCredentials};
use jeton_account::{Limits, RandomError};
use tokio::task::{JoinSet, yield_now};

use crate::support::{CORRECT, NOW, Service, WRONG, new_account, password, random};

#[tokio::test]
async fn clients_that_hang_up_cannot_make_more_hashes_run_than_there_are_permits() {
    let service = Service::new();
    service.add("Ann").await;
    let pool = service.accounts.pool();
    assert_eq!(pool.permits(), 2);

    for _wave in 0..20 {
        let before = pool.hashes();
        let mut logins = JoinSet::new();
        for _client in 0..10 {
            let accounts = service.accounts.clone();
            logins.spawn(async move { accounts.authenticate("Ann", password(WRONG)).await });
        }
        while pool.hashes() == before {
            yield_now().await;
        }
        logins.shutdown().await;
    }
    let account = service.accounts.authenticate("Ann", password(CORRECT)).await;

    assert!(account.is_ok(), "the pool still works: {account:?}");
    assert!(pool.peak() <= pool.permits(), "{} ran at once", pool.peak());
}

#[tokio::test]
async fn a_flood_is_turned_away_beyond_those_who_may_wait() {
    let limits = Limits { waiting: 3, patience: Duration::from_mins(10), ..Limits::new(1) };
    let service = Service::with(limits, random);
    service.add("Ann").await;
    let before = service.accounts.pool().hashes();
    let mut logins = JoinSet::new();
    for _client in 0..100 {
        let accounts = service.accounts.clone();
        logins.spawn(async move { accounts.authenticate("Ann", password(WRONG)).await });
    }

    let answers = logins.join_all().await;

    let count = |refusal| answers.iter().filter(|answer| answer.as_ref() == Err(refusal)).count();
    let hashes = service.accounts.pool().hashes() - before;
    assert_eq!(count(&InvalidCredentials) + count(&Busy), 100, "{answers:?}");
    assert!(count(&InvalidCredentials) >= 4, "one runs and three wait: {answers:?}");
    assert!(count(&Busy) > 0, "{answers:?}");
    assert_eq!(u64::try_from(count(&InvalidCredentials)), Ok(hashes), "Busy costs no hash");
    assert_eq!(service.accounts.pool().peak(), 1);
}

/// Holds a job at the drawing of its salt while set.
static HELD: AtomicBool = AtomicBool::new(false);

fn random_when_released(bytes: &mut [u8]) -> Result<(), RandomError> {
    while HELD.load(Ordering::Acquire) {
        std::thread::yield_now();
    }
    random(bytes)
}

#[tokio::test]
async fn who_waits_longer_than_the_patience_is_turned_away() {
    let limits = Limits { patience: Duration::ZERO, ..Limits::new(1) };
    let service = Service::with(limits, random_when_released);
    service.add("Ann").await;
    let mut held = JoinSet::new();
    let accounts = service.accounts.clone();
    HELD.store(true, Ordering::Release);
    held.spawn(async move { accounts.reset_password("Ann", password(WRONG)).await });
    while service.accounts.pool().running() == 0 {
        yield_now().await;
    }

    let turned_away = service.accounts.authenticate("Ann", password(CORRECT)).await;
    HELD.store(false, Ordering::Release);
    let reset = held.join_next().await.unwrap().unwrap();

    assert_eq!(turned_away, Err(Busy));
    assert!(reset.is_ok(), "{reset:?}");
    assert!(service.accounts.authenticate("Ann", password(WRONG)).await.is_ok());
}

#[tokio::test]
async fn parallel_logins_with_the_right_password_all_succeed() {
    let service =
        Service::with(Limits { patience: Duration::from_mins(10), ..Limits::new(2) }, random);
    let ann = service.add("Ann").await;
    let mut logins = JoinSet::new();
    for _device in 0..50 {
        let accounts = service.accounts.clone();
        logins.spawn(async move { accounts.authenticate("Ann", password(CORRECT)).await });
    }

    let answers = logins.join_all().await;

    assert!(answers.iter().all(|answer| answer.as_ref() == Ok(&ann)), "{answers:?}");
}

#[tokio::test]
async fn every_future_can_move_between_threads() {
    fn movable(_future: impl Future + Send) {}
    let accounts = Service::new().accounts;

    movable(accounts.add(new_account("Ann"), NOW));
    movable(accounts.authenticate("Ann", password(CORRECT)));
    movable(accounts.find("id"));
    movable(accounts.list(None, 10));
    movable(accounts.is_empty());
    movable(accounts.change_password("id", password(CORRECT), password(WRONG), None));
    movable(accounts.reset_password("Ann", password(WRONG)));
    movable(accounts.pending());
    movable(accounts.settle("id", |_| async { Ok(()) }));
}
