//! Accounts that all nodes share: a change at one is a change at all.

use std::thread;

use crate::fleet::nodes::{Fleet, until_ready};
use crate::postgres::Postgres;
use crate::service::eventually;
use crate::setup::{ALICE, PASSWORD};

/// R9, R15: a password set beside the nodes ends the sessions of all of them, once: nobody ends
/// what was opened with the new password since, wherever that was.
#[test]
fn a_new_password_ends_what_was_before_and_nothing_that_came_after() {
    let postgres = Postgres::start();
    let fleet = Fleet::new().with("ACCOUNTS__POSTGRES", &postgres.address());
    let (setups, nodes) = fleet.start::<3>();
    setups[0].add_account(ALICE, PASSWORD);
    let mut before = nodes[0].http.login().tokens();

    for (round, node) in nodes.iter().chain(&nodes).enumerate() {
        let new = format!("a new password, number {round}");
        let (set, early) = thread::scope(|scope| {
            let command = scope.spawn(|| setups[1].run(&["account", "passwd", ALICE], &new));
            let mut login = node.http.login_as(ALICE, &new);
            while login.status != 200 {
                login = node.http.login_as(ALICE, &new);
            }
            (command.join().unwrap(), login.tokens())
        });

        assert_eq!(set.output, "password of alice changed\nits sessions have ended\n", "{set:?}");
        assert_eq!(postgres.sql("SELECT count(*) FROM jeton_account_change"), "0");
        for other in &nodes {
            let refused = || other.http.me(&before.access).code() == "password_changed";
            eventually("the old session is refused everywhere", refused);
            let me = other.http.me(&early.access);
            assert_eq!(me.status, 200, "round {round}: {me:?}");
        }
        node.http.refresh(&before.refresh).assert_refused(401, "password_changed", "refresh");
        before = nodes[(round + 1) % 3].http.refresh(&early.refresh).tokens();
    }
}

/// R15: a node that dies while it settles, its claim taken and the sessions not yet ended, leaves
/// the change to the next.
#[test]
fn a_change_that_a_killed_node_has_left_is_settled_by_another() {
    let postgres = Postgres::start();
    let fleet = Fleet::new().with("ACCOUNTS__POSTGRES", &postgres.address());
    let ([setup], [first]) = fleet.start::<1>();
    setup.add_account(ALICE, PASSWORD);
    let alice = first.http.login().tokens();
    let claims = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'";

    fleet.redis.freeze();
    let set = setup.run(&["account", "passwd", ALICE], "a new password");
    eventually("the node is in the middle of it", || postgres.sql(claims) == "1");
    first.kill();
    fleet.redis.thaw();
    let second = fleet.node().start();

    assert!(set.output.contains("end when it starts"), "{set:?}");
    assert_eq!(postgres.sql("SELECT count(*) FROM jeton_account_change"), "0");
    until_ready(&second);
    second.http.refresh(&alice.refresh).assert_refused(401, "password_changed", "her session");
    second.http.login().assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(second.http.login_as(ALICE, "a new password").status, 200);
}
