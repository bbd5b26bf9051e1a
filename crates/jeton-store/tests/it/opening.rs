use jeton::SubjectKey;
use jeton_session::{SessionStore as _, Step};
use jeton_store::{OpenStoreError, SqliteStore};
use rusqlite::Connection;
use tempfile::tempdir;

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let first = SqliteStore::open(&path).unwrap();

    let second = SqliteStore::open(&path).unwrap_err();
    drop(first);

    assert!(matches!(second, OpenStoreError::Locked(_)), "{second}");
    assert!(SqliteStore::open(&path).is_ok());
}

#[test]
fn a_file_of_a_later_version_is_not_touched() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();

    let refused = SqliteStore::open(&path).unwrap_err();

    assert_eq!(refused, OpenStoreError::NewerSchema { found: 99, known: 1 });
}

#[test]
fn a_database_of_something_else_is_not_touched() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("PRAGMA application_id = 42; CREATE TABLE theirs (a);").unwrap();

    let refused = SqliteStore::open(&path).unwrap_err();

    assert_eq!(refused, OpenStoreError::Foreign(42));
    let tables: i64 =
        foreign.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    std::fs::write(&path, vec![b'x'; 8_192]).unwrap();

    let refused = SqliteStore::open(&path).unwrap_err();

    assert!(matches!(refused, OpenStoreError::Unusable(_)), "{refused}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempdir().unwrap();
    let _store = SqliteStore::open(&folder.path().join("jeton.db")).unwrap();

    for name in ["jeton.db", "jeton.db-wal"] {
        let mode = folder.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[tokio::test]
async fn a_damaged_record_fails_its_own_subject_and_no_other() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("jeton.db");
    let store = SqliteStore::open(&path).unwrap();
    let (alice, bob) = (SubjectKey::of("alice"), SubjectKey::of("bob"));
    Connection::open(&path)
        .unwrap()
        .execute(
            "INSERT INTO subject (key, record) VALUES (?1, x'7b')",
            [alice.as_bytes().as_slice()],
        )
        .unwrap();

    let (damaged, sound) = tokio::join!(
        store.update(alice, |_| Step::keep(())),
        store.update(bob, |_| Step::keep(())),
    );

    assert!(damaged.is_err());
    assert_eq!(sound, Ok(()));
    assert!(store.load(alice).await.is_err());
}
