//! The life of access tokens is made shorter while longer ones are about.

use std::fs;

use crate::feed::{reading, snapshot, until_published, until_ready};
use crate::forge::Parts;
use crate::setup::Setup;

/// INV1: a revocation is remembered until the token it is about has expired, whatever the settings
/// say by now; and the service knows the token for as long as others do.
#[test]
fn a_shorter_life_of_tokens_revives_none_that_was_revoked() {
    let setup = Setup::new().with("TOKENS__ACCESS_LIFETIME", "3600").with("FEED__CANARY", "0");
    let service = setup.start();
    let tokens = service.http.login().tokens();
    let expires_at = Parts::of(&tokens.access).claims["exp"].as_u64().unwrap();
    service.kill();
    let setup = setup.with("TOKENS__ACCESS_LIFETIME", "60");
    for _ in 0..2 {
        let service = setup.start();
        assert_eq!(service.http.me(&tokens.access).status, 200);
        service.kill();
    }

    let service = setup.start();
    until_ready(&service);
    assert_eq!(service.http.logout(&tokens.access).status, 200);
    until_published(&service, 1);

    let text = serde_json::to_value(&snapshot(&service, &reading(&setup, &service)).e).unwrap();
    let until = text[0][2].as_u64().unwrap();
    assert!(until > expires_at + 30, "forgotten {} seconds before", expires_at + 30 - until);
    service.kill();
    fs::write(setup.data().join("lifetime.json"), "{").unwrap();
    let refused = setup.run(&["serve"], "");
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.errors.contains("lifetime.json"), "{refused:?}");
}
