//! What every [`AccountStore`] must do, as tests that run on any of them.
//!
//! [`account_contract_tests!`](crate::account_contract_tests) makes one test of each function here.
//!
//! # Panics
//!
//! Every function panics where the store breaks its promise: they are tests.

#![expect(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "tests: the errors are the store's, the panics are the point"
)]

mod passwords;
mod settling;

pub use passwords::*;
pub use settling::*;

use tokio::task::JoinSet;

use crate::{Account, AccountError, AccountStore, Change, NewHash, Phc, Record};

type Outcome = Result<(), AccountError>;

/// Defines one `#[tokio::test]` for each promise of the port.
///
/// The argument is an async function that makes an empty store and answers it, and beside it whatever
/// must stay alive meanwhile: a folder, a process, or `()`.
#[macro_export]
macro_rules! account_contract_tests {
    ($make:path) => {
        $crate::account_contract_tests! { $make =>
            what_was_added_is_found_as_it_was
            a_name_is_given_once_whatever_its_case
            of_many_who_add_one_name_at_once_one_succeeds
            accounts_come_in_the_order_of_the_bytes_of_their_names
            a_place_between_the_names_need_not_be_a_name
            there_is_nobody_until_somebody_is_added
            a_hash_is_replaced_only_if_it_is_still_the_same
            a_password_and_its_note_are_one_commit
            a_password_is_replaced_only_if_it_is_still_the_same
            of_many_who_replace_one_password_at_once_one_succeeds
            changes_count_up_and_are_never_counted_twice
            the_changes_of_one_account_are_told_apart
            settling_forgets_what_was_handed_over
            what_is_settled_is_not_settled_again
            a_change_that_could_not_be_settled_is_pending_still
            a_change_whose_settling_was_given_up_is_pending_still
            of_many_who_settle_at_once_one_is_called
            a_change_made_meanwhile_is_not_forgotten
            what_no_statement_can_hold_is_nobody
        }
    };
    ($make:path => $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (store, _alive) = $make().await;
            $crate::contract::$name(&store).await.expect("the store answers");
        }
    )*};
}

/// An account comes back as it went in, by its id and by its name.
pub async fn what_was_added_is_found_as_it_was<S: AccountStore>(store: &S) -> Outcome {
    let mut added = record("Ann \u{c4}pfel \u{1f34e} '; --");
    added.account.roles = vec!["reader".to_owned(), "编辑".to_owned(), "{,}NULL".to_owned()];
    added.account.created_at = u64::from(u32::MAX) + 1;
    let mut plain = record("bob");
    plain.account.roles = Vec::new();

    assert!(store.insert(added.clone()).await?);
    assert!(store.insert(plain.clone()).await?);

    assert_eq!(store.by_id(&added.account.id).await?.as_ref(), Some(&added));
    assert_eq!(store.by_name(added.name_key()).await?, Some(added));
    assert_eq!(store.by_id(&plain.account.id).await?.as_ref(), Some(&plain));
    assert_eq!(store.by_id("bob").await?, None, "a name is no id");
    assert_eq!(store.by_name(plain.account.id).await?, None, "an id is no name");
    Ok(())
}

/// Two names that differ in case alone are one; the second account changes nothing.
pub async fn a_name_is_given_once_whatever_its_case<S: AccountStore>(store: &S) -> Outcome {
    let first = record("\u{dc}nal");
    assert!(store.insert(first.clone()).await?);

    for name in ["\u{dc}nal", "\u{fc}nal", "\u{dc}NAL"] {
        let second = Record { account: Account { id: id(name, 2), ..account(name) }, ..record("") };
        assert!(!store.insert(second.clone()).await?, "{name}");
        assert_eq!(store.by_id(&second.account.id).await?, None, "{name}");
    }

    assert_eq!(store.by_name(first.name_key()).await?, Some(first));
    Ok(())
}

