// Included by the examples of access tokens: a key, a token of Alice under it, and its first second.
{
    use jeton::{
        Algorithm, KeyId, NewAccessToken, PrivateKey, SessionId, Signer, SigningKey, SubjectKey,
        Timestamp,
    };

    let now = Timestamp::from_secs(1_800_000_000);
    let key = SigningKey::private(PrivateKey::generate(Algorithm::Es256).unwrap())
        .with_id(KeyId::new("2027").unwrap());
    let token = Signer::new(key.clone()).access_token(&NewAccessToken {
        issuer: "https://login.example",
        subject: "alice",
        audience: "https://api.example",
        client_id: "web",
        issued_at: now,
        expires_at: Timestamp::from_secs(1_800_000_600),
        token_id: "t1",
        session: Some(SessionId::new(SubjectKey::of("alice"), [7; 8])),
        version: 3,
        scope: Some("read write"),
        auth_time: Some(now),
        amr: &[],
        other: &serde_json::Map::from_iter([("role".to_owned(), "admin".into())]),
    });
    (key, token.unwrap(), now)
}
