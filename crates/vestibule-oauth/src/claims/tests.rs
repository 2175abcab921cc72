//! What an ID token must say, and what happens if it does not.

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
    let result =
        |claims| check(&token(claims), &Rules { max_age: Some(Duration::from_mins(10)), ..rules(&issuer) });

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
