//! Whatever keeps the link from opening is said in one sentence.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::certificates::Certificates;
use super::servers::{Redis, free_ports};
use super::standalone;
use crate::redis::OpenRedisError;
use crate::redis::link::Link;
use crate::redis::settings::{RedisLogin, RedisSettings, RedisTls};

async fn refusal(settings: &RedisSettings) -> OpenRedisError {
    Link::open(settings).await.unwrap_err()
}

fn login(user: &str, password: &str) -> RedisLogin {
    let password = Zeroizing::new(password.to_owned());
    RedisLogin { user: user.to_owned(), password }
}

fn trusting(authorities: PathBuf) -> RedisTls {
    RedisTls { authorities: Some(authorities) }
}

fn encrypted(certificates: &Certificates) -> Redis {
    Redis::encrypted(|port| certificates.options(port))
}

#[tokio::test]
async fn nobody_there() {
    let free = format!("127.0.0.1:{}", free_ports(1)[0]);

    let refusal = refusal(&standalone(&free)).await;

    assert!(matches!(refusal, OpenRedisError::Unreachable { .. }), "{refusal}");
    assert!(refusal.to_string().contains(&free), "{refusal}");
}

#[tokio::test]
async fn somebody_who_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let deadline = Duration::from_millis(100);

    let refusal = refusal(&RedisSettings { deadline, ..standalone(&address) }).await;

    assert!(refusal.to_string().contains("does not answer"), "{refusal}");
}

#[tokio::test]
async fn somebody_who_is_no_redis() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let _ = client.read(&mut [0; 64]);
        let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });

    let refusal = refusal(&standalone(&address)).await;

    server.join().unwrap();
    assert!(matches!(refusal, OpenRedisError::Foreign { .. }), "{refusal}");
}

#[tokio::test]
async fn a_password_that_is_wrong_or_missing_and_it_is_not_repeated() {
    let server = Redis::with(&["--requirepass", "swordfish"]);
    let settings = standalone(&server.address());
    let wrong = RedisSettings { login: Some(login("default", "guppy7")), ..settings.clone() };
    let right = RedisSettings { login: Some(login("default", "swordfish")), ..settings.clone() };

    let (missing, wrong) = (refusal(&settings).await, refusal(&wrong).await);

    assert_eq!(missing, OpenRedisError::Login { server: server.address() });
    assert_eq!(wrong, missing);
    assert!(!wrong.to_string().contains("guppy7"), "{wrong}");
    assert!(Link::open(&right).await.is_ok());
}

#[tokio::test]
async fn a_user_who_may_do_nothing() {
    let server = Redis::start();
    server.cli(&["ACL", "SETUSER", "idle", "on", ">pw", "-@all"]);
    let settings =
        RedisSettings { login: Some(login("idle", "pw")), ..standalone(&server.address()) };

    let refusal = refusal(&settings).await;

    assert!(matches!(refusal, OpenRedisError::Permission { .. }), "{refusal}");
    assert!(refusal.to_string().contains("users.acl"), "{refusal}");
}

/// T1: nothing is sent to a server that does not prove its name.
#[tokio::test]
async fn a_server_whose_certificate_proves_nothing() {
    let (ours, theirs) = (Certificates::for_name("127.0.0.1"), Certificates::for_name("127.0.0.1"));
    let other_name = Certificates::for_name("redis.example");
    let (server, misnamed) = (encrypted(&ours), encrypted(&other_name));
    let plain = Redis::start();
    let with =
        |server: &Redis, tls| RedisSettings { tls: Some(tls), ..standalone(&server.address()) };

    let cases = [
        ("another authority", with(&server, trusting(theirs.authorities()))),
        ("the system's authorities", with(&server, RedisTls { authorities: None })),
        ("another name", with(&misnamed, trusting(other_name.authorities()))),
        ("no TLS there", with(&plain, trusting(ours.authorities()))),
    ];
    for (name, settings) in cases {
        let refusal = Link::open(&settings).await.unwrap_err();

        let is_of_tls =
            matches!(refusal, OpenRedisError::Tls { .. } | OpenRedisError::Authorities(_));
        assert!(is_of_tls, "{name}: {refusal}");
    }
    assert!(Link::open(&with(&server, trusting(ours.authorities()))).await.is_ok());
}

#[tokio::test]
async fn a_server_that_wants_tls() {
    let certificates = Certificates::for_name("127.0.0.1");
    let server = encrypted(&certificates);

    let refusal = refusal(&standalone(&server.address())).await;

    let is_it =
        matches!(refusal, OpenRedisError::Foreign { .. } | OpenRedisError::Unreachable { .. });
    assert!(is_it, "{refusal}");
}

#[tokio::test]
async fn authorities_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("none.pem"), folder.path().join("empty.pem"));
    std::fs::write(&empty, "").unwrap();

    for path in [missing, empty] {
        let settings = RedisSettings { tls: Some(trusting(path)), ..standalone("127.0.0.1:1") };

        let refusal = refusal(&settings).await;

        assert!(matches!(refusal, OpenRedisError::Authorities(_)), "{refusal}");
    }
}

#[tokio::test]
async fn an_address_that_is_none() {
    let refusal = refusal(&standalone("redis.example")).await;

    assert_eq!(refusal, OpenRedisError::Address("redis.example".to_owned()));
}
