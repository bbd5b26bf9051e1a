//! Everything between verifiers and their service fails, again and again, and the service is killed.
//! `JETON_CHAOS_SECONDS` says for how long.
//!
//! People log in and out; what the service has acknowledged is remembered with the moment. Verifiers
//! follow the feed, each through a network that cuts, swallows, delays, drops, doubles, swaps and
//! truncates. All the while each of them is asked about every token, and must never accept one that
//! was revoked before the moment as of which it calls itself complete.

pub(crate) mod network;
pub(crate) mod people;
pub(crate) mod verifier;
pub(crate) mod wire;

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use network::{Fault, Network};
use people::People;
use verifier::Verifier;

use crate::random::Random;
use crate::service::eventually;
use crate::setup::Setup;

/// How many verifiers follow the service.
const VERIFIERS: usize = 3;

/// How many log in and out at a time.
const PEOPLE: usize = 2;

/// The greatest staleness of the verifiers.
pub(crate) const MAX: Duration = Duration::from_millis(1_500);

pub(crate) fn time() -> Duration {
    let seconds = env::var_os("JETON_CHAOS_SECONDS");
    Duration::from_secs(seconds.map_or(8, |text| text.to_str().unwrap().parse().unwrap()))
}

/// INV1, INV5, INV9, T7
#[test]
fn nothing_revoked_is_accepted_by_a_verifier_that_calls_itself_fresh() {
    let setup = Setup::new().with_fixed_port().with_client("verifier", &["revocations:read"]);
    let service = setup.start();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let networks: Vec<Network> = (0..VERIFIERS).map(|_| Network::to(service.address)).collect();
    let verifiers: Vec<Verifier> =
        networks.iter().map(|network| Verifier::start(&runtime, network.address)).collect();
    let (people, is_over) =
        (People::new([service.http.clone()], people::with_a_password), AtomicBool::new(false));
    for verifier in &verifiers {
        eventually("fresh at first", || verifier.is_fresh());
    }

    let service = thread::scope(|scope| {
        for number in 0..PEOPLE {
            let (people, is_over) = (&people, &is_over);
            scope.spawn(move || people.come_and_go(number, is_over));
        }
        for (verifier, network) in verifiers.iter().zip(&networks) {
            let (people, is_over) = (&people, &is_over);
            scope.spawn(move || verifier.judge_until(is_over, people, network));
        }
        let (start, mut random) = (Instant::now(), Random::seeded(4711));
        let mut service = service;
        while start.elapsed() < time() {
            let network = &networks[random.place(VERIFIERS)];
            let (fault, lasts) = Fault::any(&mut random);
            network.set(fault);
            network::pause(lasts);
            if random.below(6) == 0 {
                service.kill();
                network::pause(Duration::from_millis(random.below(2_500)));
                service = setup.start();
            }
            if random.below(3) == 0 {
                network.set(Fault::None);
            }
        }
        is_over.store(true, Ordering::SeqCst);
        service
    });

    for (verifier, network) in verifiers.iter().zip(&networks) {
        network.set(Fault::None);
        eventually("fresh at last", || verifier.is_fresh());
        people.assert_known_to(verifier);
    }
    let (revoked, judged): (usize, u64) =
        (people.revoked(), verifiers.iter().map(Verifier::judged).sum());
    println!(
        "{revoked} revoked, {judged} judgements, {:?}",
        networks.iter().map(Network::faults).collect::<Vec<_>>()
    );
    assert!(revoked > 10 && judged > 1_000, "{revoked} revoked, {judged} judged");
    drop((verifiers, service));
}
