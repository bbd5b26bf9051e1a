//! The process is killed in the middle of its work. `JETON_CRASH_ROUNDS` says how often.
//!
//! Several people work with the service, each with an account of their own, and remember what it
//! has acknowledged. `kill -9` ends it after a random number of acknowledgements. Started again on
//! the same folder, it must know all of them; and of what it had not yet acknowledged to somebody it
//! must have done all or nothing.

mod check;
mod person;

use std::env;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::random::Random;
use crate::service::{Service, eventually};
use crate::setup::Setup;
use person::Person;

/// How many people work at the same time.
const PEOPLE: usize = 4;

/// A restart takes a fraction of a second; more than this is no restart.
const RESTART: Duration = Duration::from_secs(30);

/// One round in so many lasts long enough for the service to move its log into the database.
const LONG: u64 = 5;

fn rounds() -> u64 {
    let rounds = env::var_os("JETON_CRASH_ROUNDS");
    rounds.map_or(5, |rounds| rounds.to_str().unwrap().parse().unwrap())
}

/// R5, R20, INV1, INV2
#[test]
fn a_killed_service_remembers_whatever_it_has_acknowledged() {
    // A retry after the restart has to fall into the grace, however slow the machine.
    let setup = Setup::empty().with_fixed_port().with("SESSION__GRACE", "60");
    let mut people: Vec<Person> = (0..PEOPLE).map(|number| Person::new(&setup, number)).collect();
    let mut service = setup.start();

    for round in 0..rounds() {
        let mut random = Random::seeded(round);
        let acts = if round % LONG == LONG - 1 { 1500 } else { 1 + random.below(120) };

        work_until_killed(service, &mut people, acts, &mut random);
        let start = Instant::now();
        service = setup.start();
        eventually("ready", || service.http.get("/health/ready").send().status == 200);
        let restart = start.elapsed();

        println!("round {round}: killed after {acts} acts, answered again after {restart:.0?}");
        assert!(restart < RESTART, "round {round}");
        for person in &mut people {
            person.check(&service.http, round);
        }
    }

    check_log(&service.kill());
    check_database(&setup.data().join("jeton.db"));
}

/// Lets everybody work until so many acts were acknowledged, and kills the service.
fn work_until_killed(service: Service, people: &mut [Person], acts: u64, random: &mut Random) {
    let (acknowledge, acknowledged) = mpsc::channel();
    let is_killed = AtomicBool::new(false);
    thread::scope(|scope| {
        for person in people {
            let (http, acknowledge, is_killed) =
                (service.http.clone(), acknowledge.clone(), &is_killed);
            let mut random = Random::seeded(random.next());
            scope.spawn(move || {
                let lost = loop {
                    match person.act(&http, &mut random) {
                        Ok(()) => drop(acknowledge.send(())),
                        Err(lost) => break lost,
                    }
                };
                assert!(is_killed.load(Ordering::SeqCst), "not answered: {lost}");
            });
        }
        drop(acknowledge);
        for _ in 0..acts {
            acknowledged.recv().expect("the service runs until it is killed");
        }
        is_killed.store(true, Ordering::SeqCst);
        check_log(&service.kill());
    });
}

/// Losing a write would show here even where a client does not notice it: its next refresh repairs.
fn check_log(log: &[String]) {
    let is_bad = |line: &&String| {
        let signs = ["ERROR", "WARN", "refresh_repaired"];
        signs.iter().any(|sign| line.contains(sign)) && !line.contains("refresh_replayed")
    };
    let bad: Vec<&String> = log.iter().filter(is_bad).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

/// Where the machine has SQLite's own shell, it has a look as well.
fn check_database(path: &Path) {
    let checked = Command::new("sqlite3").arg(path).arg("PRAGMA integrity_check").output();
    match checked {
        Ok(checked) => assert_eq!(String::from_utf8(checked.stdout).unwrap().trim(), "ok"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("no sqlite3, no integrity check");
        }
        Err(error) => panic!("{error}"),
    }
}
