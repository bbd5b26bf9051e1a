use std::os::unix::fs::PermissionsExt as _;

use jeton::{KeyId, Reason, SessionId, SubjectKey, Target, Timestamp};
use rusqlite::Connection;
use tempfile::tempdir;

use super::*;

const R: Duration = Duration::from_secs(690);

fn revocations() -> Vec<Revocation> {
    let alice = SubjectKey::of("alice");
    let targets = [
        Target::Session(SessionId::new(alice, [7; 8]), Reason::Replayed),
        Target::Token("t1".to_owned(), Reason::Revoked),
        Target::Subject(alice, 4),
        Target::Key(KeyId::new("2027").unwrap()),
    ];
    let until = Timestamp::from_secs(1_800_000_690);
    targets.map(|target| Revocation { target, until }).to_vec()
}

fn bucket() -> Bucket {
    Bucket::of(SubjectKey::of("alice"))
}

fn known(clock: u64) -> Vec<(Bucket, Known)> {
    vec![(bucket(), Known { lineage: Lineage::new("abc 17"), clock })]
}

fn at(clock: u64) -> Place {
    place::from_parts(clock, 3).unwrap()
}

#[tokio::test]
async fn what_was_appended_is_there_after_reopening() {
    let folder = tempdir().unwrap();
    let (journal, before) = Journal::open(folder.path()).unwrap();
    journal.append(bucket(), at(1_000_000), revocations()).await.unwrap();
    journal.know(known(1_000_500), R).await.unwrap();
    drop(journal);

    let (_journal, kept) = Journal::open(folder.path()).unwrap();

    let made = |revocation| Made { bucket: bucket(), place: at(1_000_000), revocation };
    assert_eq!(kept.entries, revocations().into_iter().map(made).collect::<Vec<_>>());
    assert_eq!(kept.known, known(1_000_500));
    assert_eq!((kept.name.len(), &kept.name), (16, &before.name), "the same node");
    assert!(before.entries.is_empty() && before.known.is_empty());
}

/// The time of day forgets nothing: what is old is forgotten once a bucket is known so much later.
#[tokio::test]
async fn an_entry_is_forgotten_when_its_bucket_is_known_r_later() {
    let folder = tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path()).unwrap();
    for clock in [1_000_000, 1_000_001] {
        journal.append(bucket(), at(clock), revocations()).await.unwrap();
    }
    journal.know(known(1_690_001), R).await.unwrap();
    drop(journal);

    let (_journal, kept) = Journal::open(folder.path()).unwrap();

    let places: Vec<_> = kept.entries.iter().map(|made| made.place).collect();
    assert_eq!(places, [at(1_000_001); 4]);
}

#[tokio::test]
async fn a_folder_has_one_node_at_a_time_and_nobody_else_may_read_it() {
    let folder = tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path()).unwrap();

    let second = Journal::open(folder.path());

    assert!(matches!(second, Err(OpenStoreError::Locked(_))), "{second:?}");
    for name in ["journal.db", "journal.db-wal", "journal.lock"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    drop(journal);
    assert!(Journal::open(folder.path()).is_ok());
}

#[tokio::test]
async fn a_database_of_something_else_is_not_touched() {
    let folder = tempdir().unwrap();
    let store = crate::SqliteStore::open(&folder.path().join(NAME)).unwrap();
    drop(store);

    let refused = Journal::open(folder.path());

    assert!(matches!(refused, Err(OpenStoreError::Foreign(_))), "{refused:?}");
}

/// Whoever holds the file for longer than the writer waits is undone cleanly, as a full disk is.
#[tokio::test]
async fn a_journal_that_cannot_be_written_refuses_and_recovers() {
    let folder = tempdir().unwrap();
    let (journal, _) = Journal::open(folder.path()).unwrap();
    let other = Connection::open(folder.path().join(NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let refused = journal.append(bucket(), at(1_000_000), revocations()).await;
    other.execute_batch("ROLLBACK").unwrap();

    assert!(refused.is_err());
    journal.append(bucket(), at(1_000_001), revocations()).await.unwrap();
    drop(journal);
    let (_journal, kept) = Journal::open(folder.path()).unwrap();
    assert_eq!(kept.entries.len(), 4, "what was refused is not there");
}
