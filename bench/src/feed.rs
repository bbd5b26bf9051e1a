//! How soon a revocation reaches everybody, with the real binary and real subscribers.
//!
//! The verifiers share this process, and this machine with the service: on two cores most of the
//! delay to the last of a thousand is the work of a thousand.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, thread};

use anyhow::{Context as _, ensure};
use jeton::{Guard, Policy};
use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::rounds::{at, median};
use crate::service::{Server, build, memory_of};

/// How many ask for recalls at a time.
const CALLERS: usize = 32;

/// How much of everything.
pub struct Load {
    pub verifiers: usize,
    pub revocations: usize,
    pub seconds: u64,
}

/// A client of the service: what it is called, and its secret.
pub struct Client {
    secret: String,
}

/// A service with one client, which may do everything.
pub fn start(jeton: &Path, folder: &Path) -> anyhow::Result<(Server, Client)> {
    let (client, table) = client(jeton)?;
    let config = folder.join("jeton.toml");
    fs::write(&config, table)?;
    let mut serve = Command::new(jeton);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.join("data"));
    let server = Server::start(serve.arg("--config").arg(config))?;
    Ok((server, client))
}

/// A client that may do everything, and what the settings say of it.
pub fn client(jeton: &Path) -> anyhow::Result<(Client, String)> {
    let made = Command::new(jeton).args(["client", "secret", "--json"]).output()?;
    let made: Value = serde_json::from_slice(&made.stdout)?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).context("no secret");
    let (secret, hash) = (text("secret")?, text("hash")?);
    let table = format!(
        "[[clients]]\nid = \"bench\"\nsecret_hashes = [{hash:?}]\n\
         scopes = [\"revocations:read\", \"sessions:manage\"]\n"
    );
    Ok((Client { secret }, table))
}

impl Client {
    /// A subscriber of this client's.
    pub fn subscribe(&self, url: &str, name: String) -> anyhow::Result<Subscriber> {
        let credentials = Credentials::client("bench", &self.secret);
        let settings = Settings::new(url, credentials, || SystemTime::now().into());
        Ok(Subscriber::start(settings.with_name(name))?)
    }

    /// An access token of its own.
    pub fn token(&self, url: &str) -> anyhow::Result<String> {
        let mut answer = ureq::post(format!("{url}/oauth2/token")).send_form([
            ("grant_type", "client_credentials"),
            ("client_id", "bench"),
            ("client_secret", &self.secret),
        ])?;
        let answer: Value = answer.body_mut().read_json()?;
        Ok(answer["access_token"].as_str().context("no token")?.to_owned())
    }
}

pub fn run(jeton: Option<PathBuf>, load: Load) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let jeton = jeton.map_or_else(build, Ok)?;
    let (server, client) = start(&jeton, folder.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(&server, &client, &load))
}

