//! Password changes of a fleet are settled by one node at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use jeton_account::AccountError::Unavailable;
use jeton_account::{
    Account, AccountError, AccountStore, Change, NewHash, Phc, PostgresAccounts, PostgresSettings,
    Record,
};
use tokio::sync::Notify;
use tokio::task::{JoinSet, yield_now};

use crate::postgres::Postgres;

/// A node with connections of its own.
async fn node(postgres: &Postgres) -> PostgresAccounts {
    let settings = PostgresSettings::parse(&postgres.address()).unwrap();
    let settings = settings.with_deadline(Duration::from_secs(30));
    PostgresAccounts::connect(&settings).await.unwrap()
}

async fn add(node: &PostgresAccounts, name: &str) {
    let account = Account {
        id: name.to_owned(),
        name: name.to_owned(),
        roles: Vec::new(),
        created_at: 0,
        credential: 1,
    };
    let phc = Phc::new("hash".to_owned());
    assert!(node.insert(Record { account, phc }).await.unwrap());
}

async fn change(node: &PostgresAccounts, name: &str) -> Change {
    let (account, phc) = (name.to_owned(), Phc::new("new hash".to_owned()));
    node.replace(NewHash { account, phc, replaces: None, keep: None }).await.unwrap().unwrap()
}

/// R15: however many nodes hear of a change, the sessions end once, and never twice at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_nodes_one_settles_a_change() {
    let postgres = Postgres::start();
    let nodes = [node(&postgres).await, node(&postgres).await, node(&postgres).await];
    for name in ["ann", "bob"] {
        add(&nodes[0], name).await;
    }

    for round in 0..20 {
        let (running, runs) =
            (Arc::new([const { AtomicU32::new(0) }; 2]), Arc::new(AtomicU32::new(0)));
        let mut settling = JoinSet::new();
        for (account, name) in ["ann", "bob"].into_iter().enumerate() {
            change(&nodes[round % 3], name).await;
            for node in nodes.iter().chain(&nodes) {
                let (node, running, runs) = (node.clone(), Arc::clone(&running), Arc::clone(&runs));
                settling.spawn(async move {
                    let end = |_| async move {
                        assert_eq!(running[account].fetch_add(1, Ordering::SeqCst), 0, "alone");
                        yield_now().await;
                        running[account].fetch_sub(1, Ordering::SeqCst);
                        runs.fetch_add(1, Ordering::SeqCst);
                        Ok(())
                    };
                    node.settle(name, end).await.unwrap()
                });
            }
        }

        let settled = settling.join_all().await.into_iter().flatten().count();

        assert_eq!((settled, runs.load(Ordering::SeqCst)), (2, 2), "round {round}");
    }
    assert_eq!(nodes[0].changes(None).await, Ok(vec![]));
}

/// What [`hold`] has begun: a settling that ends only when it is told to.
struct Held {
    settling: tokio::task::JoinHandle<Result<Option<()>, AccountError>>,
    go_on: Arc<Notify>,
    went_on: Arc<AtomicU32>,
}

/// Begins to settle and stops in the middle.
async fn hold(node: &PostgresAccounts, account: &'static str) -> Held {
    let [begun, go_on] = [Arc::new(Notify::new()), Arc::new(Notify::new())];
    let went_on = Arc::new(AtomicU32::new(0));
    let (node, begins, goes_on, counts) =
        (node.clone(), Arc::clone(&begun), Arc::clone(&go_on), Arc::clone(&went_on));
    let settling = tokio::spawn(async move {
        let end = |_| async move {
            begins.notify_one();
            goes_on.notified().await;
            counts.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        node.settle(account, end).await
    });
    begun.notified().await;
    Held { settling, go_on, went_on }
}

/// Ends the connection that is in the middle of a transaction, as an operator or a crash does.
fn cut(postgres: &Postgres) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE usename = 'jeton' AND state = 'idle in transaction'";
    assert_eq!(postgres.sql(sql), "1");
}

/// R15: who has lost the claim goes no further, and the next node settles.
#[tokio::test]
async fn a_claim_whose_connection_is_cut_goes_to_the_next_and_the_first_stops() {
    let postgres = Postgres::start();
    let (first, second) = (node(&postgres).await, node(&postgres).await);
    add(&first, "ann").await;
    let noted = change(&first, "ann").await;
    let held = hold(&first, "ann").await;

    cut(&postgres);
    let settled = second.settle("ann", |changes| async { Ok(changes) }).await;
    let lost = held.settling.await.unwrap();
    held.go_on.notify_one();
    yield_now().await;

    assert_eq!(settled, Ok(Some(vec![noted])));
    assert!(matches!(&lost, Err(Unavailable(why)) if why.contains("claim")), "{lost:?}");
    assert_eq!(held.went_on.load(Ordering::SeqCst), 0, "it was dropped");
    assert_eq!(first.settle("ann", |_| async { Ok(()) }).await, Ok(None));
}

/// The same when the work would go on in the very moment in which the connection is found cut.
#[tokio::test]
async fn a_lost_claim_is_noticed_before_the_work_goes_on() {
    let postgres = Postgres::start();
    let first = node(&postgres).await;
    add(&first, "ann").await;
    let noted = change(&first, "ann").await;
    let held = hold(&first, "ann").await;

    cut(&postgres);
    let backends = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'";
    while postgres.sql(backends) != "0" {}
    let lost = held.settling.await.unwrap();

    assert!(matches!(lost, Err(Unavailable(_))), "{lost:?}");
    assert_eq!(first.changes(None).await, Ok(vec![noted]));
}

/// C4: a node that hangs while it settles holds up nobody else for longer than a deadline, and
/// nobody but the owner of this password.
#[tokio::test]
async fn a_claim_that_is_held_concerns_one_account() {
    let postgres = Postgres::start();
    let first = node(&postgres).await;
    let settings = PostgresSettings::parse(&postgres.address()).unwrap();
    let settings = settings.with_deadline(Duration::from_secs(1));
    let impatient = PostgresAccounts::connect(&settings).await.unwrap();
    for name in ["ann", "bob"] {
        add(&first, name).await;
        change(&first, name).await;
    }
    let held = hold(&first, "ann").await;

    let anns = impatient.settle("ann", |_| async { Ok(()) }).await;
    let mut bobs = impatient.settle("bob", |_| async { Ok(()) }).await;
    while matches!(bobs, Err(Unavailable(_))) {
        bobs = impatient.settle("bob", |_| async { Ok(()) }).await;
    }
    held.go_on.notify_one();

    assert!(matches!(anns, Err(Unavailable(_))), "{anns:?}");
    assert_eq!(bobs, Ok(Some(())));
    assert_eq!(held.settling.await.unwrap(), Ok(Some(())));
    assert_eq!(first.changes(None).await, Ok(vec![]));
}

/// R15: PostgreSQL dies in the middle: the change is pending still when it is back.
#[tokio::test]
async fn a_change_survives_a_killed_server_in_the_middle_of_settling() {
    let mut postgres = Postgres::start();
    let first = node(&postgres).await;
    add(&first, "ann").await;
    let noted = change(&first, "ann").await;
    let held = hold(&first, "ann").await;

    postgres.kill();
    let lost = held.settling.await.unwrap();
    postgres.resume();
    let settled = first.settle("ann", |changes| async { Ok(changes) }).await;

    assert!(matches!(lost, Err(Unavailable(_))), "{lost:?}");
    assert_eq!(settled, Ok(Some(vec![noted])));
}
