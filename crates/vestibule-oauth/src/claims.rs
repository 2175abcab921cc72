//! What an ID token must say (OpenID Connect Core §3.1.3.7).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use vestibule_core::Timestamp;

use crate::OAuthError;
use crate::issuer::Issuer;
use crate::jose::Verified;
use crate::provider::Alg;
use crate::text::printable;

/// How far apart the clocks may be.
const TOLERANCE: Duration = Duration::from_secs(30);

/// What is asked of the claims.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) issuer: &'a Issuer,
    /// Issuers that the provider's data admits besides.
    pub(crate) also: &'a [&'a str],
    pub(crate) client_id: &'a str,
    pub(crate) now: Timestamp,
    /// The `nonce`; that there must be none; or that it does not matter.
    pub(crate) nonce: Nonce<'a>,
    /// How long ago the user may have signed in at the provider, if that was said.
    pub(crate) max_age: Option<Duration>,
    /// What `at_hash` is the hash of.
    pub(crate) access_token: &'a str,
}

#[derive(Clone, Copy)]
pub(crate) enum Nonce<'a> {
    /// This one.
    Is(&'a str),
    /// There is none.
    Absent,
    /// After a refresh the provider may repeat the old one, which nobody kept.
    Whatever,
}

/// Checks everything that an ID token says.
pub(crate) fn check(token: &Verified, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let claims = &token.claims;
    check_issuer(token, rules.issuer, rules.also)?;
    check_audience(claims, rules.client_id)?;
    times(claims, rules.now)?;
    text(claims, "sub")?;
    nonce(claims, rules.nonce)?;
    age(claims, rules)?;
    at_hash(token, rules.access_token)
}

/// Checks what a signed answer of a userinfo endpoint says: `iss` and `aud`, where it has them.
pub(crate) fn check_user_info(
    token: &Verified,
    issuer: &Issuer,
    also: &[&str],
    client_id: &str,
) -> Result<(), OAuthError> {
    if token.claims.contains_key("iss") {
        check_issuer(token, issuer, also)?;
    }
    if token.claims.contains_key("aud") {
        check_audience(&token.claims, client_id)?;
    }
    Ok(())
}

/// The `sub`, which is not empty.
pub(crate) fn subject(claims: &Map<String, Value>) -> Result<&str, OAuthError> {
    text(claims, "sub")
}

fn check_issuer(token: &Verified, issuer: &Issuer, also: &[&str]) -> Result<(), OAuthError> {
    let got = text(&token.claims, "iss")?;
    let tenant = token.claims.get("tid").and_then(Value::as_str);
    let expected = issuer.for_tenant(tenant).ok_or(OAuthError::ClaimMissing("tid"))?;
    if got != &*expected && !also.contains(&got) {
        return Err(OAuthError::IssuerMismatch { expected: printable(&expected), got: printable(got) });
    }
    // Entra ID has keys for one tenant, and keys for all, which name the issuer as the document does.
    let admitted = |key: &str| key == got || key == &*issuer.text();
    if matches!(issuer, Issuer::AnyTenant { .. })
        && token.key_issuer.as_deref().is_some_and(|key| !admitted(key))
    {
        return Err(OAuthError::KeyUnknown);
    }
    Ok(())
}

fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), OAuthError> {
    let several = match claims.get("aud") {
        Some(Value::String(one)) => {
            return if one == client_id { Ok(()) } else { Err(OAuthError::AudienceMismatch) };
        }
        Some(Value::Array(several)) if several.iter().all(Value::is_string) => several,
        _ => return Err(OAuthError::ClaimMissing("aud")),
    };
    if !several.iter().any(|one| one == client_id) {
        return Err(OAuthError::AudienceMismatch);
    }
    if several.len() > 1 && claims.get("azp").and_then(Value::as_str) != Some(client_id) {
        return Err(OAuthError::AuthorizedPartyMismatch);
    }
    Ok(())
}

fn times(claims: &Map<String, Value>, now: Timestamp) -> Result<(), OAuthError> {
    let expires = time(claims, "exp")?.ok_or(OAuthError::ClaimMissing("exp"))?;
    let issued = time(claims, "iat")?.ok_or(OAuthError::ClaimMissing("iat"))?;
    let valid_from = time(claims, "nbf")?;
    if expires.after(TOLERANCE) <= now {
        return Err(OAuthError::Expired);
    }
    let latest = now.after(TOLERANCE);
    if issued > latest || valid_from.is_some_and(|from| from > latest) {
        return Err(OAuthError::NotYetValid);
    }
    Ok(())
}

fn age(claims: &Map<String, Value>, rules: &Rules<'_>) -> Result<(), OAuthError> {
    let Some(max_age) = rules.max_age else { return Ok(()) };
    let signed_in = time(claims, "auth_time")?.ok_or(OAuthError::ClaimMissing("auth_time"))?;
    let oldest = rules.now.before(max_age).before(TOLERANCE);
    if signed_in < oldest { Err(OAuthError::AuthenticationTooOld) } else { Ok(()) }
}

