use jeton_account::{AccountError, Limits};

use crate::support::{CORRECT, NOW, Service, WRONG, new_account, password, random};

#[tokio::test]
async fn nothing_that_can_be_printed_holds_a_password_or_a_hash() {
    let service = Service::with(Limits::new(1), random);
    let ann = service.add("Ann").await;
    let change = service.accounts.reset_password("Ann", password(WRONG)).await.unwrap();
    let refused = service.accounts.authenticate("Ann", password(CORRECT)).await.unwrap_err();
    service
        .store_phc(&ann.id, "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA");
    let hostile = service.accounts.authenticate("Ann", password(WRONG)).await.unwrap_err();

    let printed = [
        ("password", format!("{:?}", password(CORRECT))),
        ("result", format!("{:?}", Ok::<_, AccountError>(password(CORRECT)))),
        ("new account", format!("{:?}", new_account("Ann"))),
        ("account", format!("{ann:?}")),
        ("accounts", format!("{:?}", service.accounts)),
        ("pool", format!("{:#?}", service.accounts.pool())),
        ("change", format!("{change:?}")),
        ("refusal", format!("{refused} {refused:?}")),
        ("outage", format!("{hostile} {hostile:?}")),
    ];

    for (name, text) in printed {
        for secret in [CORRECT, WRONG, "$argon2id", "c2FsdHNhbHQ"] {
            assert!(!text.contains(secret), "{name}: {text}");
        }
    }
    assert_eq!(format!("{:?}", password(CORRECT)), "Password(..)");
}

#[tokio::test]
async fn the_file_holds_no_password_and_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::new();
    service.accounts.add(new_account("Ann"), NOW).await.unwrap();

    for name in ["jeton.db", "jeton.db-wal"] {
        let path = service.directory.path().join(name);
        let (mode, bytes) =
            (std::fs::metadata(&path).unwrap().permissions().mode(), std::fs::read(&path).unwrap());

        assert_eq!(mode & 0o777, 0o600, "{name}");
        assert!(!bytes.windows(CORRECT.len()).any(|part| part == CORRECT.as_bytes()), "{name}");
    }
}
