//! Building the targets on stable Rust, and no C twice.
//!
//! Instrumentation is a matter of compiler flags: those of cargo-fuzz without a sanitizer, which
//! jeton, having no `unsafe`, would not profit from. They change every Rust crate, so these are
//! compiled apart, under `target/<host>`. The C of AWS-LC is not instrumented and takes longer
//! than everything else, so the library of the ordinary build is linked: cargo lets a build script
//! be replaced by what it would have said (the Cargo book, "Overriding build scripts").

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

const INSTRUMENTATION: [&str; 8] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    // Keeps comparisons apart, so that each half of `a && b` is seen to be reached.
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Ccodegen-units=1",
];

/// The package whose build script compiles AWS-LC.
const AWS_LC: &str = "aws-lc-sys";

/// Builds all targets and returns the folder with their programs.
pub(super) fn programs(workspace: &Workspace) -> Result<PathBuf> {
    let host = host(workspace)?;
    let mut command = workspace.cargo(["build", "--manifest-path", "fuzz/Cargo.toml"]);
    command.args(["--target", &host]).arg("--target-dir").arg(&workspace.target);
    for setting in aws_lc(workspace)?.settings(&host)? {
        command.arg("--config").arg(setting);
    }
    // What is set in the environment or a configuration would be instead of these, not beside.
    process::run(command.env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTATION.join("\u{1f}")))?;
    Ok(workspace.target.join(host).join("debug"))
}

/// The platform we are on, as rustc calls it.
fn host(workspace: &Workspace) -> Result<String> {
    let answer = process::output(workspace.command("rustc").arg("-vV"))?;
    let answer = String::from_utf8(answer)?;
    let host = answer.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.to_owned())
}

/// AWS-LC as the ordinary build has made it.
#[derive(Debug)]
struct AwsLc {
    /// The `links` of its package, under which cargo looks for a replacement.
    links: String,
    said: Said,
}

/// What cargo tells of a build script that has run.
#[derive(Debug, Deserialize)]
struct Said {
    package_id: String,
    linked_libs: Vec<String>,
    linked_paths: Vec<String>,
    cfgs: Vec<String>,
    out_dir: PathBuf,
}

impl AwsLc {
    /// Arguments of `--config` that replace the build script; lists of strings are written alike
    /// in JSON and in TOML.
    fn settings(&self, host: &str) -> Result<Vec<String>> {
        let Self { links, said } = self;
        let settings = [
            ("rustc-link-lib", serde_json::to_string(&said.linked_libs)?),
            ("rustc-link-search", serde_json::to_string(&said.linked_paths)?),
            ("rustc-cfg", serde_json::to_string(&said.cfgs)?),
            ("include", serde_json::to_string(&said.out_dir.join("include"))?),
        ];
        Ok(settings.map(|(key, value)| format!("target.{host}.{links}.{key}={value}")).into())
    }
}

/// Builds jeton, if it is not built yet, and asks cargo where its AWS-LC is.
fn aws_lc(workspace: &Workspace) -> Result<AwsLc> {
    let arguments = ["build", "--package", "jeton", "--message-format", "json-render-diagnostics"];
    let messages = process::output(&mut workspace.cargo(arguments))?;
    let messages = String::from_utf8(messages)?;
    let said = said_by(AWS_LC, &messages).context("jeton was built without AWS-LC")?;
    let links = links_of(workspace, &said.package_id)?;
    Ok(AwsLc { links, said })
}

fn said_by(package: &str, messages: &str) -> Option<Said> {
    let is_of_package = |said: &Said| said.package_id.contains(&format!("#{package}@"));
    messages.lines().filter_map(|line| serde_json::from_str(line).ok()).find(is_of_package)
}

fn links_of(workspace: &Workspace, package_id: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        id: String,
        links: Option<String>,
    }

    let mut command = workspace.cargo(["metadata", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_slice(&process::output(&mut command)?)
        .context("cannot read `cargo metadata`")?;
    let mut packages = metadata.packages.into_iter();
    let package = packages.find(|package| package.id == package_id);
    package.and_then(|package| package.links).context("AWS-LC's package links nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"{"reason":"compiler-artifact","package_id":"r#aws-lc-sys@0.47.0"}
{"reason":"build-script-executed","package_id":"r#aws-lc-rs@1.19.0","linked_libs":[],"linked_paths":[],"cfgs":[],"env":[],"out_dir":"/t/rs/out"}
{"reason":"build-script-executed","package_id":"r#aws-lc-sys@0.47.0","linked_libs":["static=crypto"],"linked_paths":["native=/t/out"],"cfgs":["universal"],"env":[],"out_dir":"/t/out"}
{"reason":"build-finished","success":true}"#;

    #[test]
    fn a_build_script_is_replaced_by_what_it_has_said() {
        let said = said_by(AWS_LC, MESSAGES).unwrap();
        let aws_lc = AwsLc { links: "aws_lc_0_47_0".to_owned(), said };

        let settings = aws_lc.settings("x86_64-unknown-linux-gnu").unwrap();

        let prefix = "target.x86_64-unknown-linux-gnu.aws_lc_0_47_0";
        assert_eq!(
            settings,
            [
                format!(r#"{prefix}.rustc-link-lib=["static=crypto"]"#),
                format!(r#"{prefix}.rustc-link-search=["native=/t/out"]"#),
                format!(r#"{prefix}.rustc-cfg=["universal"]"#),
                format!(r#"{prefix}.include="/t/out/include""#),
            ]
        );
    }

    #[test]
    fn without_its_build_script_there_is_nothing_to_replace() {
        assert!(said_by("libsqlite3-sys", MESSAGES).is_none());
    }
}
