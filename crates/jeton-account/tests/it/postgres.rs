//! A PostgreSQL of the test's own: real, on a folder of its own, ended with the test.
//!
//! Making a server takes seconds, so one is made once and kept beside the build; each test copies it.
//! It sorts names as people do, not by bytes, and has the user and the database `jeton`. It never
//! syncs: what a test kills is the process, not the machine.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What to do about a server that is not there.
const INSTALL: &str = "apt-get install postgresql";

/// How long to wait for the server.
const PATIENCE: Duration = Duration::from_mins(1);

/// The password of the user `jeton`, where one is asked for.
pub(crate) const PASSWORD: &str = "an elephant never forgets";

/// A server that answers. Ended when dropped.
pub(crate) struct Postgres {
    process: Option<Child>,
    folder: TempDir,
    port: u16,
    options: Vec<String>,
}

impl Postgres {
    /// Starts one on a Unix socket, without a network.
    pub(crate) fn start() -> Self {
        Self::start_with(5432, &["listen_addresses="])
    }

    /// Starts one on a port of the loopback with these files for TLS, and no plain connections.
    pub(crate) fn start_with_tls(certificate: &str, key: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = Self::copied(free, &["listen_addresses=127.0.0.1", "ssl=on"]);
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            fs::write(postgres.data().join(name), text).unwrap();
        }
        run(Command::new("chmod").arg("600").arg(postgres.data().join("server.key")));
        postgres.let_in("local all all trust\nhostssl all jeton 127.0.0.1/32 scram-sha-256\n");
        give_away(postgres.folder.path());
        postgres.resume();
        postgres
    }

    /// Starts one with these options.
    pub(crate) fn start_with(port: u16, options: &[&str]) -> Self {
        let mut postgres = Self::copied(port, options);
        postgres.resume();
        postgres
    }

    fn copied(port: u16, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        run(Command::new("cp").arg("-a").arg(template()).arg(folder.path().join("data")));
        give_away(folder.path());
        let options = options.iter().map(ToString::to_string).collect();
        Self { process: None, folder, port, options }
    }

    /// Starts it again where it was, and waits until it answers.
    pub(crate) fn resume(&mut self) {
        assert!(self.process.is_none(), "it runs");
        let log = File::create(self.folder.path().join("log")).unwrap();
        let mut command = unprivileged(&program("postgres"));
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder.path());
        command.args(["-p", &self.port.to_string(), "-F"]);
        for option in &self.options {
            command.args(["-c", option]);
        }
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = command.spawn().unwrap();
        let (start, mut ready) = (Instant::now(), Command::new(program("pg_isready")));
        ready.arg("-q").arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        while !ready.status().unwrap().success() {
            let ended = process.try_wait().unwrap();
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "no PostgreSQL: {}", log());
        }
        self.process = Some(process);
    }

    /// `kill -9`. Its children notice by themselves, and a new one waits for them.
    pub(crate) fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// A connection string for the user `jeton`, without its password.
    pub(crate) fn address(&self) -> String {
        self.address_of("jeton")
    }

    /// The same for another database.
    pub(crate) fn address_of(&self, database: &str) -> String {
        let (host, port) = (self.folder.path().display(), self.port);
        format!("host={host} port={port} user=jeton dbname={database}")
    }

    /// The port on the loopback, where there is one.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements as the superuser in the database `jeton`; answers what they print.
    pub(crate) fn sql(&self, sql: &str) -> String {
        let mut psql = Command::new(program("psql"));
        psql.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", "jeton", "-c", sql]);
        psql.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        let done = psql.output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{sql}: {errors}");
        String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
    }

    /// The superuser at a prompt.
    pub(crate) fn session(&self) -> Session {
        let mut psql = Command::new(program("psql"));
        psql.args(["-XAtq", "-U", "postgres", "-d", "jeton", "-h"]).arg(self.folder.path());
        psql.args(["-p", &self.port.to_string()]);
        let psql = psql.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = psql.spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Session { process, answers }
    }

    /// Says who is let in, and how: the lines of `pg_hba.conf`.
    pub(crate) fn let_in(&self, lines: &str) {
        fs::write(self.data().join("pg_hba.conf"), lines).unwrap();
        if self.process.is_some() {
            self.sql("SELECT pg_reload_conf()");
        }
    }

    /// Where its files are.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // At once, with all of its children; it may have ended already.
            let order = format!("kill -QUIT {}", process.id());
            let _ = Command::new("sh").args(["-c", &order]).stderr(Stdio::null()).status();
            let _ = process.wait();
        }
    }
}

/// A prompt that stays open, with its transaction.
pub(crate) struct Session {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Session {
    /// Types a line.
    pub(crate) fn send(&mut self, sql: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{sql}").unwrap();
    }

    /// Waits until it has answered this.
    pub(crate) fn wait_for(&mut self, answer: &str) {
        let mut line = String::new();
        while line.trim() != answer {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "never {answer:?}");
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server that was never started. Made by whoever needs it first.
fn template() -> PathBuf {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres-template-1");
    if !kept.is_dir() {
        let folder = tempfile::tempdir().unwrap();
        give_away(folder.path());
        let data = folder.path().join("data");
        let mut initdb = unprivileged(&program("initdb"));
        initdb.args(["-U", "postgres", "-A", "trust", "--no-sync", "--wal-segsize=1"]);
        initdb.args(["-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu"]);
        run(initdb.args(["--icu-locale=en-US", "-D"]).arg(&data));
        for sql in [
            format!("CREATE ROLE jeton LOGIN PASSWORD '{PASSWORD}'\n"),
            "CREATE DATABASE jeton OWNER jeton\n".to_owned(),
        ] {
            let statement = folder.path().join("statement");
            fs::write(&statement, sql).unwrap();
            let mut single = unprivileged(&program("postgres"));
            single.args(["--single", "-F", "-D"]).arg(&data).arg("postgres");
            run(single.stdin(File::open(statement).unwrap()));
        }
        // Others may be making theirs; the first to move it here wins.
        let mine = kept.with_extension(std::process::id().to_string());
        run(Command::new("cp").arg("-a").arg(&data).arg(&mine));
        if fs::rename(&mine, &kept).is_err() {
            fs::remove_dir_all(&mine).unwrap();
        }
    }
    kept
}

/// PostgreSQL refuses to be root, so root becomes somebody else. It ends with the test, however that
/// ends.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    // It wants to know where it is.
    command.arg("--").arg(program).current_dir("/");
    command
}

fn give_away(folder: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(folder));
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where the newest of these programs is.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin").join(name)))
        })
        .filter(|(_, program)| program.is_file())
        .collect();
    versions.sort();
    versions.pop().unwrap_or_else(|| panic!("{name} is missing: {INSTALL}")).1
}

#[track_caller]
fn run(command: &mut Command) {
    let done = command.output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {errors}");
}
