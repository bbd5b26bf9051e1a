// Included by the examples of `NewToken`: the claims of this token, once it is signed.
{
    use jeton::{Algorithm, NewToken, SecretKey, Signer, SigningKey};

    fn said(token: NewToken) -> serde_json::Value {
        let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256).unwrap());
        let token = Signer::new(key).sign_token(&token).unwrap();
        jeton::decode_without_verifying(&token).unwrap().unverified_claims.into()
    }

    said
}
