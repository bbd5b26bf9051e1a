//! Redis and PostgreSQL, each with a folder and a port of its own, ended with the benchmark.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

/// Redis as `deploy/redis/redis.conf` has it.
pub struct Redis {
    child: Child,
    _folder: TempDir,
    pub port: u16,
}

impl Redis {
    pub fn start() -> anyhow::Result<Self> {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/redis/redis.conf");
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let mut command = Command::new("redis-server");
        command.arg(config).args(["--port", &port.to_string(), "--dir"]).arg(folder.path());
        let child = command.stdout(Stdio::null()).spawn().context("redis-server")?;
        let redis = Self { child, _folder: folder, port };
        until("Redis answers", || redis.ask(&["ping"]).is_ok_and(|answer| answer == "PONG"))?;
        Ok(redis)
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What redis-cli prints for a command.
    pub fn ask(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(words);
        let output = command.stderr(Stdio::null()).output().context("redis-cli")?;
        ensure!(output.status.success(), "redis-cli {words:?} failed");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// A line of INFO.
    pub fn info(&self, section: &str, name: &str) -> anyhow::Result<String> {
        let text = self.ask(&["info", section])?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        Ok(line.with_context(|| format!("no {name}"))?.trim().to_owned())
    }

    /// Bytes that it has given to its data and itself.
    pub fn memory(&self) -> anyhow::Result<f64> {
        Ok(self.info("memory", "used_memory")?.parse()?)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// PostgreSQL of whatever version there is.
pub struct Postgres {
    child: Child,
    _folder: TempDir,
    pub port: u16,
}

impl Postgres {
    pub fn start() -> anyhow::Result<Self> {
        let (folder, port, programs) = (tempfile::tempdir()?, free_port()?, programs()?);
        let data = folder.path().join("data");
        let owner = owner()?;
        if let Some(user) = owner {
            std::os::unix::fs::chown(folder.path(), Some(user), None)?;
        }
        let as_owner = |program: &str| {
            let mut command = Command::new(programs.join(program));
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
            // It refuses to be started by root.
            owner.map(|user| command.uid(user));
            command
        };
        let mut init = as_owner("initdb");
        init.args(["--auth=trust", "--no-sync", "--username=jeton", "--encoding=UTF8"]);
        ensure!(init.arg("--pgdata").arg(&data).status()?.success(), "initdb failed");
        let mut serve = as_owner("postgres");
        serve.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k"]).arg(folder.path());
        let child = serve.arg("-D").arg(&data).spawn()?;
        let postgres = Self { child, _folder: folder, port };
        let port = port.to_string();
        until("PostgreSQL answers", || {
            let mut ask = Command::new(programs.join("pg_isready"));
            ask.args(["--quiet", "--host", "127.0.0.1", "--port", &port]);
            ask.status().is_ok_and(|status| status.success())
        })?;
        Ok(postgres)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is the quick way to stop that leaves nothing behind.
        let process = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &process]).status();
        let _ = self.child.wait();
    }
}

/// The folder with the newest of PostgreSQL's programs.
fn programs() -> anyhow::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").context("apt-get install postgresql")?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.max().context("apt-get install postgresql")
}

/// Who runs PostgreSQL where we are root.
fn owner() -> anyhow::Result<Option<u32>> {
    let id = |arguments: &[&str]| -> anyhow::Result<u32> {
        let output = Command::new("id").args(arguments).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    };
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some(id(&["-u", "postgres"])?))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let start = Instant::now();
    while !is_so() {
        ensure!(start.elapsed() < Duration::from_secs(30), "not so after 30 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
