use jeton_account::{AccountError, Accounts, HashingCost, HashingPool, Limits};
use rusqlite::Connection;

use crate::support::{CORRECT, NOW, Service, WRONG, new_account, password, random};

fn pool() -> HashingPool {
    HashingPool::new(HashingCost::default(), Limits::new(1))
}

#[tokio::test]
async fn accounts_survive_a_restart() {
    let service = Service::new();
    let ann = service.add("Ann").await;

    let service = service.reopened();

    assert_eq!(service.accounts.authenticate("Ann", password(CORRECT)).await, Ok(ann));
}

#[test]
fn a_file_of_a_newer_program_is_refused_and_left_alone() {
    let service = Service::new();
    service.execute("UPDATE account_schema SET version = 99", &[]);

    let refused = Accounts::open(&service.path(), pool(), random).unwrap_err();

    assert_eq!(refused, AccountError::NewerSchema { found: 99, known: 1 });
    assert!(refused.to_string().contains("version 99"), "{refused}");
    let connection = Connection::open(service.path()).unwrap();
    let version = connection.query_row("SELECT version FROM account_schema", [], |row| row.get(0));
    assert_eq!(version, Ok(99));
}

#[test]
fn what_is_no_file_of_accounts_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("text");
    std::fs::write(&text, "not a database, and long enough to be looked at. ".repeat(100)).unwrap();

    let cases = [
        ("a text file", text),
        ("a directory", directory.path().to_owned()),
        ("in no directory", directory.path().join("absent/jeton.db")),
    ];
    for (name, path) in cases {
        let refused = Accounts::open(&path, pool(), random).unwrap_err();

        assert_eq!(refused.code(), "unavailable", "{name}: {refused}");
    }
}

#[tokio::test]
async fn the_file_is_shared_with_the_tables_and_the_writers_of_others() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("jeton.db");
    let mut other = Connection::open(&path).unwrap();
    other.pragma_update(None, "journal_mode", "WAL").unwrap();
    other.execute_batch("CREATE TABLE session (id TEXT) STRICT; PRAGMA user_version = 7").unwrap();
    let first = Accounts::open(&path, pool(), random).unwrap();
    let second = Accounts::open(&path, pool(), random).unwrap();

    let ann = first.add(new_account("Ann"), NOW).await.unwrap();
    let transaction = other.transaction().unwrap();
    transaction.execute("INSERT INTO session VALUES ('s')", []).unwrap();
    let found = second.find(&ann.id).await;
    transaction.commit().unwrap();
    let change = second.reset_password("Ann", password(WRONG)).await.unwrap();

    assert_eq!(found, Ok(Some(ann)), "readers do not wait for a writer");
    assert_eq!(first.pending().await, Ok(vec![change]));
    let version = other.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    assert_eq!(version, Ok(7), "their version is theirs");
}

#[test]
fn every_table_is_strict_and_carries_our_prefix() {
    let service = Service::new();
    let connection = Connection::open(service.path()).unwrap();

    let mut tables = connection
        .prepare(
            "SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%' ORDER BY 1",
        )
        .unwrap();
    let tables: Vec<(String, bool)> = tables
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();

    let names = ["account", "account_change", "account_schema"];
    assert_eq!(tables, names.map(|name| (name.to_owned(), true)));
}
