//! What somebody without a genuine token can present.

use jeton::{Algorithm, Refusal, SecretKey, Signer, SigningKey, base64url};
use jeton_session::RefreshError;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::history::World;
use crate::support::{key_id, payload};

/// How it is made from a genuine token that the attacker has seen.
#[derive(Clone, Debug)]
enum Made {
    /// Cut off, at every length.
    Cut,
    /// The same claims, signed with the attacker's key under our `kid`.
    WithAnotherKey,
    /// Our signature under other claims.
    AnotherGeneration(u64),
    AnotherVersion(u64),
    AnotherSession([u8; 24]),
    AnotherSubject(String),
    /// As it is, for what the other token of the pair is for.
    AnotherKind,
    /// Without a signature.
    Unsigned,
    /// Nothing but text.
    FromNothing(String),
}

/// An attack, on one of the pairs issued so far.
#[derive(Clone, Debug)]
pub(crate) struct Attack {
    seen: Index,
    made: Made,
}

pub(crate) fn attacks() -> impl Strategy<Value = Attack> {
    let made = prop_oneof![
        1 => Just(Made::Cut),
        4 => Just(Made::WithAnotherKey),
        4 => any::<u64>().prop_map(Made::AnotherGeneration),
        2 => (0..4_u64).prop_map(Made::AnotherGeneration),
        2 => (0..4_u64).prop_map(Made::AnotherVersion),
        4 => any::<[u8; 24]>().prop_map(Made::AnotherSession),
        4 => ".{0,9}".prop_map(Made::AnotherSubject),
        4 => Just(Made::AnotherKind),
        4 => Just(Made::Unsigned),
        4 => "[A-Za-z0-9_.-]{0,99}".prop_map(Made::FromNothing),
    ];
    (any::<Index>(), made).prop_map(|(seen, made)| Attack { seen, made })
}

impl Attack {
    /// Presents what the attacker made, wherever a token is taken: each refuses it as invalid,
    /// unless it is a genuine token of the kind that is taken there.
    pub(crate) async fn fails(&self, world: &World) {
        let (sessions, now) = (&world.issuer.sessions, world.now);
        for forged in self.on(world) {
            if world.issued.iter().all(|issued| issued.pair.refresh_token != forged) {
                let refreshed = sessions.refresh(&forged, now).await;
                assert!(matches!(refreshed, Err(RefreshError::Invalid(_))), "{forged}");
                assert!(sessions.session_of(&forged, now).is_err(), "{forged}");
            }
            if world.issued.iter().all(|issued| issued.pair.access_token != forged) {
                let checked = sessions.guard().check(&forged, now);
                assert!(matches!(checked, Err(Refusal::Invalid(_))), "{forged}");
            }
        }
    }

    fn on(&self, world: &World) -> Vec<String> {
        if world.issued.is_empty() {
            return Vec::new();
        }
        let pair = &self.seen.get(&world.issued).pair;
        let seen = [(&pair.access_token, "at+jwt"), (&pair.refresh_token, "rt+jwt")];
        let made = seen.map(|(token, typ)| self.made.from(token, typ));
        made.concat()
    }
}

impl Made {
    fn from(&self, token: &str, typ: &str) -> Vec<String> {
        vec![match self {
            Self::Cut => {
                return (0..token.len()).map(|end| token[..end].to_owned()).collect();
            }
            Self::WithAnotherKey => {
                let secret = SecretKey::new(Algorithm::Hs256, &[7; 32]).unwrap();
                let key = SigningKey::secret(secret).with_id(key_id(token));
                Signer::new(key).sign(typ, &payload(token)).unwrap()
            }
            Self::AnotherGeneration(generation) => with(token, "gen", json!(generation)),
            Self::AnotherVersion(version) => with(token, "ver", json!(version)),
            Self::AnotherSession(id) => with(token, "sid", json!(base64url::encode(id))),
            Self::AnotherSubject(subject) => with(token, "sub", json!(subject)),
            Self::AnotherKind => token.to_owned(),
            Self::Unsigned => token[..=token.rfind('.').unwrap()].to_owned(),
            Self::FromNothing(text) => text.clone(),
        }]
    }
}

/// The token with one claim exchanged and the signature kept.
fn with(token: &str, claim: &str, value: Value) -> String {
    let mut claims: Map<String, Value> = payload(token);
    claims.insert(claim.to_owned(), value);
    let parts: Vec<&str> = token.split('.').collect();
    let claims = base64url::encode(&serde_json::to_vec(&claims).unwrap());
    format!("{}.{claims}.{}", parts[0], parts[2])
}
