//! The dependency graph as cargo resolved it, reduced to the edges the walls are about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::process;
use crate::workspace::Workspace;

/// One crate depends on another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
}

/// The crates of `crates/` and what they depend on.
#[derive(Debug)]
pub(super) struct Graph {
    /// Edges from a crate of ours to another package of this workspace.
    pub(super) direct: Vec<Edge>,
    /// Edges from a crate of ours to everything below it.
    pub(super) reached: Vec<Edge>,
    /// The manifests of all packages of the workspace.
    pub(super) manifests: Vec<PathBuf>,
}

impl Graph {
    /// Asks cargo, with the lock file as it is.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let mut command = workspace.cargo(["metadata", "--format-version", "1", "--locked"]);
        let answer = process::output(&mut command)?;
        let metadata: Metadata =
            serde_json::from_slice(&answer).context("cannot read `cargo metadata`")?;
        Ok(metadata.into_graph(workspace))
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// Absent for a normal dependency, else `build` or `dev`.
    kind: Option<String>,
}

impl Metadata {
    fn into_graph(self, workspace: &Workspace) -> Graph {
        let members: BTreeSet<&str> = self.workspace_members.iter().map(String::as_str).collect();
        let packages: BTreeMap<&str, &Package> =
            self.packages.iter().map(|package| (package.id.as_str(), package)).collect();
        let uses: BTreeMap<&str, Vec<&str>> = self
            .resolve
            .nodes
            .iter()
            .map(|node| {
                (node.id.as_str(), node.deps.iter().filter_map(Dependency::shipped).collect())
            })
            .collect();
        let edge = |from: &Package, to: &str| {
            let to = packages.get(to)?;
            Some(Edge { from: from.name.clone(), to: to.name.clone() })
        };

        let crates = workspace.root.join("crates");
        let mut graph = Graph { direct: Vec::new(), reached: Vec::new(), manifests: Vec::new() };
        for package in members.iter().filter_map(|id| packages.get(id)) {
            graph.manifests.push(package.manifest_path.clone());
            if package.manifest_path.starts_with(&crates) {
                let direct = uses.get(package.id.as_str()).into_iter().flatten();
                let direct = direct.filter(|id| members.contains(*id));
                graph.direct.extend(direct.filter_map(|id| edge(package, id)));
                let reached = everything_below(&package.id, &uses);
                graph.reached.extend(reached.iter().filter_map(|id| edge(package, id)));
            }
        }
        graph
    }
}

impl Dependency {
    /// The package, unless only tests use it.
    fn shipped(&self) -> Option<&str> {
        let ships = self.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
        ships.then_some(self.pkg.as_str())
    }
}

fn everything_below<'a>(
    start: &'a str,
    uses: &BTreeMap<&'a str, Vec<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(next) = waiting.pop() {
        for id in uses.get(next).into_iter().flatten() {
            if reached.insert(*id) {
                waiting.push(id);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_found_however_deep() {
        let uses = BTreeMap::from([
            ("jeton", vec!["cache"]),
            ("cache", vec!["timers", "cache"]),
            ("timers", vec!["tokio"]),
            ("unrelated", vec!["http"]),
        ]);

        let below = everything_below("jeton", &uses);

        assert_eq!(below, BTreeSet::from(["cache", "timers", "tokio"]));
    }

    #[test]
    fn what_only_tests_use_is_no_edge() {
        let kinds = |json: &str| -> Dependency { serde_json::from_str(json).unwrap() };

        let test_only = kinds(r#"{"pkg":"proptest","dep_kinds":[{"kind":"dev"}]}"#);
        let both = kinds(r#"{"pkg":"tokio","dep_kinds":[{"kind":"dev"},{"kind":null}]}"#);

        assert_eq!(test_only.shipped(), None);
        assert_eq!(both.shipped(), Some("tokio"));
    }
}
