//! What does not make a user, and what does not make an address somebody's.

use serde_json::json;

use crate::subject::subjects;

#[test]
fn no_provider_s_error_is_a_user() {
    for subject in subjects() {
        for error in [
            json!({}),
            json!({"error": "invalid_token", "error_description": "x", "message": "Bad credentials", "code": 401}),
            json!({"errcode": 40001, "errmsg": "invalid credential"}),
            json!({"data": null, "response": [], "Response": {}, "user": "x"}),
            json!([]),
            json!("no"),
        ] {
            let user = subject.provider.mapping().read(&error);
            assert!(user.is_err(), "{}: {error} is {user:?}", subject.entry.id());
        }
    }
}

/// Where users, or administrators of tenants that anybody can have, write any address into the profile.
#[test]
fn an_address_that_anybody_can_write_never_counts_as_verified() {
    for id in [
        "azure-ad",
        "azure-ad-b2c",
        "facebook",
        "gitlab",
        "microsoft-entra-id",
        "spotify",
        "twitter",
        "workos",
    ] {
        let mut subject = subjects().into_iter().find(|subject| subject.entry.id() == id).unwrap();
        for name in ["email_verified", "verified", "confirmed_at"] {
            subject.userinfo[name] = json!(true);
        }

        let user = subject.provider.mapping().read(&subject.userinfo).unwrap();

        assert_eq!(user.email_verified, None, "{id}");
        assert!(!subject.provider.mapping().vouches_for_addresses(), "{id}");
    }
}

#[test]
fn who_says_that_addresses_are_verified_is_known() {
    for id in ["apple", "discord", "github", "google", "kakao"] {
        let subject = subjects().into_iter().find(|subject| subject.entry.id() == id).unwrap();

        assert!(subject.provider.mapping().vouches_for_addresses(), "{id}");
    }
}

#[test]
fn entra_says_by_a_claim_of_its_own_whose_an_address_is() {
    let mut subject =
        subjects().into_iter().find(|subject| subject.entry.id() == "microsoft-entra-id").unwrap();
    for (claim, verified) in
        [(json!(true), Some(true)), (json!("1"), Some(true)), (json!(false), Some(false))]
    {
        subject.userinfo["xms_edov"] = claim;

        let user = subject.provider.mapping().read(&subject.userinfo).unwrap();

        assert_eq!(user.email_verified, verified);
    }
}
