use std::path::PathBuf;
use std::sync::Mutex;

use jeton_account::AccountError::{InvalidCredentials, NotFound, WeakPassword};
use jeton_account::{Change, Limits, RandomError};
use rusqlite::Connection;

use crate::support::{CORRECT, Service, WRONG, password, random, weak_phc};

const NEW: &str = "tr\u{f6}ub4dor & 3";

#[tokio::test]
async fn a_changed_password_replaces_the_old_one_and_leaves_a_notice() {
    let service = Service::new();
    let ann = service.add("Ann").await;

    let change = service
        .accounts
        .change_password(&ann.id, password(CORRECT), password(NEW), Some("this session"))
        .await
        .unwrap();

    let expected =
        Change { seq: change.seq, account: ann.id.clone(), keep: Some("this session".to_owned()) };
    assert_eq!(change, expected);
    assert_eq!(service.accounts.pending().await, Ok(vec![expected]));
    let old = service.accounts.authenticate("Ann", password(CORRECT)).await;
    assert_eq!(old, Err(InvalidCredentials));
    let now = service.accounts.authenticate("Ann", password(NEW)).await.unwrap();
    assert_eq!(now.credential, ann.credential + 1);
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let service = Service::new();
    let ann = service.add("Annabelle").await;
    let phc = service.phc(&ann.id);
    let short = WeakPassword("needs at least 8 characters");
    let name = WeakPassword("cannot be the name of the account");

    let cases = [
        ("wrong current password", ann.id.as_str(), WRONG, NEW, InvalidCredentials),
        ("wrong current password, weak new one", &ann.id, WRONG, "short", InvalidCredentials),
        ("too short", &ann.id, CORRECT, "seven77", short),
        ("the name", &ann.id, CORRECT, "ANNABELLE", name),
        ("no such account", "00000000000000000000000000000000", CORRECT, NEW, NotFound),
        ("a name is no id", "Annabelle", CORRECT, NEW, NotFound),
    ];
    for (case, id, current, new, refusal) in cases {
        let refused =
            service.accounts.change_password(id, password(current), password(new), None).await;

        assert_eq!(refused, Err(refusal), "{case}");
        assert_eq!(service.phc(&ann.id), phc, "{case}");
        assert_eq!(service.accounts.pending().await, Ok(vec![]), "{case}");
    }
}

#[tokio::test]
async fn an_administrator_resets_a_password_without_the_old_one() {
    let service = Service::new();
    let ann = service.add("Ann").await;

    let change = service.accounts.reset_password("ANN", password(NEW)).await.unwrap();
    let unknown = service.accounts.reset_password("Bob", password(NEW)).await;
    let weak = service.accounts.reset_password("Ann", password("short")).await;

    assert_eq!((change.account.as_str(), change.keep), (ann.id.as_str(), None));
    assert_eq!(unknown, Err(NotFound));
    assert_eq!(weak, Err(WeakPassword("needs at least 8 characters")));
    let now = service.accounts.authenticate("Ann", password(NEW)).await.unwrap();
    assert_eq!(now.credential, ann.credential + 1);
}

#[tokio::test]
async fn unsettled_changes_survive_a_restart_and_settled_ones_do_not() {
    let service = Service::new();
    let (ann, bob) = (service.add("Ann").await, service.add("Bob").await);
    let first = service.accounts.reset_password("Ann", password(NEW)).await.unwrap();
    let second = service
        .accounts
        .change_password(&bob.id, password(CORRECT), password(NEW), Some("kept"))
        .await
        .unwrap();

    let service = service.reopened();
    let pending = service.accounts.pending().await.unwrap();
    let settled = service.accounts.settle(&ann.id, |changes| async { Ok(changes) }).await;
    let again = service.accounts.settle(&ann.id, |changes| async { Ok(changes) }).await;
    let service = service.reopened();

    assert_eq!(pending, [first.clone(), second.clone()]);
    assert_eq!((settled, again), (Ok(Some(vec![first])), Ok(None)));
    assert_eq!(service.accounts.pending().await, Ok(vec![second]));
    assert!(service.accounts.find(&ann.id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_number_of_a_settled_change_is_not_given_to_another() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    let first = service.accounts.reset_password("Ann", password(NEW)).await.unwrap();
    service.accounts.settle(&ann.id, |_| async { Ok(()) }).await.unwrap();

    let service = service.reopened();
    let second = service.accounts.reset_password("Ann", password(CORRECT)).await.unwrap();

    assert!(second.seq > first.seq, "{} after {}", second.seq, first.seq);
}

/// What happens to the file while the new password is being hashed.
static MEANWHILE: Mutex<Option<(PathBuf, &'static str, String)>> = Mutex::new(None);

/// Tests of one process take turns with [`MEANWHILE`].
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn random_while_something_happens(bytes: &mut [u8]) -> Result<(), RandomError> {
    if let Some((path, sql, phc)) = MEANWHILE.lock().unwrap().take() {
        Connection::open(path).unwrap().execute(sql, [phc]).unwrap();
    }
    random(bytes)
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_learns_that_its_password_is_no_longer_current() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let service = Service::with(Limits::new(2), random_while_something_happens);
    let ann = service.add("Ann").await;
    let (winner, sql) = (weak_phc(WRONG), "UPDATE account SET phc = ?1, credential = 2");
    *MEANWHILE.lock().unwrap() = Some((service.path(), sql, winner.clone()));

    let lost =
        service.accounts.change_password(&ann.id, password(CORRECT), password(NEW), None).await;

    assert_eq!(lost, Err(InvalidCredentials));
    assert_eq!(service.phc(&ann.id), winner);
    assert_eq!(service.accounts.pending().await, Ok(vec![]));
}

#[tokio::test]
async fn a_login_that_replaces_the_hash_does_not_get_in_the_way_of_a_change() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let service = Service::with(Limits::new(2), random_while_something_happens);
    let ann = service.add("Ann").await;
    let (rehashed, sql) = (weak_phc(CORRECT), "UPDATE account SET phc = ?1");
    *MEANWHILE.lock().unwrap() = Some((service.path(), sql, rehashed));

    let changed =
        service.accounts.change_password(&ann.id, password(CORRECT), password(NEW), None).await;

    assert_eq!(changed.map(|change| change.account), Ok(ann.id));
    assert!(service.accounts.authenticate("Ann", password(NEW)).await.is_ok());
}
