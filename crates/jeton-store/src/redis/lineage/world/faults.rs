//! What goes wrong, and when.

use jeton_session::Place;

use crate::redis::lineage::world::node::Node;
use crate::redis::lineage::world::primary::Primary;
use crate::redis::lineage::world::{Event, World};

/// A primary that has lost its replicas refuses writes after this long.
const LAG: u64 = 1_000;

#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The replica gets nothing more. The primary takes writes for a while.
    Cut,
    /// The primary is gone, or refuses writes and goes on to be read.
    Die {
        stays_readable: bool,
    },
    /// What the replica has is all there is.
    Promote,
    /// This node finds the new primary.
    Find(usize),
    Crash(usize),
    Start(usize),
    CutOff(usize),
    Heal(usize),
    Join,
    Hop,
}

impl World {
    /// One to three failovers, between them and around them everything else; then quiet.
    pub(super) fn plan_faults(&mut self) {
        // By then the first lineage is open. A fleet that loses its first second looks like one that
        // has lost everything.
        let mut at = 15_000 + self.random.below(3_000);
        for _ in 0..=self.random.below(3) {
            let lost = self.random.below(LAG);
            let died = at + lost;
            let promoted = at + LAG + self.random.below(3_000);
            let stays_readable = self.random.one_in(2);
            self.after(at, Event::Fault(Fault::Cut));
            self.after(died, Event::Fault(Fault::Die { stays_readable }));
            self.after(promoted, Event::Fault(Fault::Promote));
            at = promoted + if self.random.one_in(3) { 200 } else { 9_000 };
        }
        for _ in 0..self.random.below(4) {
            let (node, when) = (self.random.index(3), 10_000 + self.random.below(at));
            let back = when + self.random.below(15_000);
            let (gone, healed) = match self.random.below(2) {
                0 => (Fault::Crash(node), Fault::Start(node)),
                _ => (Fault::CutOff(node), Fault::Heal(node)),
            };
            self.after(when, Event::Fault(gone));
            self.after(back, Event::Fault(healed));
        }
        let joins = 10_000 + self.random.below(at);
        self.after(joins, Event::Fault(Fault::Join));
        for hop in 0..60 {
            self.after(hop * 1_000 + 37, Event::Fault(Fault::Hop));
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        match fault {
            Fault::Cut => self.replica = Some(self.servers[self.current].data.clone()),
            Fault::Die { stays_readable } => {
                let primary = &mut self.servers[self.current];
                primary.takes_writes = false;
                primary.lives = stays_readable;
            }
            Fault::Promote => self.promote(),
            Fault::Find(node) => self.nodes[node].server = self.current,
            Fault::Crash(node) => {
                self.nodes[node].crash(self.rules);
                self.becomes_absent(node);
            }
            Fault::Start(node) if !self.nodes[node].is_up => {
                self.nodes[node].is_up = true;
                self.nodes[node].server = self.current;
                let life = self.nodes[node].life;
                self.after(1, Event::Tick(node, life));
            }
            Fault::CutOff(node) => {
                self.nodes[node].is_reachable = false;
                self.becomes_absent(node);
            }
            Fault::Heal(node) => {
                self.nodes[node].is_reachable = true;
                let open = self.nodes[node].standing.open();
                if open.is_some() && open == self.servers[self.current].lineage() {
                    self.becomes_present(node);
                }
            }
            Fault::Join => {
                self.nodes.push(Node::at(self.current));
                self.after(1, Event::Tick(self.nodes.len() - 1, 0));
            }
            Fault::Hop => self.hop(),
            Fault::Start(_) => {}
        }
    }

    fn promote(&mut self) {
        let Some(data) = self.replica.take() else { return };
        let (skew, rules) = (1_000_000_000 + self.random.skew(), self.rules);
        let replid = self.servers.len() as u64 + 1;
        let primary = Primary { replid, skew, lives: true, takes_writes: true, data, rules };
        self.servers.push(primary);
        self.current = self.servers.len() - 1;
        for node in 0..self.nodes.len() {
            let delay = 1 + self.random.below(700);
            self.after(delay, Event::Fault(Fault::Find(node)));
        }
        self.recount();
    }

    /// A verifier goes to another node, with the cursor it has.
    fn hop(&mut self) {
        let here: Vec<_> = (0..self.nodes.len()).filter(|n| self.nodes[*n].is_here()).collect();
        let Some(node) = here.get(self.random.index(here.len())) else {
            return;
        };
        let at = &self.nodes[*node];
        let verifier = self.random.index(3);
        let after = Place::min(self.truth.verifiers[verifier].cursor, at.complete);
        self.truth.verifiers[verifier].come((*node, at.life), &at.log, after, at.complete);
    }
}