/// Concurrent additions of one name: one account, and everybody knows whose.
pub async fn of_many_who_add_one_name_at_once_one_succeeds<S: AccountStore>(store: &S) -> Outcome {
    let mut adding = JoinSet::new();
    for n in 0..16 {
        let store = store.clone();
        let account =
            Account { id: id("ann", n), ..account(if n % 2 == 0 { "Ann" } else { "ANN" }) };
        adding.spawn(async move {
            let inserted = store.insert(Record { account: account.clone(), phc: phc(n) }).await;
            inserted.map(|inserted| inserted.then_some(account))
        });
    }

    let added: Result<Vec<_>, _> = adding.join_all().await.into_iter().collect();

    let added: Vec<Account> = added?.into_iter().flatten().collect();
    let found = store.by_name("ann".to_owned()).await?.map(|record| record.account);
    assert_eq!(added, Vec::from_iter(found));
    Ok(())
}

/// Pages follow the bytes of the keys, whatever the language of the store.
pub async fn accounts_come_in_the_order_of_the_bytes_of_their_names<S: AccountStore>(
    store: &S,
) -> Outcome {
    let names = [
        "Zoe",
        "ann",
        "Ann B",
        "ann-c",
        "ann_d",
        "10",
        "9",
        "\u{e9}mile",
        "\u{10400}x",
        "\u{ffee}y",
    ];
    for name in names {
        assert!(store.insert(record(name)).await?, "{name}");
    }
    let mut expected: Vec<String> = names.map(|name| record(name).name_key()).into();
    expected.sort_unstable();

    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = store.after(after.clone(), 3).await?;
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = name_key(last);
        found.extend(page.iter().map(name_key));
    }

    assert_eq!(found, expected);
    assert_eq!(store.after(String::new(), 0).await?, []);
    assert_eq!(store.after(String::new(), 1000).await?.len(), names.len());
    Ok(())
}

/// One can go on behind what is no name, or no name any more.
pub async fn a_place_between_the_names_need_not_be_a_name<S: AccountStore>(store: &S) -> Outcome {
    for name in ["a", "c"] {
        store.insert(record(name)).await?;
    }

    for (after, expected) in [("a\0z", "c"), ("b", "c"), ("a\u{10ffff}", "c"), ("\0", "a")] {
        let page = store.after(after.to_owned(), 1).await?;
        assert_eq!(page.iter().map(name_key).collect::<Vec<_>>(), [expected], "{after:?}");
    }
    Ok(())
}

/// An empty store says so, and one with an account does not.
pub async fn there_is_nobody_until_somebody_is_added<S: AccountStore>(store: &S) -> Outcome {
    assert!(store.is_empty().await?);
    store.insert(record("ann")).await?;

    assert!(!store.is_empty().await?);
    Ok(())
}

/// A name or an id that the store cannot even ask for is unknown, and no outage.
pub async fn what_no_statement_can_hold_is_nobody<S: AccountStore>(store: &S) -> Outcome {
    store.insert(record("ann")).await?;

    assert_eq!(store.by_id("ann\0").await?, None);
    assert_eq!(store.by_id(&"n".repeat(1 << 20)).await?, None);
    assert_eq!(store.by_name("\0".to_owned()).await?, None);
    assert_eq!(store.changes(Some("\0")).await?, []);
    assert_eq!(store.settle("\0", |_| async { Ok(()) }).await?, None);
    Ok(())
}

fn account(name: &str) -> Account {
    Account {
        id: id(name, 0),
        name: name.to_owned(),
        roles: vec!["reader".to_owned()],
        created_at: 1_800_000_000,
        credential: 1,
    }
}

fn record(name: &str) -> Record {
    Record { account: account(name), phc: phc(1) }
}

/// What an id is to a store: any text, another one for each account.
fn id(name: &str, n: u32) -> String {
    format!("id of {name} {n}")
}

fn phc(n: u32) -> Phc {
    Phc::new(format!("hash {n}"))
}

fn new_hash(name: &str) -> NewHash {
    NewHash { account: id(name, 0), phc: phc(7), replaces: None, keep: None }
}

async fn change<S: AccountStore>(
    store: &S,
    name: &str,
    keep: Option<&str>,
) -> Result<Change, AccountError> {
    let keep = keep.map(str::to_owned);
    let changed = store.replace(NewHash { keep, ..new_hash(name) }).await?;
    changed.ok_or(AccountError::NotFound)
}

fn name_key(account: &Account) -> String {
    crate::account::name_key(&account.name)
}
