//! Several nodes and one shelf, on a clock of the test's.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex as Lock;

use jeton::KeyId;
use jeton_session::Terms;

use super::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Redis, as far as a keyring goes. It may lose what it has, and be down.
#[derive(Debug, Default)]
struct Redis {
    lies: Lock<Option<Sealed>>,
    is_down: Lock<bool>,
}

impl Redis {
    fn ask<T>(&self, ask: impl FnOnce(&mut Option<Sealed>) -> T) -> Result<T, StoreError> {
        if *self.is_down.lock().unwrap() {
            return Err(StoreError::new("down"));
        }
        Ok(ask(&mut self.lies.lock().unwrap()))
    }
}

impl Shelf for Arc<Redis> {
    async fn revision(&self) -> Result<Option<String>, StoreError> {
        self.ask(|lies| lies.as_ref().map(|sealed| sealed.revision.clone()))
    }

    async fn read(&self) -> Result<Option<Sealed>, StoreError> {
        self.ask(|lies| lies.clone())
    }

    async fn replace(&self, expected: Option<&str>, new: &Sealed) -> Result<bool, StoreError> {
        self.ask(|lies| {
            let is_there = lies.as_ref().map(|sealed| sealed.revision.as_str()) == expected;
            if is_there {
                *lies = Some(new.clone());
            }
            is_there
        })
    }
}

type Node = SharedKeys<Arc<Redis>>;

fn node(redis: &Arc<Redis>) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.key");
    fs::write(&path, KEY).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    let times = Terms::new("https://login.example", "https://api.example").key_times();
    let habits = Habits { algorithm: Algorithm::EdDsa, times };
    SharedKeys::new(Arc::clone(redis), Seal::read(&path, "jeton").unwrap(), habits)
}

async fn started(redis: &Arc<Redis>) -> Node {
    let node = node(redis);
    node.start(None, START).await.unwrap();
    node
}

fn signing(held: &Held, now: Timestamp) -> KeyId {
    held.keyring.access_key(now).id().unwrap().clone()
}

fn after(secs: u64) -> Timestamp {
    Timestamp::from_secs(START.as_secs() + secs)
}

/// I8: whichever of them comes first.
#[tokio::test]
async fn nodes_that_start_together_have_one_keyring() {
    let redis = Arc::new(Redis::default());
    let nodes = [(); 3].map(|()| node(&redis));

    let (one, two, three) = tokio::join!(
        nodes[0].start(None, START),
        nodes[1].start(None, START),
        nodes[2].start(None, START)
    );

    let [one, two, three] = [one, two, three].map(Result::unwrap);
    assert!(one.keyring.is_alike(&two.keyring) && two.keyring.is_alike(&three.keyring));
    assert_eq!(one.revision, three.revision);
}

/// I8: all nodes know a key long before any of them signs with it.
#[tokio::test]
async fn every_node_follows_a_rotation_before_anybody_signs_with_it() {
    let redis = Arc::new(Redis::default());
    let [one, two, command] = [started(&redis).await, started(&redis).await, node(&redis)];
    let old = signing(&one.look(START).await.unwrap(), START);

    let rotated = command.rotate(after(1)).await.unwrap();

    let lead = one.times().lead.as_secs();
    let next = signing(&rotated, after(1 + lead));
    assert_ne!(next, old);
    for node in [&one, &two] {
        let held = node.look(after(2)).await.unwrap();
        assert!(held.keyring.has(&next));
        assert_eq!(signing(&held, after(lead)), old, "nobody signs with it yet");
        assert_eq!(signing(&held, after(1 + lead)), next, "all of them from then on");
    }
}

/// I8: what Redis has lost comes back from any node that holds it.
#[tokio::test]
async fn what_redis_has_lost_comes_back() {
    let redis = Arc::new(Redis::default());
    let [one, two] = [started(&redis).await, started(&redis).await];
    let before = redis.lies.lock().unwrap().clone();
    let stolen = signing(&one.look(START).await.unwrap(), START);
    one.rotate(after(1)).await.unwrap();
    one.change(|keyring| keyring.withdraw(&stolen, after(2))).await.unwrap();
    let latest = one.look(after(2)).await.unwrap();

    for lost in [None, before] {
        *redis.lies.lock().unwrap() = lost;
        let [held, other] = [one.look(after(3)).await.unwrap(), two.look(after(3)).await.unwrap()];

        assert!(held.keyring.is_alike(&latest.keyring) && other.keyring.is_alike(&latest.keyring));
        assert!(!two.read().await.unwrap().keyring.has(&stolen));
    }
}

/// I8: two changes at once, of which one was lost with its primary: both count.
#[tokio::test]
async fn changes_that_were_made_apart_all_count() {
    let redis = Arc::new(Redis::default());
    let [one, two] = [started(&redis).await, started(&redis).await];
    let before = redis.lies.lock().unwrap().clone();
    let stolen = signing(&one.look(START).await.unwrap(), START);
    one.change(|keyring| keyring.withdraw(&stolen, after(1))).await.unwrap();
    one.look(after(1)).await.unwrap();
    *redis.lies.lock().unwrap() = before;
    let rotated = two.rotate(after(2)).await.unwrap();
    let next = signing(&rotated, after(2 + two.times().lead.as_secs()));

    let held = one.look(after(3)).await.unwrap();
    let other = two.look(after(3)).await.unwrap();

    assert!(held.keyring.is_alike(&other.keyring));
    assert!(held.keyring.has(&next) && !held.keyring.has(&stolen));
}

/// I8: nobody is without keys because Redis is down.
#[tokio::test]
async fn an_outage_takes_no_keys_away() {
    let redis = Arc::new(Redis::default());
    let one = started(&redis).await;
    let held = one.look(START).await.unwrap();

    *redis.is_down.lock().unwrap() = true;
    assert!(matches!(one.look(after(1)).await, Err(KeyFileError::Store(_))));
    assert!(matches!(one.rotate(after(1)).await, Err(KeyFileError::Store(_))));
    *redis.is_down.lock().unwrap() = false;

    assert_eq!(one.look(after(2)).await.unwrap().revision, held.revision);
}

/// A copy that a node has from a life of its own becomes the fleet's, or joins it.
#[tokio::test]
async fn a_copy_joins_what_is_shared() {
    let redis = Arc::new(Redis::default());
    let copies = [1, 2].map(|_| Keyring::generate(Algorithm::EdDsa, START).unwrap());
    let nodes = [node(&redis), node(&redis)];
    for (node, copy) in nodes.iter().zip(&copies) {
        node.start(Some(copy.clone()), START).await.unwrap();
    }

    let held = nodes[0].look(after(1)).await.unwrap();

    for id in copies.iter().flat_map(Keyring::summary).map(|key| key.id) {
        assert!(held.keyring.has(&id), "{id}");
    }
}

#[tokio::test]
async fn a_command_makes_no_second_keyring_and_changes_none_that_is_not_there() {
    let redis = Arc::new(Redis::default());
    let command = node(&redis);
    assert!(matches!(command.rotate(START).await, Err(KeyFileError::NotStored)));
    assert!(matches!(command.read().await, Err(KeyFileError::NotStored)));

    let made = command.generate(START).await.unwrap();

    assert!(matches!(command.generate(START).await, Err(KeyFileError::Stored)));
    assert_eq!(started(&redis).await.look(START).await.unwrap().revision, made.revision);
}
