//! A Cluster of real servers.

use std::process::{Command, Output};

use super::servers::{Redis, free_ports, until};

/// Primaries, and a replica of each if asked for. A primary that does not answer is replaced after a
/// second.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Redis>,
}

impl Cluster {
    /// So many primaries.
    pub(crate) fn start(primaries: usize) -> Self {
        Self::with(primaries, 0, &[])
    }

    /// So many primaries, with so many replicas each, with these options.
    pub(crate) fn with(primaries: usize, replicas: usize, options: &[&str]) -> Self {
        let count = primaries * (1 + replicas);
        let nodes: Vec<_> = free_ports(count).iter().map(|bus| node(*bus, options)).collect();
        let (addresses, each): (Vec<_>, _) =
            (nodes.iter().map(Redis::address).collect(), replicas.to_string());
        let mut create = vec!["create"];
        create.extend(addresses.iter().map(String::as_str));
        create.extend(["--cluster-replicas", &each, "--cluster-yes"]);
        cluster(&create);
        let all = Self { nodes };
        all.wait(primaries, replicas);
        all
    }

    /// `host:port` of each node.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::address).collect()
    }

    /// Adds a node without slots.
    pub(crate) fn grow(&mut self) {
        let node = node(free_ports(1)[0], &[]);
        let (new, known) = (node.address(), self.nodes[0].address());
        let count = self.nodes.len() + 1;
        self.nodes.push(node);
        cluster(&["add-node", &new, &known]);
        until("every node knows the new one", || {
            self.all_say("cluster_known_nodes", count) && self.all_serve()
        });
    }

    /// Moves so many slots from one node to another.
    pub(crate) fn reshard(&self, from: usize, to: usize, slots: usize) {
        until("all nodes agree who has which slots", || {
            command(&["check", &self.nodes[from].address()]).status.success()
        });
        let id = |node: usize| self.nodes[node].cli(&["CLUSTER", "MYID"]);
        cluster(&[
            "reshard",
            &self.nodes[from].address(),
            "--cluster-from",
            &id(from),
            "--cluster-to",
            &id(to),
            "--cluster-slots",
            &slots.to_string(),
            "--cluster-yes",
        ]);
    }

    /// Moves the only key of a slot, and leaves the slot on its way.
    pub(crate) fn begin_to_move(&self, slot: u16, key: &str, from: usize, to: usize) {
        let [source, target] = [from, to].map(|node| &self.nodes[node]);
        let (slot, port) = (slot.to_string(), target.port.to_string());
        let id = |node: &Redis| node.cli(&["CLUSTER", "MYID"]);
        let set = |at: &Redis, state, other: &str| {
            assert_eq!(at.cli(&["CLUSTER", "SETSLOT", &slot, state, other]), "OK");
        };
        set(target, "IMPORTING", &id(source));
        set(source, "MIGRATING", &id(target));
        assert_eq!(source.cli(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]), "OK");
    }

    /// Which node has the slot, as this one sees it.
    pub(crate) fn owner(&self, slot: u16, asked: usize) -> Option<usize> {
        let nodes = self.nodes[asked].cli(&["CLUSTER", "NODES"]);
        let has = |line: &&str| {
            line.split_whitespace().skip(8).any(|range| {
                let (first, last) = range.split_once('-').unwrap_or((range, range));
                let bounds = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
                bounds.is_some_and(|(first, last)| first <= slot && slot <= last)
            })
        };
        let line = nodes.lines().find(has)?;
        let at = line.split_whitespace().nth(1)?.split('@').next()?.to_owned();
        self.nodes.iter().position(|node| node.address() == at)
    }

    fn wait(&self, primaries: usize, replicas: usize) {
        until("every node serves all slots", || {
            self.all_say("cluster_size", primaries) && self.all_serve()
        });
        until("every replica follows", || {
            let states =
                |node: &Redis| node.cli(&["INFO", "replication"]).matches("state=online").count();
            self.nodes.iter().map(states).sum::<usize>() == primaries * replicas
        });
    }

    fn all_serve(&self) -> bool {
        let is_up = |node: &Redis| node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok");
        self.nodes.iter().all(is_up)
    }

    fn all_say(&self, name: &str, value: usize) -> bool {
        let line = format!("{name}:{value}\r");
        self.nodes.iter().all(|node| node.cli(&["CLUSTER", "INFO"]).contains(&line))
    }
}

fn node(bus: u16, options: &[&str]) -> Redis {
    let bus = bus.to_string();
    let own =
        ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port", &bus];
    Redis::with(&[&own, options].concat())
}

fn cluster(arguments: &[&str]) {
    let output = command(arguments);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", said.lines().last().unwrap_or_default());
}

fn command(arguments: &[&str]) -> Output {
    Command::new("redis-cli").arg("--cluster").args(arguments).output().unwrap()
}
