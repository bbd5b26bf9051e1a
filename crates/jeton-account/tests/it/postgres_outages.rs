//! What happens while PostgreSQL fails, and when it is back.

use std::process::Command;
use std::time::Duration;

use jeton_account::AccountError::{InvalidCredentials, Unavailable};
use jeton_account::{
    AccountError, AccountStore, Accounts, HashingCost, HashingPool, Limits, PostgresAccounts,
    PostgresSettings,
};
use tokio::task::JoinSet;

use crate::postgres::Postgres;
use crate::support::{CORRECT, NOW, WRONG, new_account, password, random};

/// Long enough for a busy machine, where something has to succeed.
const LONG: Duration = Duration::from_secs(30);

async fn open(postgres: &Postgres, deadline: Duration, connections: usize) -> PostgresAccounts {
    let settings = PostgresSettings::parse(&postgres.address()).unwrap();
    let settings = settings.with_deadline(LONG);
    drop(PostgresAccounts::connect(&settings).await.unwrap());
    let settings = settings.with_deadline(deadline).with_connections(connections);
    PostgresAccounts::connect(&settings).await.unwrap()
}

fn service(store: PostgresAccounts) -> Accounts<PostgresAccounts> {
    let limits = Limits { patience: LONG, ..Limits::new(2) };
    Accounts::new(store, HashingPool::new(HashingCost::default(), limits), random).unwrap()
}

/// Two nodes are one service: what one has done, the other sees at once.
#[tokio::test]
async fn what_one_node_has_done_the_other_sees() {
    let postgres = Postgres::start();
    let first = service(open(&postgres, LONG, 2).await);
    let second = service(open(&postgres, LONG, 2).await);

    let ann = first.add(new_account("Ann"), NOW).await.unwrap();
    let taken = second.add(new_account("ANN"), NOW).await;
    let seen = second.authenticate("ann", password(CORRECT)).await;
    let change = second.reset_password("Ann", password(WRONG)).await.unwrap();
    let old = first.authenticate("Ann", password(CORRECT)).await;

    assert_eq!(taken, Err(AccountError::NameTaken));
    assert_eq!(seen, Ok(ann));
    assert_eq!(first.pending().await, Ok(vec![change]));
    assert_eq!(old, Err(InvalidCredentials));
    assert_eq!(first.authenticate("Ann", password(WRONG)).await.unwrap().credential, 2);
}

/// R20: an outage is never an answer about a password, and ends with its cause.
#[tokio::test]
async fn a_killed_server_is_an_outage_until_it_is_back() {
    let mut postgres = Postgres::start();
    let accounts = service(open(&postgres, LONG, 4).await);
    let ann = accounts.add(new_account("Ann"), NOW).await.unwrap();
    let mut logins = JoinSet::new();
    for n in 0..12 {
        let accounts = accounts.clone();
        let text = if n % 2 == 0 { CORRECT } else { WRONG };
        logins.spawn(async move { (text, accounts.authenticate("Ann", password(text)).await) });
    }

    postgres.kill();
    let during = logins.join_all().await;
    let after = accounts.authenticate("Ann", password(CORRECT)).await;
    let unknown = accounts.find("nobody").await;
    postgres.resume();
    let back = accounts.authenticate("Ann", password(CORRECT)).await;
    let wrong = accounts.authenticate("Ann", password(WRONG)).await;

    for (text, answer) in during {
        match answer {
            Ok(account) => assert_eq!((text, account), (CORRECT, ann.clone())),
            Err(InvalidCredentials) => assert_eq!(text, WRONG),
            Err(error) => assert!(error.is_outage(), "{error}"),
        }
    }
    assert!(matches!(after, Err(Unavailable(_))), "{after:?}");
    assert!(matches!(unknown, Err(Unavailable(_))), "{unknown:?}");
    assert_eq!(back, Ok(ann), "without a new start of ours");
    assert_eq!(wrong, Err(InvalidCredentials));
}

