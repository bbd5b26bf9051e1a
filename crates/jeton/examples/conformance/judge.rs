//! What jeton says of a case.

use std::time::Duration;

use jeton::jws;
use jeton::limits::Limits;
use jeton::{Claims, KeySet, Policy, Timestamp, Verifier, VerifyError, base64url};
use serde_json::{Value, json};

use crate::case::{Case, Checks};
use crate::keys;

/// Generous: some cases are large on purpose, and none is meant to be refused for it.
const LIMITS: Limits =
    Limits::DEFAULT.with_token(1 << 20).with_header(1 << 18).with_depth(120).with_members(10_000);

pub(crate) enum Verdict {
    Valid,
    /// With the code of the refusal, and its text.
    Invalid(&'static str, String),
    /// Asks for what jeton does not have.
    NotApplicable(String),
}

impl Verdict {
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid(..) => "invalid",
            Self::NotApplicable(_) => "not-applicable",
        }
    }

    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Valid => "",
            Self::Invalid(code, _) => code,
            Self::NotApplicable(why) => why,
        }
    }

    /// More than the code says.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Invalid(_, text) => text,
            other => other.code(),
        }
    }

    pub(crate) fn to_json(&self, [source, id]: [Value; 2]) -> Value {
        json!({ "source": source, "id": id, "outcome": self.outcome(), "code": self.code() })
    }
}

pub(crate) fn judge(case: &Case) -> Verdict {
    if let Some(missing) = missing(case) {
        return Verdict::NotApplicable(missing.to_owned());
    }
    let keys = match keys::key_set(case) {
        Ok(keys) => keys,
        Err(error) => return Verdict::Invalid("key_refused", error.to_string()),
    };
    match verify(case, keys) {
        Ok(()) => Verdict::Valid,
        Err(error) => Verdict::Invalid(error.code(), error.to_string()),
    }
}

/// What this case asks for and jeton does not have: unsigned tokens that are accepted, payloads
/// that are not encoded (RFC 7797), and Ed448.
fn missing(case: &Case) -> Option<&'static str> {
    let header = case.token.split('.').next().and_then(base64url::decode);
    let header: Value = serde_json::from_slice(&header.unwrap_or_default()).unwrap_or_default();
    let says = |name, value: Value| header.get(name) == Some(&value);
    let allows = |list: &[String], name: &str| list.iter().any(|allowed| allowed == name);
    if says("alg", json!("none")) && allows(&case.alg_allowed, "none") {
        Some("unsecured")
    } else if says("b64", json!(false)) && allows(&case.checks.crit, "b64") {
        Some("b64")
    } else if case.has_flag("opt:Ed448") {
        Some("Ed448")
    } else {
        None
    }
}

fn verify(case: &Case, keys: KeySet) -> Result<(), VerifyError> {
    let attached = match &case.checks.detached_payload {
        Some(payload) => jws::attach(&case.token, &keys::bytes(payload))?,
        None => case.token.clone(),
    };
    if case.kind == "jws" {
        let verifier = Verifier::new(keys, policy(&case.checks)).with_limits(LIMITS);
        return verifier.verify_payload(&attached).map(drop);
    }
    let now = Timestamp::from_secs(case.now.map_or(0, whole));
    let policy = match case.now {
        Some(_) => policy(&case.checks),
        None => policy(&case.checks).ignore_expiry().ignore_not_before(),
    };
    let verifier = Verifier::new(keys, policy).with_limits(LIMITS);
    verifier.verify::<Claims>(&attached, now).map(drop)
}

fn policy(checks: &Checks) -> Policy {
    let mut policy = match &checks.aud_if_present {
        Some(_) => Policy::jwt(),
        None => Policy::signature_and_time_only(),
    };
    policy = policy.with_leeway(span(checks.leeway));
    for name in &checks.crit {
        policy = policy.with_understood(name);
    }
    policy = claims(policy, checks);
    times(policy, checks)
}

fn claims(mut policy: Policy, checks: &Checks) -> Policy {
    if let Some(typ) = &checks.typ {
        policy = policy.with_type(typ);
    }
    if let Some(issuers) = checks.iss.clone() {
        policy = policy.with_any_issuer(issuers.into_vec());
    }
    if let Some(audiences) = checks.aud.clone() {
        policy = policy.with_any_audience(audiences.into_vec());
    }
    if let Some(audiences) = &checks.aud_all {
        policy = policy.with_all_audiences(audiences);
    }
    if let Some(subject) = &checks.sub {
        policy = policy.with_subject(subject);
    }
    if let Some(id) = &checks.jti {
        policy = policy.with_token_id(id);
    }
    if let Some(nonce) = &checks.nonce {
        policy = policy.with_nonce(nonce);
    }
    for name in &checks.require {
        policy = policy.with_required(lasting(name));
    }
    for name in &checks.present {
        policy = policy.with_present(lasting(name));
    }
    for name in &checks.null_claims {
        policy = policy.with_null(lasting(name));
    }
    for (name, value) in &checks.claims {
        policy = policy.with_claim(lasting(name), value.clone());
    }
    for (name, values) in &checks.claims_contain {
        let values = values.as_array().cloned().unwrap_or_default();
        policy = policy.with_claim_containing(lasting(name), values);
    }
    policy
}

fn times(mut policy: Policy, checks: &Checks) -> Policy {
    if checks.leeway_exp.is_some() {
        policy = policy.with_expiry_leeway(span(checks.leeway_exp));
    }
    if checks.leeway_nbf.is_some() {
        policy = policy.with_not_before_leeway(span(checks.leeway_nbf));
    }
    if checks.leeway_iat.is_some() {
        policy = policy.with_issue_leeway(span(checks.leeway_iat));
    }
    if let Some(age) = checks.max_age {
        policy = policy.with_max_age(Duration::from_secs_f64(age.max(0.0)));
    }
    if checks.iat_future.is_some() && !checks.ignore_iat {
        policy = policy.refuse_future_issue();
    }
    if checks.ignore_exp {
        policy = policy.ignore_expiry();
    }
    if checks.ignore_nbf {
        policy = policy.ignore_not_before();
    }
    policy
}

/// Names of claims last as long as the program; here they come from a file.
fn lasting(name: &str) -> &'static str {
    name.to_owned().leak()
}

fn span(seconds: Option<f64>) -> Duration {
    Duration::from_secs_f64(seconds.unwrap_or(0.0).max(0.0))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock")]
fn whole(seconds: f64) -> u64 {
    seconds.max(0.0) as u64
}
