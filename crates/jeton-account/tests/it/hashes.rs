use std::path::PathBuf;
use std::sync::Mutex;

use argon2::PasswordHash;
use jeton_account::{AccountError, CostError, HashingCost, Limits, RandomError};
use rusqlite::Connection;

use crate::support::{CORRECT, Service, WRONG, password, random, weak_phc};

const SALT_AND_OUTPUT: &str = "c2l4dGVlbiBieXRlcyEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// P10
#[tokio::test]
async fn hashes_are_stored_as_argon2id_at_the_floor_or_above_with_a_salt_of_their_own() {
    let service = Service::new();
    let (ann, bob) = (service.add("Ann").await, service.add("Bob").await);

    let (first, second) = (service.phc(&ann.id), service.phc(&bob.id));

    assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
    let (first, second) = (PasswordHash::new(&first).unwrap(), PasswordHash::new(&second).unwrap());
    assert_eq!(first.salt.unwrap().len(), 16);
    assert_eq!(first.hash.unwrap().len(), 32);
    assert_ne!(first.salt, second.salt);
    assert_ne!(first.hash, second.hash);
}

/// P10
#[test]
fn costs_below_the_floor_or_above_the_ceiling_are_refused() {
    let cases = [
        ("the floor", 19_456, 2, Ok((19_456, 2))),
        ("too little memory", 19_455, 2, Err(CostError::BelowFloor)),
        ("too few passes", 65_536, 1, Err(CostError::BelowFloor)),
        ("the ceiling", 262_144, 10, Ok((262_144, 10))),
        ("too much memory", 262_145, 10, Err(CostError::AboveCeiling)),
        ("too many passes", 19_456, 11, Err(CostError::AboveCeiling)),
    ];
    for (name, memory, passes, expected) in cases {
        let cost = HashingCost::new(memory, passes).map(|cost| (cost.memory(), cost.passes()));

        assert_eq!(cost, expected, "{name}");
    }
}

/// P11
#[tokio::test]
async fn hostile_stored_hashes_are_refused_before_anything_is_computed() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    let valid = |parameters: &str| format!("$argon2id$v=19${parameters}${SALT_AND_OUTPUT}");

    let cases = [
        ("4 GiB", valid("m=4194304,t=2,p=1")),
        ("memory just over the ceiling", valid("m=262145,t=2,p=1")),
        ("all the memory there is", valid("m=4294967295,t=2,p=1")),
        ("too many passes", valid("m=19456,t=11,p=1")),
        ("too many lanes", valid("m=19456,t=2,p=5")),
        ("no lanes", valid("m=19456,t=2,p=0")),
        ("no passes", valid("m=19456,t=0,p=1")),
        ("memory not stated", valid("t=2,p=1")),
        ("memory stated twice", valid("m=19456,m=19456,t=2,p=1")),
        ("another parameter", valid("m=19456,t=2,p=1,data=AAAA")),
        ("another algorithm", format!("$argon2i$v=19$m=19456,t=2,p=1${SALT_AND_OUTPUT}")),
        ("another version", format!("$argon2id$v=16$m=19456,t=2,p=1${SALT_AND_OUTPUT}")),
        ("no version", format!("$argon2id$m=19456,t=2,p=1${SALT_AND_OUTPUT}")),
        ("no output", "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyEhIQ".to_owned()),
        (
            "an output of ten bytes",
            "$argon2id$v=19$m=8,t=1,p=1$c2l4dGVlbg$AAAAAAAAAAAAAA".to_owned(),
        ),
        ("bcrypt", "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW".to_owned()),
        ("the password itself", CORRECT.to_owned()),
        ("nothing", String::new()),
    ];
    for (name, phc) in cases {
        service.store_phc(&ann.id, &phc);
        let before = service.accounts.pool().hashes();

        let refused = service.accounts.authenticate("Ann", password(CORRECT)).await.unwrap_err();

        assert_eq!(refused.code(), "unavailable", "{name}: {refused}");
        assert_eq!(service.accounts.pool().hashes(), before, "{name}");
        assert!(phc.is_empty() || !refused.to_string().contains(&phc), "{name}: {refused}");
    }
}

