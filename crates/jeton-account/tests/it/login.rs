use jeton_account::AccountError::InvalidCredentials;

use crate::support::{CORRECT, Service, WRONG, password, weak_phc};

#[tokio::test]
async fn the_right_password_opens_the_account() {
    let service = Service::new();
    let ann = service.add("Ann").await;

    let cases = ["Ann", "ann", "ANN"];
    for name in cases {
        let account = service.accounts.authenticate(name, password(CORRECT)).await;

        assert_eq!(account.as_ref(), Ok(&ann), "{name}");
    }
}

#[tokio::test]
async fn unknown_names_and_wrong_passwords_are_answered_alike_and_cost_one_hash_each() {
    let service = Service::new();
    service.add("Ann").await;
    let long = "n".repeat(16 * 1024);

    let cases = [
        ("wrong password", "Ann", WRONG),
        ("prefix of the password", "Ann", "correct"),
        ("password and more", "Ann", "correct horse "),
        ("unknown name", "Bob", CORRECT),
        ("no name", "", CORRECT),
        ("a name nobody can have", "Ann\n", CORRECT),
        ("an endless name", &long, CORRECT),
    ];
    for (case, name, text) in cases {
        let before = service.accounts.pool().hashes();

        let refused = service.accounts.authenticate(name, password(text)).await;

        assert_eq!(refused, Err(InvalidCredentials), "{case}");
        assert_eq!(service.accounts.pool().hashes() - before, 1, "{case}");
    }
}

#[tokio::test]
async fn a_wrong_password_for_an_old_hash_costs_one_hash_and_changes_nothing() {
    let service = Service::new();
    let ann = service.add("Ann").await;
    let weak = weak_phc(CORRECT);
    service.store_phc(&ann.id, &weak);
    let before = service.accounts.pool().hashes();

    let refused = service.accounts.authenticate("Ann", password(WRONG)).await;

    assert_eq!(refused, Err(InvalidCredentials));
    assert_eq!(service.accounts.pool().hashes() - before, 1);
    assert_eq!(service.phc(&ann.id), weak);
}

#[tokio::test]
async fn every_byte_of_a_password_counts() {
    let long = "p".repeat(64);
    let cases = [
        ("after 64 characters", format!("{long}x"), format!("{long}y")),
        ("after a NUL", "nul\0inside-x".to_owned(), "nul\0inside-y".to_owned()),
        ("at the end of the longest", format!("{}x", "p".repeat(1023)), "p".repeat(1024)),
        ("white space", " leading space".to_owned(), "leading space".to_owned()),
        ("composition", "caf\u{e9} au lait".to_owned(), "cafe\u{301} au lait".to_owned()),
        ("case", "Correct Horse".to_owned(), "correct horse".to_owned()),
    ];
    let service = Service::new();
    for (case, set, other) in cases {
        service.add(case).await;
        service.accounts.reset_password(case, password(&set)).await.unwrap();

        let refused = service.accounts.authenticate(case, password(&other)).await;
        let accepted = service.accounts.authenticate(case, password(&set)).await;

        assert_eq!(refused, Err(InvalidCredentials), "{case}");
        assert_eq!(accepted.map(|account| account.name).as_deref(), Ok(case), "{case}");
    }
}
