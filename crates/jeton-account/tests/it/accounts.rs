use std::collections::HashSet;

use jeton_account::AccountError::{self, InvalidName, InvalidRole, NameTaken, WeakPassword};
use jeton_account::NewAccount;

const SIGNS: &str = "cannot hold white space, control characters, quotes or backslashes";

use crate::support::{NOW, Service, WRONG, new_account, password};

#[tokio::test]
async fn an_added_account_is_found_by_its_id_as_it_was_typed() {
    let service = Service::new();
    let empty = service.accounts.is_empty().await;

    let ann = service.add("Ann \u{c4}pfel").await;

    assert_eq!(empty, Ok(true));
    assert_eq!(service.accounts.is_empty().await, Ok(false));
    assert_eq!(ann.name, "Ann \u{c4}pfel");
    assert_eq!(ann.roles, ["reader", "编辑"]);
    assert_eq!((ann.created_at, ann.credential), (NOW, 1));
    assert_eq!(service.accounts.find(&ann.id).await, Ok(Some(ann)));
    assert_eq!(service.accounts.find("Ann \u{c4}pfel").await, Ok(None));
}

#[tokio::test]
async fn ids_are_random_and_say_nothing_about_the_name() {
    let mut ids = HashSet::new();
    for _start in 0..3 {
        let service = Service::new();

        let ann = service.add("Ann").await;

        assert_eq!(ann.id.len(), 32, "{}", ann.id);
        assert!(ann.id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
        assert!(ids.insert(ann.id));
    }
}

#[tokio::test]
async fn a_name_is_given_once_whatever_its_case() {
    let service = Service::new();
    service.add("\u{dc}nal").await;

    for name in ["\u{dc}nal", "\u{fc}nal", "\u{dc}NAL"] {
        let refused = service.accounts.add(new_account(name), NOW).await;

        assert_eq!(refused, Err(NameTaken), "{name}");
    }
}

#[tokio::test]
async fn refuses_each_account_that_cannot_be_stored() {
    let service = Service::new();
    let (longest, too_long) = ("n".repeat(256), "n".repeat(257));
    let role = |role: &str| NewAccount { roles: vec![role.to_owned()], ..new_account("Bob") };
    let named = |name: &str| new_account(name);
    let with = |text: &str| NewAccount { password: password(text), ..new_account("Bobby Tables") };

    let cases: [(&str, NewAccount, AccountError); 16] = [
        ("no name", named(""), InvalidName("cannot be empty")),
        ("long name", named(&too_long), InvalidName("cannot be longer than 256 bytes")),
        ("two lines", named("A\nnn"), InvalidName("cannot hold control characters")),
        ("NUL", named("Ann\0"), InvalidName("cannot hold control characters")),
        ("a C1 control", named("A\u{85}nn"), InvalidName("cannot hold control characters")),
        ("leading", named(" Ann"), InvalidName("cannot start or end with white space")),
        ("trailing", named("Ann\u{3000}"), InvalidName("cannot start or end with white space")),
        ("empty role", role(""), InvalidRole("have 1 to 64 bytes each")),
        ("long role", role(&"r".repeat(65)), InvalidRole("have 1 to 64 bytes each")),
        ("two in one", role("a b"), InvalidRole(SIGNS)),
        ("NUL in role", role("a\0"), InvalidRole(SIGNS)),
        ("quote in role", role("a\"b"), InvalidRole(SIGNS)),
        ("backslash in role", role("a\\b"), InvalidRole(SIGNS)),
        (
            "too many roles",
            NewAccount { roles: vec!["r".to_owned(); 65], ..new_account("Bob") },
            InvalidRole("cannot be more than 64"),
        ),
        ("short password", with("seven77"), WeakPassword("needs at least 8 characters")),
        (
            "name as password",
            with("bobby tables"),
            WeakPassword("cannot be the name of the account"),
        ),
    ];
    for (name, account, refusal) in cases {
        let refused = service.accounts.add(account, NOW).await;

        assert_eq!(refused, Err(refusal), "{name}");
    }
    assert_eq!(service.accounts.pool().hashes(), 0, "refused before hashing");
    assert_eq!(service.add(&longest).await.name, longest);
}

#[tokio::test]
async fn accounts_are_listed_by_name_page_after_page() {
    let service = Service::new();
    for name in ["dora", "Ann", "\u{e9}mile", "bob", "Carl"] {
        service.add(name).await;
    }

    let mut pages = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = service.accounts.list(after.as_deref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.name.clone());
        pages.push(page.into_iter().map(|account| account.name).collect::<Vec<_>>());
    }

    assert_eq!(pages, [vec!["Ann", "bob"], vec!["Carl", "dora"], vec!["\u{e9}mile"]]);
    assert_eq!(service.accounts.list(None, 0).await, Ok(vec![]));
}

#[tokio::test]
async fn a_corrupt_row_is_an_outage_and_not_a_refusal() {
    let service = Service::new();
    let ann = service.add("Ann").await;

    let cases = [
        ("roles that are no list", "UPDATE account SET roles = 'admin'"),
        ("a negative time", "UPDATE account SET roles = '[]', created_at = -1"),
    ];
    for (name, sql) in cases {
        service.execute(sql, &[]);

        let found = service.accounts.find(&ann.id).await.unwrap_err();
        let login = service.accounts.authenticate("Ann", password(WRONG)).await.unwrap_err();

        assert_eq!((found.code(), login.code()), ("unavailable", "unavailable"), "{name}");
    }
}
