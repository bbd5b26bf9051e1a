//! A key that may have been stolen is withdrawn: by the operator, for everybody, at once.

use jeton::{Entry, KeyId, Refused};
use jeton_feed::wire::{Event, WireEntry};
use serde_json::Value;

use crate::feed::{reading, snapshot, until_published, until_ready};
use crate::forge::Parts;
use crate::reader::Reader;
use crate::service::eventually;
use crate::setup::Setup;

fn kid(token: &str) -> String {
    Parts::of(token).header["kid"].as_str().unwrap().to_owned()
}

/// The keys on a list.
fn withdrawn(entries: &[WireEntry]) -> Vec<&KeyId> {
    let key = |entry| match entry {
        &WireEntry::Refused(Entry { refused: Refused::Key(ref id), .. }) => Some(id),
        _ => None,
    };
    entries.iter().filter_map(key).collect()
}

/// I8, T2, INV1: refused here, told to every verifier, and nothing is signed with it any more.
#[test]
fn a_withdrawn_key_is_refused_everywhere_within_moments() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let service = setup.start();
    until_ready(&service);
    let http = &service.http;
    let (tokens, verifier) = (http.login().tokens(), reading(&setup, &service));
    let stolen = kid(&tokens.access);
    let before = snapshot(&service, &verifier);
    let mut stream = Reader::open(&service, &verifier, before.cursor);

    let done = setup.run(&["keys", "withdraw", &stolen], "");

    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(!done.output.contains(&stolen), "{done:?}");
    eventually("refused", || http.me(&tokens.access).code() == "key_withdrawn");
    // The verifier's own token was signed with it, so its stream has ended.
    while stream.next().is_some() {}
    let next = http.refresh(&tokens.refresh).tokens();
    assert_ne!(kid(&next.access), stolen);
    assert_eq!(http.me(&next.access).status, 200);
    until_published(&service, 1);
    let mut resumed = Reader::open(&service, &reading(&setup, &service), before.cursor);
    let Some(Event::Keys(keys)) = resumed.next() else { panic!("no keys") };
    assert!(keys.jwks["keys"].as_array().unwrap().iter().all(|key| key["kid"] != *stolen));
    let Some(Event::Revocations(missed)) = resumed.next() else { panic!("nothing was missed") };
    assert_eq!(withdrawn(&missed.e), [&KeyId::new(&stolen).unwrap()]);
}

/// I8: a restart neither forgets it nor tells it twice, and a withdrawal while the service is down
/// is told by the next start, before anybody is answered.
#[test]
fn a_withdrawal_is_told_once_whatever_happens_in_between() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let service = setup.start();
    let tokens = service.http.login().tokens();
    let stolen = kid(&tokens.access);
    service.kill();
    assert_eq!(setup.run(&["keys", "withdraw", &stolen], "").code, Some(0));

    let mut positions = Vec::new();
    for start in 0..3 {
        let service = setup.start();
        let refused = service.http.me(&tokens.access);
        refused.assert_refused(401, "key_withdrawn", &format!("start {start}"));
        until_ready(&service);
        let told = snapshot(&service, &reading(&setup, &service));
        assert_eq!(withdrawn(&told.e), [&KeyId::new(&stolen).unwrap()], "start {start}");
        positions.push(told.cursor.position);
        service.kill();
    }

    assert_eq!(positions, [1, 1, 1]);
}

/// I8: what a refresh key has signed can refresh no more; access tokens are none of its business.
#[test]
fn a_withdrawn_refresh_key_ends_what_it_has_signed() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    let done = setup.run(&["keys", "withdraw", &kid(&tokens.refresh)], "");

    assert_eq!(done.code, Some(0), "{done:?}");
    service.wait_for("keyring_changed");
    http.refresh(&tokens.refresh).assert_refused(401, "key_unknown", "its refresh token");
    assert_eq!(http.me(&tokens.access).status, 200);
    let again = http.login().tokens();
    assert_eq!(http.refresh(&again.refresh).status, 200);
}

#[test]
fn a_key_that_is_not_there_cannot_be_withdrawn_and_one_only_once() {
    let setup = Setup::empty();
    assert_eq!(setup.run(&["keys", "generate"], "").code, Some(0));
    let list = || setup.run(&["keys", "list", "--json"], "").output;
    let keys: Value = serde_json::from_str(&list()).unwrap();
    let stolen = keys[0]["kid"].as_str().unwrap();

    for unknown in ["unknown", "-n", "", "a\nb"] {
        let refused = setup.run(&["keys", "withdraw", unknown], "");
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.errors.contains("there is no key with this `kid`"), "{refused:?}");
    }
    let [first, second] = [0, 1].map(|_| setup.run(&["keys", "withdraw", stolen], ""));

    assert_eq!((first.code, second.code), (Some(0), Some(0)));
    assert_eq!(first.output, second.output);
    assert!(!list().contains(stolen));
}
