//! What a server must be like, and the tables of the accounts.

use deadpool_postgres::Client;
use tokio_postgres::Error;

use crate::postgres::{OpenPostgresError, PostgresSettings};

/// The version of [`TABLES`].
const VERSION: i64 = 1;

/// The oldest server, as `server_version_num` counts: 12.0.
const OLDEST: i32 = 120_000;

/// The lock that nodes starting at once make the tables under: any number that is ours.
const LOCK: i64 = 0x6a65_746f_6e61_6363;

/// `name_key` is the name in lower case, compared and sorted by its bytes as in SQLite, whatever the
/// language of the database. `phc` is an Argon2id PHC string. An identity never gives a number twice.
const TABLES: &str = r#"
CREATE TABLE jeton_account_schema (version bigint NOT NULL);
CREATE TABLE jeton_account (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL UNIQUE,
    roles text[] NOT NULL,
    phc text NOT NULL,
    credential bigint NOT NULL,
    created_at bigint NOT NULL
);
CREATE TABLE jeton_account_change (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text COLLATE "C" NOT NULL REFERENCES jeton_account (id),
    keep text
);
CREATE INDEX jeton_account_change_account ON jeton_account_change (account);
INSERT INTO jeton_account_schema (version) VALUES (1);
"#;

/// What a server says of itself.
#[derive(Debug)]
struct Facts {
    version: i32,
    encoding: String,
}

impl Facts {
    async fn ask(client: &Client) -> Result<Self, Error> {
        let sql = "SELECT current_setting('server_version_num')::int4,
                          current_setting('server_encoding')";
        let row = client.query_one(sql, &[]).await?;
        Ok(Self { version: row.try_get(0)?, encoding: row.try_get(1)? })
    }

    fn judge(self) -> Result<(), OpenPostgresError> {
        let Self { version, encoding } = self;
        if version < OLDEST {
            Err(OpenPostgresError::Version(version / 10_000))
        } else if encoding != "UTF8" {
            Err(OpenPostgresError::Encoding(encoding))
        } else {
            Ok(())
        }
    }
}

/// Judges the server and brings the tables to this program's version, in one transaction and one
/// process at a time.
pub(super) async fn prepare(
    client: &Client,
    settings: &PostgresSettings,
) -> Result<(), OpenPostgresError> {
    let failed = |error: Error| OpenPostgresError::of_driver(&error, settings);
    Facts::ask(client).await.map_err(failed)?.judge()?;
    match version(client).await.map_err(failed)? {
        None => client.batch_execute(TABLES).await.map_err(failed)?,
        Some(VERSION) => {}
        Some(found) if found > VERSION => {
            return Err(OpenPostgresError::NewerSchema { found, known: VERSION });
        }
        Some(_) => {
            let corrupt = "the version of the tables is corrupt";
            return Err(OpenPostgresError::Failed(corrupt.to_owned()));
        }
    }
    client.batch_execute("COMMIT").await.map_err(failed)
}

/// Begins a transaction and takes the lock, then looks: whoever waited sees what the other has made.
async fn version(client: &Client) -> Result<Option<i64>, Error> {
    client.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})")).await?;
    let there = "SELECT to_regclass('jeton_account_schema') IS NOT NULL";
    if !client.query_one(there, &[]).await?.try_get(0)? {
        return Ok(None);
    }
    let row = client.query_one("SELECT max(version) FROM jeton_account_schema", &[]).await?;
    // An empty table is as corrupt as a number that we never wrote.
    Ok(Some(row.try_get::<_, Option<i64>>(0)?.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_will_not_do_is_told_why() {
        let judge = |version, encoding: &str| Facts { version, encoding: encoding.into() }.judge();

        assert_eq!(judge(120_000, "UTF8"), Ok(()));
        assert_eq!(judge(180_001, "UTF8"), Ok(()));
        assert_eq!(judge(110_022, "UTF8"), Err(OpenPostgresError::Version(11)));
        let ascii = OpenPostgresError::Encoding("SQL_ASCII".to_owned());
        assert_eq!(judge(150_000, "SQL_ASCII"), Err(ascii));
    }
}
