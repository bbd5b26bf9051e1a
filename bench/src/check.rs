//! `/v1/check` of the real binary beside a bare axum hello, under the same load generator.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::rounds::{ROUNDS, ratio, spread};
use crate::service::{Server, build};

/// Tokens in use at a time; one alone would flatter every cache there is.
const TOKENS: usize = 256;

const ACCOUNTS: usize = 4;

pub fn run(jeton: Option<PathBuf>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let jeton = jeton.map_or_else(build, Ok)?;
    let data = folder.path().join("data");
    for account in 0..ACCOUNTS {
        add_account(&jeton, &data, account)?;
    }
    let mut serve = Command::new(&jeton);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let ours = Server::start(&mut serve)?;
    let theirs = Server::start(Command::new(std::env::current_exe()?).arg("hello"))?;
    let script = load_script(folder.path(), &ours.url)?;

    let (mut checks, mut hellos) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        checks.push(load(&ours.url, &script)?);
        hellos.push(load(&theirs.url, &script)?);
    }
    println!("requests per second, {ROUNDS} rounds of 5 s, wrk -t1 -c64, {TOKENS} tokens in turn");
    println!("/v1/check   {}", spread(&checks));
    println!("axum hello  {}", spread(&hellos));
    println!("ratio       {:.2}", ratio(&checks, &hellos));
    Ok(())
}

fn add_account(jeton: &Path, data: &Path, account: usize) -> anyhow::Result<()> {
    let mut add = Command::new(jeton);
    add.args(["account", "add", &format!("bench{account}"), "--password-stdin", "--data"])
        .arg(data);
    let mut child = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    child.stdin.take().context("no input")?.write_all(b"correct horse battery\n")?;
    ensure!(child.wait()?.success(), "jeton account add failed");
    Ok(())
}

/// Logs in, and writes the script that has wrk send one token after the other.
fn load_script(folder: &Path, url: &str) -> anyhow::Result<PathBuf> {
    let mut tokens = String::new();
    for n in 0..TOKENS {
        let account = format!("bench{}", n % ACCOUNTS);
        let ask = json!({ "account": account, "password": "correct horse battery" });
        let mut answer = ureq::post(format!("{url}/v1/login")).send_json(ask)?;
        let answer: Value = answer.body_mut().read_json()?;
        let token = answer["data"]["access_token"].as_str().context("no token")?;
        tokens.push_str(&format!("{token:?},\n"));
    }
    let script = format!(
        "local tokens = {{\n{tokens}}}\nlocal requests, n = {{}}, 0\n\
         init = function() for i, t in ipairs(tokens) do \
         requests[i] = wrk.format('GET', '/v1/check', {{authorization = 'Bearer ' .. t}}) end end\n\
         request = function() n = n % #requests + 1 return requests[n] end\n"
    );
    let path = folder.join("load.lua");
    fs::write(&path, script)?;
    Ok(path)
}

fn load(url: &str, script: &Path) -> anyhow::Result<f64> {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "-c64", "-d5s", "-s"]).arg(script).arg(url);
    let output = wrk.output().context("wrk is missing: apt-get install wrk")?;
    let text = String::from_utf8(output.stdout)?;
    ensure!(!text.contains("Non-2xx"), "refused: {text}");
    let line = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(line.context("no figure from wrk")?.trim().parse()?)
}
