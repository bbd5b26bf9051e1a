use std::sync::Arc;

use jeton_store::SqliteStore;
use tempfile::TempDir;

#[expect(clippy::unused_async, reason = "a store over a network is made asynchronously")]
async fn sqlite() -> (Arc<SqliteStore>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(&folder.path().join("jeton.db")).expect("a store");
    (Arc::new(store), folder)
}

jeton_session::contract_tests!(sqlite);
