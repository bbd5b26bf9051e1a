//! A gateway that runs: started by the test, in a folder of its own, and stopped with it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

use crate::client::Client;
use crate::service::eventually;

/// What to do about a gateway that is not there.
const INSTALL: &str = "apt-get install nginx-light caddy";

/// A gateway that answers.
pub(super) struct Gateway {
    process: Child,
    folder: TempDir,
    pub(super) address: SocketAddr,
    pub(super) http: Client,
}

impl Gateway {
    /// Starts what `command` makes of a folder, and waits until it listens here.
    pub(super) fn start(
        folder: TempDir,
        address: SocketAddr,
        command: impl FnOnce(&Path) -> Command,
    ) -> Self {
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let mut command = command(folder.path());
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = command.spawn().unwrap();
        let mut gateway = Self { process, folder, address, http: Client::new(address) };
        eventually("the gateway listens", || {
            let ended = gateway.process.try_wait().unwrap();
            assert!(ended.is_none(), "the gateway ended at once: {}", gateway.log());
            TcpStream::connect(address).is_ok()
        });
        gateway
    }

    /// What it has complained about.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Either may find that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where this program is.
#[track_caller]
pub(super) fn find(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    // Where Debian keeps servers, which is not on everybody's path.
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{program} is not installed; on Debian: `{INSTALL}`"))
}

/// An address that nobody listens at.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A file of `deploy/`, as it is delivered.
pub(super) fn delivered(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

/// A file of `deploy/` with other addresses in it. Each stands there just once.
pub(super) fn adapted(name: &str, addresses: &[(&str, SocketAddr)]) -> String {
    let mut text = fs::read_to_string(delivered(name)).unwrap();
    for (written, address) in addresses {
        assert_eq!(text.matches(written).count(), 1, "{name}: {written}");
        text = text.replace(written, &address.to_string());
    }
    text
}
