//! Everything fails at once: the networks in front of the nodes and behind them, the nodes, and
//! Redis. `JETON_CHAOS_SECONDS` says for how long.
//!
//! Backends open sessions at one node and users end them at another. Verifiers follow the feed of
//! whichever node they are led to, and are held to what they say of themselves: see `crate::chaos`.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::chaos::network::{Fault, Network, pause};
use crate::chaos::people::{self, Known, People, State};
use crate::chaos::time;
use crate::chaos::verifier::Verifier;
use crate::chaos::wire::{Trouble, Wire};
use crate::client::Client;
use crate::fleet::nodes::{BACKEND, Fleet, until_ready};
use crate::random::Random;
use crate::service::{Service, eventually};
use crate::setup::Setup;

const NODES: usize = 3;
const VERIFIERS: usize = 3;
const PEOPLE: usize = 2;

/// A node, and its wire to Redis.
struct Node {
    setup: Setup,
    wire: Wire,
    service: Option<Service>,
}

/// What can fail.
struct Scene {
    fleet: Fleet,
    nodes: Vec<Node>,
    networks: Vec<Arc<Network>>,
    random: Random,
}

impl Node {
    fn start(fleet: &Fleet) -> Self {
        let redis: SocketAddr = fleet.redis.address().parse().unwrap();
        let wire = Wire::to(redis);
        let setup = fleet.node().with("FLEET__REDIS", &wire.address.to_string());
        let service = Some(setup.start());
        Self { setup, wire, service }
    }

    fn service(&self) -> &Service {
        self.service.as_ref().unwrap()
    }
}

impl Scene {
    fn start() -> Self {
        // A node that starts while the machine is busy has to reach Redis within this.
        let fleet = Fleet::new().with("FLEET__DEADLINE", "2000").with("FEED__CANARY", "1");
        let nodes: Vec<Node> = (0..NODES).map(|_| Node::start(&fleet)).collect();
        for node in &nodes {
            until_ready(node.service());
        }
        let network =
            |number: usize| Arc::new(Network::to(nodes[number % NODES].service().address));
        let networks = (0..VERIFIERS).map(network).collect();
        Self { fleet, nodes, networks, random: Random::seeded(815) }
    }

    /// Something fails, for a while or for good.
    fn fail(&mut self, people: &People) {
        match self.random.below(9) {
            0..=2 => self.disturb_a_network(),
            3 | 4 => self.lead_elsewhere(),
            5 => self.disturb_a_wire(),
            6 => self.kill_a_node(people),
            7 => self.fail_redis(),
            _ => self.turn_redis_back(),
        }
    }

    fn disturb_a_network(&mut self) {
        let network = &self.networks[self.random.place(VERIFIERS)];
        let (fault, lasts) = Fault::any(&mut self.random);
        network.set(fault);
        pause(lasts);
        if self.random.below(2) == 0 {
            network.set(Fault::None);
        }
    }

    /// As a balancer does.
    fn lead_elsewhere(&mut self) {
        for network in &self.networks {
            let node = &self.nodes[self.random.place(NODES)];
            network.lead_to(node.service().address);
        }
        pause(Duration::from_millis(self.random.below(500)));
    }

    fn disturb_a_wire(&mut self) {
        let wire = &self.nodes[self.random.place(NODES)].wire;
        wire.set(Trouble::any(&mut self.random));
        pause(Duration::from_millis(200 + self.random.below(2_500)));
        wire.set(Trouble::None);
    }

    fn kill_a_node(&mut self, people: &People) {
        let number = self.random.place(NODES);
        let node = &mut self.nodes[number];
        let old = node.service().address;
        node.service.take().unwrap().kill();
        pause(Duration::from_millis(self.random.below(1_500)));
        let service = node.service.insert(node.setup.start());
        people.find(number, service.http.clone());
        let led_there = self.networks.iter().filter(|network| network.leads_to() == old);
        led_there.for_each(|network| network.lead_to(service.address));
    }

    /// What it has acknowledged for a while is lost, as when a replica is promoted that lags.
    fn turn_redis_back(&mut self) {
        let kept = tempfile::tempdir().unwrap();
        let data = self.fleet.redis.folder.path().join("appendonlydir");
        copy(&data, kept.path());
        pause(Duration::from_millis(300 + self.random.below(1_200)));
        self.fleet.redis.kill();
        copy(kept.path(), &data);
        self.fleet.redis.restart();
    }

    fn fail_redis(&mut self) {
        let lasts = Duration::from_millis(self.random.below(2_000));
        if self.random.below(2) == 0 {
            self.fleet.redis.freeze();
            pause(lasts);
            self.fleet.redis.thaw();
        } else {
            self.fleet.redis.kill();
            pause(lasts);
            self.fleet.redis.restart();
        }
    }
}

/// Copies a folder into another one, and what is there already goes.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A session that a backend opens.
fn by_a_backend(http: &Client) -> Option<String> {
    let form = [("grant_type", "client_credentials"), ("scope", "sessions:manage")];
    let answer = http.post("/oauth2/token").client(BACKEND).form(&form).try_send().ok()?;
    let token = answer.json()["access_token"].as_str()?.to_owned();
    let open = http.post("/admin/v1/subjects/alice/sessions").bearer(&token);
    people::token(open.json(&serde_json::json!({})))
}

/// INV1, INV5, INV9, T7: whatever fails, nobody who calls himself fresh accepts what was revoked, and at
/// last everybody refuses it.
#[test]
fn nothing_revoked_anywhere_is_accepted_by_a_verifier_that_calls_itself_fresh() {
    let mut scene = Scene::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let addresses: Vec<SocketAddr> = scene.networks.iter().map(|network| network.address).collect();
    let start = |address: &SocketAddr| Verifier::start(&runtime, *address);
    let verifiers: Vec<Verifier> = addresses.iter().map(start).collect();
    for verifier in &verifiers {
        eventually("fresh at first", || verifier.is_fresh());
    }
    let services: Vec<Client> =
        scene.nodes.iter().map(|node| node.service().http.clone()).collect();
    let (people, is_over) = (People::new(services, by_a_backend), AtomicBool::new(false));

    thread::scope(|scope| {
        for number in 0..PEOPLE {
            let (people, is_over) = (&people, &is_over);
            scope.spawn(move || people.come_and_go(number, is_over));
        }
        for (verifier, network) in verifiers.iter().zip(&scene.networks) {
            let (people, is_over, network) = (&people, &is_over, Arc::clone(network));
            scope.spawn(move || verifier.judge_until(is_over, people, &network));
        }
        let begun = Instant::now();
        while begun.elapsed() < time() {
            scene.fail(&people);
        }
        is_over.store(true, Ordering::SeqCst);
    });

    scene.networks.iter().for_each(|network| network.set(Fault::None));
    for verifier in &verifiers {
        eventually("fresh at last", || verifier.is_fresh());
        people.assert_known_to(verifier);
    }
    let is_revoked = |known: &&(usize, Known)| matches!(known.1.state, State::Revoked(_));
    let tokens = people.tokens();
    for (_, known) in tokens.iter().filter(is_revoked) {
        for node in &scene.nodes {
            let http = &node.service().http;
            eventually("refused by every node", || http.me(&known.token).status == 401);
        }
    }
    let (revoked, judged): (usize, u64) =
        (people.revoked(), verifiers.iter().map(Verifier::judged).sum());
    println!("{revoked} revoked, {judged} judgements");
    assert!(revoked > 10 && judged > 1_000, "{revoked} revoked, {judged} judged");
}
