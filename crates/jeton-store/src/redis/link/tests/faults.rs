use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton::SubjectKey;
use redis::{Value, cmd};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::proxy::{Fault, Proxy};
use super::servers::{Redis, pause};
use super::{PATIENCE, open, standalone};
use crate::redis::bucket::Bucket;
use crate::redis::link::Link;
use crate::redis::settings::RedisSettings;

/// A deadline that a healthy server keeps, and a test can wait for.
const DEADLINE: Duration = Duration::from_millis(400);

fn bucket() -> Bucket {
    Bucket::of(SubjectKey::of("alice"))
}

async fn over(proxy: &Proxy, deadline: Duration) -> Link {
    open(&RedisSettings { deadline, ..standalone(&proxy.address()) }).await
}

/// A count that goes round, so that calls end at different places.
#[derive(Default)]
struct Nonces(AtomicU64);

impl Nonces {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// C1: calls are cancelled, and time out, wherever they are; what is answered is one's own answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_goes_to_whom_it_belongs() {
    const CALLS: u64 = 20_000;
    let server = Redis::start();
    let proxy = Arc::new(Proxy::to(server.port));
    let link = over(&proxy, Duration::from_millis(30)).await;
    let nonces = Arc::new(Nonces::default());
    let (answered, cancelled, failed) = (Nonces::default(), Nonces::default(), Nonces::default());
    let counts = Arc::new([answered, cancelled, failed]);

    let mut callers = JoinSet::new();
    for _ in 0..32 {
        let (link, nonces, counts) = (link.clone(), Arc::clone(&nonces), Arc::clone(&counts));
        callers.spawn(async move {
            loop {
                let nonce = nonces.next();
                if nonce >= CALLS {
                    return;
                }
                let mut echo = cmd("ECHO");
                echo.arg(nonce);
                let answer = tokio::select! {
                    answer = link.ask(bucket(), &echo) => Some(answer),
                    () = yields(nonce % 37) => None,
                };
                let what = match answer {
                    Some(Ok(answer)) => {
                        assert_eq!(answer, Value::BulkString(nonce.to_string().into_bytes()));
                        0
                    }
                    None => 1,
                    Some(Err(_)) => 2,
                };
                counts[what].next();
            }
        });
    }
    let trouble = tokio::task::spawn_blocking({
        let (proxy, nonces) = (Arc::clone(&proxy), Arc::clone(&nonces));
        move || {
            let faults =
                [Fault::Late(Duration::from_millis(20)), Fault::SwallowAnswers, Fault::Cut];
            for fault in faults.into_iter().cycle() {
                if nonces.0.load(Ordering::Relaxed) >= CALLS {
                    return;
                }
                proxy.set(fault);
                pause(Duration::from_millis(60));
                proxy.set(Fault::None);
                pause(Duration::from_millis(60));
            }
        }
    });
    while let Some(ended) = callers.join_next().await {
        ended.unwrap();
    }
    trouble.await.unwrap();

    let counts = [0, 1, 2].map(|what: usize| counts[what].0.load(Ordering::Relaxed));
    assert!(counts.iter().all(|count| *count > 0), "answered, cancelled, failed: {counts:?}");
}

/// Gives others their turn so many times; for ever if that is none.
async fn yields(count: u64) {
    if count == 0 {
        std::future::pending::<()>().await;
    }
    for _ in 0..count * 4 {
        tokio::task::yield_now().await;
    }
}

/// C1, C4: whatever the network swallows, a call ends within its deadline, and its connection is used
/// by nobody again.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_within_its_deadline_whatever_the_network_does() {
    let server = Redis::start();
    let proxy = Proxy::to(server.port);
    let link = over(&proxy, DEADLINE).await;

    for fault in [Fault::Swallow, Fault::SwallowAnswers, Fault::SwallowQuestions, Fault::Cut] {
        let before = proxy.connections();
        proxy.set(fault);
        let start = Instant::now();
        let answer = link.ask(bucket(), cmd("ECHO").arg("lost")).await;
        assert!(answer.is_err(), "{fault:?}");
        assert!(start.elapsed() < PATIENCE, "{fault:?}");

        proxy.set(Fault::None);
        let start = Instant::now();
        while link.ask(bucket(), cmd("ECHO").arg("back")).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "{fault:?}");
        }
        assert!(proxy.connections() > before, "{fault:?}: the same connection");
    }
}

/// C1: what may have run is not sent again.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_an_answer_is_sent_once() {
    let server = Redis::start();
    let proxy = Proxy::to(server.port);
    let link = over(&proxy, DEADLINE).await;

    proxy.set(Fault::LoseAnswer);
    let unknown = link.ask(bucket(), cmd("INCR").arg("jeton:n")).await;
    let next = link.ask(bucket(), &cmd("ROLE")).await;

    assert!(unknown.is_err());
    assert!(next.is_ok(), "on another connection, at once: {next:?}");
    assert_eq!(server.cli(&["GET", "jeton:n"]), "1");
}

/// C4: a reader behind a network that swallows ends, and the next one has what was written meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_ends_behind_a_network_that_swallows_and_the_next_goes_on() {
    let server = Redis::start();
    let proxy = Proxy::to(server.port);
    let link = over(&proxy, DEADLINE).await;
    let block = Duration::from_millis(200);
    let mut read = cmd("XREAD");
    read.arg("BLOCK").arg(200).arg("STREAMS").arg("jeton:r").arg("1-0");

    let mut first = link.blocking(bucket()).await.unwrap();
    let nothing = first.read(&read, block).await;
    proxy.set(Fault::Swallow);
    server.cli(&["XADD", "jeton:r", "1-1", "r", "x"]);
    let start = Instant::now();
    let swallowed = first.read(&read, block).await;
    let took = start.elapsed();
    let again = first.read(&read, block).await;
    proxy.set(Fault::None);
    let mut second = link.blocking(bucket()).await.unwrap();
    let resumed = second.read(&read, block).await.unwrap();

    assert_eq!(nothing, Ok(Value::Nil));
    assert!(swallowed.is_err() && took < PATIENCE);
    assert!(again.is_err(), "it has ended");
    assert!(format!("{resumed:?}").contains("1-1"), "{resumed:?}");
}

/// C4: a process that hangs is like a network that swallows.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_left_and_found_again() {
    let server = Redis::start();
    let link = open(&RedisSettings { deadline: DEADLINE, ..standalone(&server.address()) }).await;

    server.freeze();
    let hanging = link.ask(bucket(), cmd("ECHO").arg("x")).await;
    server.thaw();

    assert!(hanging.is_err());
    let start = Instant::now();
    while link.ask(bucket(), cmd("ECHO").arg("x")).await.is_err() {
        assert!(start.elapsed() < PATIENCE);
    }
}