/// A `NumericDate`, which may have a fraction.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, OAuthError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0).ok_or(OAuthError::ClaimMissing(name))?;
    #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest there is")]
    Ok(Some(Timestamp::from_millis((seconds * 1000.0) as i64)))
}

fn nonce(claims: &Map<String, Value>, rule: Nonce<'_>) -> Result<(), OAuthError> {
    let fine = match (rule, claims.get("nonce")) {
        (Nonce::Is(sent), Some(Value::String(got))) => got.as_bytes().ct_eq(sent.as_bytes()).into(),
        (Nonce::Absent, None) | (Nonce::Whatever, _) => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(OAuthError::NonceMismatch) }
}

/// The left half of the access token's hash, where there is one. For Ed25519 it was never settled which hash is meant.
fn at_hash(token: &Verified, access_token: &str) -> Result<(), OAuthError> {
    let hash: &'static Algorithm = match token.alg {
        Alg::Rs256 | Alg::Ps256 | Alg::Es256 | Alg::Hs256 => &SHA256,
        Alg::Rs384 | Alg::Ps384 | Alg::Es384 => &SHA384,
        Alg::Rs512 | Alg::Ps512 => &SHA512,
        Alg::EdDsa => return Ok(()),
    };
    let Some(got) = token.claims.get("at_hash") else { return Ok(()) };
    let hash = digest(hash, access_token.as_bytes());
    let expected = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
    if got == expected.as_str() { Ok(()) } else { Err(OAuthError::AccessTokenMismatch) }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, OAuthError> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(OAuthError::ClaimMissing(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::any_json;

    const NOW: i64 = 1_000_000;
    const GUID: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    fn good() -> Value {
        json!({
            "iss": "https://p.example", "aud": "me", "sub": "1", "exp": NOW + 60, "iat": NOW, "nonce": "n",
            "at_hash": "ypeBEsobvcr6wjGzmiPcTQ", // of "a", SHA-256
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    fn token(claims: Value) -> Verified {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        Verified { claims, alg: Alg::Es256, key_issuer: None }
    }

    fn rules(issuer: &Issuer) -> Rules<'_> {
        Rules {
            issuer,
            also: &[],
            client_id: "me",
            now: Timestamp::from_secs(NOW),
            nonce: Nonce::Is("n"),
            max_age: None,
            access_token: "a",
        }
    }

    fn check_one(claims: Value) -> Result<(), OAuthError> {
        check(&token(claims), &rules(&Issuer::exact("https://p.example")))
    }

    fn refusal(claims: Value) -> String {
        check_one(claims).expect_err("a refusal").to_string()
    }

    #[test]
    fn what_is_as_it_must_be_is_accepted() {
        check_one(good()).unwrap();
        check_one(with("aud", json!(["me"]))).unwrap();
        let mut several = with("aud", json!(["you", "me"]));
        several["azp"] = json!("me");
        check_one(several).unwrap();
    }

    #[test]
    fn a_claim_that_is_missing_or_of_the_wrong_kind_is_named() {
        for name in ["iss", "aud", "sub", "exp", "iat"] {
            let mut without = good();
            without.as_object_mut().unwrap().remove(name);
            for claims in [without, with(name, json!(null)), with(name, json!({})), with(name, json!([1]))] {
                assert_eq!(refusal(claims), format!("the token lacks a proper `{name}`"));
            }
        }
        assert_eq!(refusal(with("sub", json!(""))), "the token lacks a proper `sub`");
        assert_eq!(refusal(with("sub", json!(1))), "the token lacks a proper `sub`");
        assert_eq!(refusal(with("exp", json!("1000060"))), "the token lacks a proper `exp`");
        assert_eq!(refusal(with("exp", json!(-1))), "the token lacks a proper `exp`");
        assert_eq!(refusal(with("nbf", json!("x"))), "the token lacks a proper `nbf`");
    }

    #[test]
    fn clocks_may_be_half_a_minute_apart_and_no_more() {
        let fine = |name, at| check_one(with(name, json!(at))).is_ok();

        assert!(fine("exp", NOW - 29) && !fine("exp", NOW - 30));
        assert!(fine("nbf", NOW + 30) && !fine("nbf", NOW + 31));
        assert!(fine("iat", NOW + 30) && !fine("iat", NOW + 31));
        assert!(matches!(check_one(with("exp", json!(NOW - 30))), Err(OAuthError::Expired)));
        assert!(matches!(check_one(with("nbf", json!(NOW + 31))), Err(OAuthError::NotYetValid)));
        assert!(check_one(with("exp", json!(1e300))).is_ok());
        assert!(check_one(with("exp", json!(1_000_000.5))).is_ok());
    }

    #[test]
    fn a_token_for_others_is_refused() {
        let refused = |claims| check_one(claims).unwrap_err();

        assert!(matches!(refused(with("aud", json!("you"))), OAuthError::AudienceMismatch));
        assert!(matches!(refused(with("aud", json!([]))), OAuthError::AudienceMismatch));
        assert!(matches!(refused(with("aud", json!(["you"]))), OAuthError::AudienceMismatch));
        assert!(matches!(refused(with("aud", json!(["me", "you"]))), OAuthError::AuthorizedPartyMismatch));
        let mut other = with("aud", json!(["me", "you"]));
        other["azp"] = json!("you");
        assert!(matches!(refused(other), OAuthError::AuthorizedPartyMismatch));
    }

    #[test]
    fn the_issuer_is_met_to_the_letter() {
        for other in ["https://p.example/", "https://P.example", "http://p.example", "https://q.example"] {
            assert!(matches!(check_one(with("iss", json!(other))), Err(OAuthError::IssuerMismatch { .. })));
        }
        let issuer = Issuer::exact("https://p.example");
        let also = Rules { also: &["p.example"], ..rules(&issuer) };
        check(&token(with("iss", json!("p.example"))), &also).unwrap();
    }

    #[test]
    fn a_tenant_signs_for_itself_alone() {
        let of = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let issuer = Issuer::of_tenant(&of("common"), &of("{tenantid}")).unwrap();
        let result = |iss: &str, tid: &str, key: Option<&str>| {
            let mut claims = with("iss", json!(iss));
            claims["tid"] = json!(tid);
            let mut token = token(claims);
            token.key_issuer = key.map(Into::into);
            check(&token, &rules(&issuer))
        };

        result(&of(GUID), GUID, None).unwrap();
        result(&of(GUID), GUID, Some(&of(GUID))).unwrap();
        result(&of(GUID), GUID, Some(&of("{tenantid}"))).unwrap();
        let other = "9188040d-6c67-4c5b-b112-36a304b66dad";
        assert!(matches!(result(&of(GUID), other, None), Err(OAuthError::IssuerMismatch { .. })));
        assert!(matches!(result(&of("common"), "common", None), Err(OAuthError::ClaimMissing("tid"))));
        assert!(matches!(result(&of(GUID), GUID, Some(&of(other))), Err(OAuthError::KeyUnknown)));
    }

    #[test]
    fn a_nonce_is_the_one_that_was_sent() {
        let result = |nonce: Nonce<'_>, claims| {
            let issuer = Issuer::exact("https://p.example");
            check(&token(claims), &Rules { nonce, ..rules(&issuer) }).is_ok()
        };
        let mut without = good();
        without.as_object_mut().unwrap().remove("nonce");

        assert!(result(Nonce::Is("n"), good()));
        assert!(!result(Nonce::Is("m"), good()));
        assert!(!result(Nonce::Is("n"), without.clone()));
        assert!(!result(Nonce::Is("n"), with("nonce", json!(1))));
        assert!(result(Nonce::Absent, without.clone()));
        assert!(!result(Nonce::Absent, good()));
        assert!(result(Nonce::Whatever, good()) && result(Nonce::Whatever, without));
    }

    #[test]
    fn a_user_who_signed_in_too_long_ago_is_refused_where_that_was_said() {
        let issuer = Issuer::exact("https://p.example");
        let result = |claims| {
            check(&token(claims), &Rules { max_age: Some(Duration::from_mins(10)), ..rules(&issuer) })
        };

        result(with("auth_time", json!(NOW - 630))).unwrap();
        assert!(matches!(result(with("auth_time", json!(NOW - 631))), Err(OAuthError::AuthenticationTooOld)));
        assert!(matches!(result(good()), Err(OAuthError::ClaimMissing("auth_time"))));
        check_one(with("auth_time", json!(0))).unwrap();
    }

    #[test]
    fn an_access_token_that_was_swapped_is_noticed() {
        let issuer = Issuer::exact("https://p.example");
        let other = Rules { access_token: "b", ..rules(&issuer) };

        assert!(matches!(check(&token(good()), &other), Err(OAuthError::AccessTokenMismatch)));
        assert!(matches!(check_one(with("at_hash", json!(1))), Err(OAuthError::AccessTokenMismatch)));
    }

    proptest! {
        #[test]
        fn no_claims_make_it_panic_and_none_pass(
            claims in any_json::object(&["iss", "aud", "sub", "exp", "iat", "nbf", "azp", "nonce", "at_hash", "tid"]),
        ) {
            prop_assert!(check_one(Value::Object(claims)).is_err());
        }

        #[test]
        fn one_claim_of_any_kind_never_makes_a_token_better(
            others in any_json::object(&["iss", "aud", "sub", "exp", "iat", "nonce"]),
        ) {
            let mut claims = good();
            for (name, value) in &others {
                claims[name] = value.clone();
            }
            let passed = check_one(claims.clone()).is_ok();
            prop_assert!(!passed || (claims["iss"] == good()["iss"] && claims["nonce"] == good()["nonce"]));
        }
    }
}
