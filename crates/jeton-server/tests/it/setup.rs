//! Before a service starts: a folder, settings, accounts, and the command line.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{self, Command, Stdio};

use jeton_server::clients::ClientSecret;
use tempfile::TempDir;

use crate::service::Service;

/// The account that every [`Setup::new`] has.
pub(crate) const ALICE: &str = "alice";
/// Her password.
pub(crate) const PASSWORD: &str = "a walk in the park at noon";

/// What a service is started with, as often as a test likes. Deleted at the end.
pub(crate) struct Setup {
    folder: TempDir,
    settings: Vec<(String, String)>,
    listen: String,
}

/// The secret of a client of [`Setup::with_client`].
pub(crate) fn secret_of(id: &str) -> String {
    ClientSecret::from_bytes(secret_bytes(id)).expose().to_owned()
}

fn secret_bytes(id: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(id.bytes()).for_each(|(byte, letter)| *byte = letter);
    bytes
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Setup {
    /// An empty folder and no settings.
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            settings: Vec::new(),
            listen: "127.0.0.1:0".to_owned(),
        }
    }

    /// With one account: [`ALICE`].
    pub(crate) fn new() -> Self {
        let setup = Self::empty();
        setup.add_account(ALICE, PASSWORD);
        setup
    }

    /// With a setting, named as in the environment but for `JETON_`.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let setting = (format!("JETON_{name}"), value.to_owned());
        self.settings.push(setting);
        self
    }

    /// With a client that may ask for these scopes. Its secret is [`secret_of`] its name.
    pub(crate) fn with_client(self, id: &str, scopes: &[&str]) -> Self {
        let hash = ClientSecret::from_bytes(secret_bytes(id)).hash();
        let client = format!(
            "\n[[clients]]\nid = {id:?}\nsecret_hashes = [\"{hash}\"]\nscopes = {scopes:?}\n"
        );
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(self.path("jeton.toml"));
        file.unwrap().write_all(client.as_bytes()).unwrap();
        self
    }

    /// With the same port at every start. It lies below those that the system hands out by itself,
    /// so that nobody takes it between two starts.
    pub(crate) fn with_fixed_port(mut self) -> Self {
        let first = 20_000 + u16::try_from(process::id() % 12_000).unwrap();
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = (first..32_500).find(is_free).unwrap();
        self.listen = format!("127.0.0.1:{port}");
        self
    }

    /// The working directory of every command.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The program with these arguments and settings, and none of this process's.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jeton"));
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("JETON_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.settings.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end, with this on its standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).spawn().unwrap();
        // A command that refuses at once does not read; its exit code says why.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Adds an account, whether or not a service is running; answers its subject.
    pub(crate) fn add_account(&self, name: &str, password: &str) -> String {
        let added = self.run(&["account", "add", name, "--password-stdin"], password);
        assert_eq!(added.code, Some(0), "{added:?}");
        let (_, subject) = added.output.trim().rsplit_once(' ').unwrap();
        subject.to_owned()
    }

    /// The command that [`start`](Self::start) runs.
    pub(crate) fn serve(&self) -> Command {
        self.command(&["serve", "--listen", &self.listen])
    }

    /// Starts the service and waits until it listens.
    pub(crate) fn start(&self) -> Service {
        Service::spawn(&mut self.serve())
    }
}
