//! The promises of the port, on each store.

mod sqlite {
    use jeton_account::SqliteAccounts;
    use tempfile::TempDir;

    fn empty() -> std::future::Ready<(SqliteAccounts, TempDir)> {
        let folder = tempfile::tempdir().unwrap();
        let accounts = SqliteAccounts::open(&folder.path().join("jeton.db")).unwrap();
        std::future::ready((accounts, folder))
    }

    jeton_account::account_contract_tests!(empty);
}

mod postgres {
    use jeton_account::{PostgresAccounts, PostgresSettings};

    use crate::postgres::Postgres;

    async fn empty() -> (PostgresAccounts, Postgres) {
        let postgres = Postgres::start();
        let settings = PostgresSettings::parse(&postgres.address()).unwrap();
        (PostgresAccounts::connect(&settings).await.unwrap(), postgres)
    }

    jeton_account::account_contract_tests!(empty);
}