/// C4: a server that hangs is given up after the deadline, and used again once it goes on.
#[tokio::test]
async fn a_server_that_stands_still_is_given_up_and_its_connection_dropped() {
    let postgres = Postgres::start();
    let accounts = open(&postgres, LONG, 1).await;
    let impatient = open(&postgres, Duration::from_millis(500), 1).await;
    let backends = "SELECT pid FROM pg_stat_activity WHERE usename = 'jeton'";
    let pids = postgres.sql(backends).replace('\n', " ");
    let signal = |name: &str| {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pids}")]).status();
        assert!(sent.unwrap().success());
    };

    signal("STOP");
    let given_up = impatient.is_empty().await;
    signal("CONT");

    assert!(matches!(&given_up, Err(Unavailable(why)) if why.contains("in time")), "{given_up:?}");
    assert_eq!(accounts.is_empty().await, Ok(true), "who had more patience");
    let mut again = impatient.is_empty().await;
    while matches!(again, Err(Unavailable(_))) {
        again = impatient.is_empty().await;
    }
    assert_eq!(again, Ok(true));
    let now = postgres.sql(backends);
    assert!(now.lines().any(|pid| !pids.contains(pid)), "a new connection: {now} after {pids}");
}

/// C4: whoever finds all connections taken hears of an outage in time, and is not left waiting.
#[tokio::test]
async fn a_statement_that_waits_is_given_up_on_both_sides() {
    let postgres = Postgres::start();
    let accounts = open(&postgres, Duration::from_millis(500), 1).await;
    let patient = open(&postgres, LONG, 2).await;
    let mut writing = JoinSet::new();
    let mut psql = postgres.session();
    psql.send("BEGIN; LOCK TABLE jeton_account; SELECT 'locked';");
    psql.wait_for("locked");

    for _request in 0..4 {
        let accounts = accounts.clone();
        writing.spawn(async move { accounts.is_empty().await });
    }
    let outcomes = writing.join_all().await;
    psql.send("COMMIT; SELECT 'open';");
    psql.wait_for("open");

    for outcome in outcomes {
        assert!(matches!(outcome, Err(Unavailable(_))), "{outcome:?}");
    }
    assert_eq!(patient.is_empty().await, Ok(true));
    let stuck = "SELECT count(*) FROM pg_stat_activity
                 WHERE usename = 'jeton' AND wait_event_type = 'Lock'";
    while postgres.sql(stuck) != "0" {}
}

/// A client that hangs up leaves neither a connection in the middle of something nor a lock.
#[tokio::test]
async fn requests_that_are_given_up_do_no_harm() {
    let postgres = Postgres::start();
    let accounts = open(&postgres, LONG, 2).await;

    for _wave in 0..10 {
        let mut requests = JoinSet::new();
        for _client in 0..10 {
            let accounts = accounts.clone();
            requests.spawn(async move { accounts.by_name("ann".to_owned()).await });
        }
        tokio::task::yield_now().await;
        requests.shutdown().await;
        assert_eq!(accounts.is_empty().await, Ok(true));
    }

    let connections = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'jeton'";
    assert!(postgres.sql(connections).parse::<u32>().unwrap() <= 2, "as many as allowed");
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    assert_eq!(postgres.sql(open), "0");
}

#[tokio::test]
async fn a_row_that_nobody_of_us_has_written_is_an_outage_and_not_a_refusal() {
    let postgres = Postgres::start();
    let accounts = service(open(&postgres, LONG, 2).await);
    let ann = accounts.add(new_account("Ann"), NOW).await.unwrap();

    let cases = [
        ("a role that is none", "roles = '{NULL}'"),
        ("roles in roles", "roles = '{{a,b},{c,d}}'"),
        ("a negative time", "roles = '{}', created_at = -1"),
        ("a negative credential", "created_at = 1, credential = -1"),
        ("no hash", "credential = 1, phc = ''"),
        (
            "a hash that asks for all memory",
            "phc = '$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHQ$AA'",
        ),
    ];
    for (name, sql) in cases {
        postgres.sql(&format!("UPDATE jeton_account SET {sql}"));

        let login = accounts.authenticate("Ann", password(WRONG)).await.unwrap_err();

        assert_eq!(login.code(), "unavailable", "{name}: {login}");
        assert!(!login.to_string().contains("argon2id"), "{name}: {login}");
    }
    postgres.sql("UPDATE jeton_account SET credential = 1, created_at = -1");
    assert_eq!(accounts.find(&ann.id).await.unwrap_err().code(), "unavailable");
    assert_eq!(accounts.list(None, 10).await.unwrap_err().code(), "unavailable");
}