#[tokio::test]
async fn a_dearer_stored_hash_is_verified_within_the_permits() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    let params = argon2::Params::new(65_536, 1, 4, Some(32)).unwrap();
    let dear = argon2::PasswordHasher::hash_password_with_salt(
        &argon2::Argon2::from(params),
        CORRECT.as_bytes(),
        b"sixteen bytes!!!",
    );
    service.store_phc(&ann.id, &dear.unwrap().to_string());

    let account = service.accounts.authenticate("Ann", password(CORRECT)).await;

    assert_eq!(account, Ok(ann.clone()));
    assert!(service.phc(&ann.id).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn a_login_replaces_a_hash_of_another_cost() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    service.store_phc(&ann.id, &weak_phc(CORRECT));

    let account = service.accounts.authenticate("Ann", password(CORRECT)).await;

    assert_eq!(account, Ok(ann.clone()), "the credential is still the same");
    assert!(service.phc(&ann.id).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(service.accounts.pending().await, Ok(vec![]));
    assert_eq!(service.accounts.authenticate("Ann", password(CORRECT)).await, Ok(ann));
}

#[tokio::test]
async fn a_login_leaves_a_hash_of_the_current_cost_alone() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    let (phc, hashes) = (service.phc(&ann.id), service.accounts.pool().hashes());

    service.accounts.authenticate("Ann", password(CORRECT)).await.unwrap();

    assert_eq!(service.phc(&ann.id), phc);
    assert_eq!(service.accounts.pool().hashes() - hashes, 1);
}

/// Between the verification of a weak hash and the storing of a better one, a salt is drawn:
/// there, somebody else changes the password.
static CHANGING: Mutex<Option<(PathBuf, String)>> = Mutex::new(None);

fn random_during_which_the_password_changes(bytes: &mut [u8]) -> Result<(), RandomError> {
    if let Some((path, phc)) = CHANGING.lock().unwrap().take() {
        let connection = Connection::open(path).unwrap();
        let sql = "UPDATE account SET phc = ?1, credential = credential + 1";
        connection.execute(sql, [phc]).unwrap();
    }
    random(bytes)
}

#[tokio::test]
async fn a_password_changed_during_a_login_is_not_overwritten_with_the_old_one() {
    let service = Service::with(Limits::new(2), random_during_which_the_password_changes);
    let ann = service.add("Ann").await;
    service.store_phc(&ann.id, &weak_phc(CORRECT));
    let changed = weak_phc(WRONG);
    *CHANGING.lock().unwrap() = Some((service.path(), changed.clone()));

    let account = service.accounts.authenticate("Ann", password(CORRECT)).await;

    assert_eq!(account, Ok(ann.clone()), "the password was right when it was verified");
    assert_eq!(service.phc(&ann.id), changed);
    let now = service.accounts.find(&ann.id).await.unwrap().unwrap();
    assert_eq!(now.credential, ann.credential + 1, "which tells the service to end the session");
}

#[tokio::test]
async fn a_login_succeeds_although_the_better_hash_cannot_be_made() {
    static FAILING: Mutex<bool> = Mutex::new(false);
    fn failing(bytes: &mut [u8]) -> Result<(), RandomError> {
        if *FAILING.lock().unwrap() { Err(RandomError) } else { random(bytes) }
    }
    let service = Service::with(Limits::new(2), failing);
    let ann = service.add("Ann").await;
    let weak = weak_phc(CORRECT);
    service.store_phc(&ann.id, &weak);
    *FAILING.lock().unwrap() = true;

    let account = service.accounts.authenticate("Ann", password(CORRECT)).await;
    let added = service.accounts.add(crate::support::new_account("Bob"), 0).await;

    assert_eq!(account, Ok(ann.clone()));
    assert_eq!(service.phc(&ann.id), weak);
    assert!(matches!(added, Err(AccountError::Unavailable(_))), "but nothing new without salt");
}
