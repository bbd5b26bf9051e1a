//! The real binary: built, started, watched and stopped.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

/// The binary of this checkout, as it is shipped.
pub fn build() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut build = Command::new("cargo");
    build.current_dir(&root).args([
        "build",
        "--quiet",
        "--profile",
        "dist",
        "--package",
        "jeton-server",
    ]);
    ensure!(build.status()?.success(), "cargo build failed");
    Ok(root.join("target/dist/jeton"))
}

/// Resident memory of a process, in bytes.
pub fn memory_of(process: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).context("no VmRSS")?;
    Ok(kilobytes.trim().parse::<f64>()? * 1024.0)
}

pub struct Server {
    child: Child,
    pub url: String,
}

impl Server {
    /// Starts a server and waits until it says where it listens.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        for line in BufReader::new(output).lines() {
            if let Some((_, url)) = line?.split_once("listens on ") {
                return Ok(Self { child, url: url.trim().to_owned() });
            }
        }
        anyhow::bail!("the server ended before it listened")
    }

    /// Resident memory, in bytes.
    pub fn memory(&self) -> anyhow::Result<f64> {
        memory_of(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
