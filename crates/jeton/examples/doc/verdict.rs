// Included by the examples of `Policy`: what it says of these claims at this second.
{
    use jeton::{
        Algorithm, Claims, KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier,
        VerifyError,
    };

    fn verdict(policy: Policy, claims: serde_json::Value, now: u64) -> Result<(), VerifyError> {
        let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256).unwrap());
        let token = Signer::new(key.clone()).sign("JWT", &claims).unwrap();
        let verifier = Verifier::new(KeySet::new([key.verifying_key()]).unwrap(), policy);
        verifier.verify::<Claims>(&token, Timestamp::from_secs(now)).map(drop)
    }

    verdict
}