async fn measure(server: &Server, client: &Client, load: &Load) -> anyhow::Result<()> {
    let bearer = format!("Bearer {}", client.token(&server.url)?);
    let (before, own_before) = (server.memory()?, memory_of(std::process::id())?);
    let start = Instant::now();
    let subscribers = (0..load.verifiers)
        .map(|number| client.subscribe(&server.url, format!("verifier-{number}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    for subscriber in &subscribers {
        subscriber.wait_ready(Duration::from_secs(60)).await?;
    }
    println!("{} verifiers fresh after {:.2} s", load.verifiers, start.elapsed().as_secs_f64());
    let each = |bytes: f64| bytes / 1024.0 / load.verifiers as f64;
    println!(
        "memory a verifier, KiB: service {:.1}, subscriber {:.1}",
        each(server.memory()? - before),
        each(memory_of(std::process::id())? - own_before)
    );
    let policy = || Policy::access_token("http://localhost:8080", "api");
    let guards: Vec<Arc<Guard>> = subscribers.iter().map(|s| s.guard(policy())).collect();

    let (mut all, mut slowest) = (Vec::new(), Vec::new());
    for number in 0..load.revocations {
        let delays = revoke_one(&server.url, &bearer, &guards, number).await?;
        slowest.push(delays.iter().copied().fold(0.0, f64::max));
        all.extend(delays);
    }
    all.sort_by(f64::total_cmp);
    let at = |share: f64| at(&all, share);
    println!("from the 200 of the revocation to the refusal, ms, {} of them:", load.revocations);
    println!("  each verifier  p50 {:.2}  p99 {:.2}  max {:.2}", at(0.5), at(0.99), at(1.0));
    println!("  the last one   p50 {:.2}", median(slowest));
    sustain(server, &bearer, &subscribers, load.seconds)
}

/// Ends a session; answers after how many milliseconds each of them refused.
async fn revoke_one(
    url: &str,
    bearer: &str,
    guards: &[Arc<Guard>],
    number: usize,
) -> anyhow::Result<Vec<f64>> {
    let path = format!("{url}/admin/v1/subjects/user{number}/sessions");
    let mut opened = ureq::post(path).header("authorization", bearer).send_json(json!({}))?;
    let opened: Value = opened.body_mut().read_json()?;
    let text = |name: &str| opened["data"][name].as_str().context("no pair");
    let (token, session) = (text("access_token")?.to_owned(), text("session")?.to_owned());
    let (refused, mut refusals) = mpsc::unbounded_channel();
    let now = jeton::Moment::new(SystemTime::now().into(), Instant::now());
    for guard in guards {
        let identity = guard.check(&token, now).map_err(anyhow::Error::from)?;
        let (ending, refused) = (guard.ending(&identity), refused.clone());
        tokio::spawn(async move {
            ending.await;
            let _ = refused.send(Instant::now());
        });
    }
    let (path, bearer) = (format!("{url}/admin/v1/sessions/{session}"), bearer.to_owned());
    let answered = tokio::task::spawn_blocking(move || {
        let answer = ureq::delete(path).header("authorization", bearer).call()?;
        ensure!(answer.status() == 200, "not revoked");
        Ok(Instant::now())
    });
    let answered = answered.await??;
    let mut delays = Vec::with_capacity(guards.len());
    while delays.len() < guards.len() {
        let at = refusals.recv().await.context("nobody refuses")?;
        delays.push(at.saturating_duration_since(answered).as_secs_f64() * 1_000.0);
    }
    Ok(delays)
}

/// Recalls as many subjects as the service takes, and waits until everybody knows.
fn sustain(
    server: &Server,
    bearer: &str,
    subscribers: &[Subscriber],
    seconds: u64,
) -> anyhow::Result<()> {
    let known = subscribers.first().map_or(0, |s| s.list().len());
    let (start, count) = (Instant::now(), AtomicUsize::new(0));
    let end = start + Duration::from_secs(seconds);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let count = &count;
                scope.spawn(move || -> anyhow::Result<()> {
                    let agent = ureq::Agent::new_with_defaults();
                    while Instant::now() < end {
                        let number = count.fetch_add(1, Ordering::Relaxed);
                        let path =
                            format!("{}/admin/v1/subjects/r{caller}-{number}/recall", server.url);
                        let recall = agent.post(path).header("authorization", bearer);
                        ensure!(recall.send_json(json!({}))?.status() == 200, "not recalled");
                    }
                    Ok(())
                })
            })
            .collect();
        callers.into_iter().try_for_each(|caller| caller.join().expect("it does not panic"))
    })?;
    let took = start.elapsed().as_secs_f64();
    let (recalls, last) = (count.load(Ordering::Relaxed), Instant::now());
    while subscribers.iter().any(|s| s.list().len() < known + recalls) {
        ensure!(last.elapsed() < Duration::from_secs(60), "somebody never hears of them");
        thread::sleep(Duration::from_millis(1));
    }
    println!(
        "sustained: {:.0} revocations/s for {took:.0} s; {:.1} ms after the last, everybody knew all",
        recalls as f64 / took,
        last.elapsed().as_secs_f64() * 1_000.0
    );
    Ok(())
}
