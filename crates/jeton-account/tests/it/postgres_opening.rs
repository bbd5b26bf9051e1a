//! What a PostgreSQL must be like, and what is said of one that will not do.

use std::path::Path;
use std::time::Duration;

use jeton_account::{AccountStore, OpenPostgresError, PostgresAccounts, PostgresSettings};
use pem_rfc7468::{LineEnding, encode_string};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use tokio::task::JoinSet;

use crate::postgres::{PASSWORD, Postgres};

fn settings(address: &str) -> PostgresSettings {
    PostgresSettings::parse(address).unwrap()
}

async fn refusal(settings: &PostgresSettings) -> OpenPostgresError {
    PostgresAccounts::connect(settings).await.unwrap_err()
}

/// Nothing was sent but what PostgreSQL has checked, and every sentence says what to do.
#[tokio::test]
async fn what_stands_in_the_way_is_said_in_one_sentence_each() {
    let postgres = Postgres::start();
    postgres.sql("CREATE DATABASE theirs");
    postgres.sql(
        "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII'
         LOCALE_PROVIDER libc LOCALE 'C' OWNER jeton",
    );
    postgres.sql("CREATE DATABASE fast OWNER jeton");
    postgres.sql("ALTER DATABASE fast SET synchronous_commit = off");
    postgres.sql("CREATE DATABASE frozen OWNER jeton");
    postgres.sql("ALTER DATABASE frozen SET default_transaction_read_only = on");
    postgres.let_in("local all postgres trust\nlocal all all scram-sha-256\n");
    let wrong = settings(&postgres.address()).with_password("hunter2 or 3");
    let none = settings(&postgres.address());
    let nobody = settings(&postgres.address().replace("user=jeton", "user=nobody"));
    let to = |database: &str| settings(&postgres.address_of(database)).with_password(PASSWORD);
    let nowhere = settings("host=/nowhere user=jeton");
    let closed = settings("host=127.0.0.1 port=1 user=jeton");

    let cases: [(&str, PostgresSettings, &[&str]); 10] = [
        ("nobody listens", closed, &["127.0.0.1 port 1", "not reachable", "is it running"]),
        ("no such socket", nowhere, &["/nowhere port 5432", "not reachable"]),
        ("wrong password", wrong, &["does not let jeton in", "password_file"]),
        ("no password", none, &["does not let jeton in", "password_file"]),
        ("no such user", nobody.with_password("x"), &["does not let nobody in", "pg_hba.conf"]),
        ("no such database", to("absent"), &["CREATE DATABASE absent OWNER jeton"]),
        ("no permission", to("theirs"), &["ALTER DATABASE theirs OWNER TO jeton"]),
        ("not Unicode", to("bytes"), &["SQL_ASCII", "ENCODING 'UTF8'"]),
        ("not durable", to("fast"), &["ALTER DATABASE fast SET synchronous_commit = on"]),
        ("not for writing", to("frozen"), &["allows no writing", "primary"]),
    ];
    for (name, settings, words) in cases {
        let sentence = refusal(&settings).await.to_string();

        for word in words {
            assert!(sentence.contains(word), "{name}: {sentence}");
        }
        assert!(
            !sentence.contains("hunter2") && !sentence.contains(PASSWORD),
            "{name}: {sentence}"
        );
        assert!(!sentence.contains('\n'), "{name}: {sentence}");
    }
    assert!(PostgresAccounts::connect(&to("jeton")).await.is_ok());
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused_and_left_alone() {
    let postgres = Postgres::start();
    let settings = settings(&postgres.address());
    drop(PostgresAccounts::connect(&settings).await.unwrap());
    postgres.sql("UPDATE jeton_account_schema SET version = 99");

    let refused = refusal(&settings).await;
    postgres.sql("UPDATE jeton_account_schema SET version = 0");
    let corrupt = refusal(&settings).await;

    assert_eq!(refused, OpenPostgresError::NewerSchema { found: 99, known: 1 });
    assert!(corrupt.to_string().contains("corrupt"), "{corrupt}");
    assert_eq!(postgres.sql("SELECT version FROM jeton_account_schema"), "0");
}

/// Nodes of a fleet start together; one of them makes the tables.
#[tokio::test]
async fn many_who_connect_at_once_make_the_tables_once() {
    let postgres = Postgres::start();
    let mut connecting = JoinSet::new();
    for _node in 0..8 {
        let settings = settings(&postgres.address()).with_deadline(Duration::from_secs(30));
        connecting.spawn(async move { PostgresAccounts::connect(&settings).await });
    }

    let connected = connecting.join_all().await;

    for accounts in connected {
        assert_eq!(accounts.unwrap().is_empty().await, Ok(true));
    }
    assert_eq!(postgres.sql("SELECT version FROM jeton_account_schema"), "1");
}

#[tokio::test]
async fn tables_that_are_there_need_no_right_to_make_any() {
    let postgres = Postgres::start();
    drop(PostgresAccounts::connect(&settings(&postgres.address())).await.unwrap());
    postgres.sql("CREATE ROLE service LOGIN; ALTER DATABASE jeton OWNER TO postgres");
    postgres.sql("GRANT SELECT ON jeton_account_schema TO service");
    postgres.sql("GRANT SELECT, INSERT, UPDATE ON jeton_account TO service");
    postgres.sql("GRANT SELECT, INSERT, UPDATE, DELETE ON jeton_account_change TO service");

    let address = postgres.address().replace("user=jeton", "user=service");
    let accounts = PostgresAccounts::connect(&settings(&address)).await.unwrap();

    assert_eq!(accounts.is_empty().await, Ok(true));
}

/// An authority, and the certificate and key of a server with this name.
fn certificate(name: &str) -> (String, String, String) {
    let pem = |label: &str, der: &[u8]| encode_string(label, LineEnding::LF, der).unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    (
        pem("CERTIFICATE", issuer.der()),
        pem("CERTIFICATE", certificate.der()),
        pem("PRIVATE KEY", &key.serialize_der()),
    )
}

/// T1: what is sent goes to a server that has proved its name, or nowhere.
#[tokio::test]
async fn tls_is_made_only_with_a_server_that_proves_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let (authority, certificate_of_server, key) = certificate("localhost");
    let (stranger, ..) = certificate("localhost");
    let (ours, strangers) = (write("ours", &authority), write("strangers", &stranger));
    let postgres = Postgres::start_with_tls(&certificate_of_server, &key);
    let port = postgres.port();
    let to = |host: &str, mode: &str, authorities: &Path| {
        settings(&format!("host={host} port={port} user=jeton dbname=jeton sslmode={mode}"))
            .with_password(PASSWORD)
            .with_authorities(authorities.to_owned())
    };

    let good = PostgresAccounts::connect(&to("localhost", "verify-full", &ours)).await;
    let refused = [
        (
            "another authority",
            refusal(&to("localhost", "require", &strangers)).await,
            "invalid peer certificate",
        ),
        ("another name", refusal(&to("127.0.0.1", "require", &ours)).await, "not valid for name"),
        ("no TLS", refusal(&to("localhost", "disable", &ours)).await, "pg_hba.conf"),
        ("no such file", refusal(&to("localhost", "require", Path::new("/no"))).await, "/no: "),
        ("an empty file", refusal(&to("localhost", "require", &write("e", ""))).await, "holds no"),
    ];

    assert_eq!(good.unwrap().is_empty().await, Ok(true));
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE usename = 'jeton' AND ssl";
    assert_ne!(postgres.sql(encrypted), "");
    for (name, error, words) in refused {
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
}

/// T1: a server without TLS is not talked to where TLS was asked for.
#[tokio::test]
async fn a_server_without_tls_hears_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _postgres = Postgres::start_with(free, &["listen_addresses=127.0.0.1"]);
    let address = format!("host=localhost port={free} user=jeton dbname=jeton sslmode=require");

    let refused = refusal(&settings(&address)).await;

    assert!(matches!(&refused, OpenPostgresError::Tls { .. }), "{refused:?}");
    assert!(refused.to_string().contains("does not support TLS"), "{refused}");
    assert!(
        PostgresAccounts::connect(&settings(&address.replace("require", "disable"))).await.is_ok()
    );
}
