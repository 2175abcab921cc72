//! What single providers do differently.

use http::Response;
use serde_json::{Value, json};
use vestibule_http::{Bytes, http};
use vestibule_oauth::{CallbackParams, OAuthError, OAuthFailure, Quirk, UserInfo, UserInfoMapping};
use vestibule_testkit::Page;

use crate::support::{World, assert_refused};

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

#[tokio::test]
async fn github_tells_the_address_and_whether_it_is_verified() {
    let world = World::new().await;
    world.fake.set_user(json!({"id": 1, "email": null}));
    world.fake.alter(Page::Emails, |emails| {
        emails[0] = json!({"email": "jane@example.com", "primary": true, "verified": true});
    });
    let provider = world.oauth().with_quirk(Quirk::GitHubEmails);

    let user = world.sign_in(&provider).await.unwrap().user;

    assert_eq!((user.email.as_deref(), user.email_verified), (Some("jane@example.com"), Some(true)));
}

#[tokio::test]
async fn github_without_the_scope_for_addresses_has_none_and_an_outage_is_one() {
    let world = World::new().await;
    world.fake.set_user(json!({"id": 1, "email": null}));
    let provider = world.oauth().with_quirk(Quirk::GitHubEmails);

    world.fake.answer(Page::Emails, || Response::builder().status(404).body(Bytes::new()).unwrap());
    let user = world.sign_in(&provider).await.unwrap().user;
    assert_eq!((user.email, user.email_verified), (None, None));

    world.fake.answer(Page::Emails, || Response::builder().status(502).body(Bytes::new()).unwrap());
    assert_eq!(world.refusal(&provider).await.kind(), OAuthFailure::Unreachable);
}

#[tokio::test]
async fn apple_tells_the_name_in_the_callback() {
    let world = World::new().await;
    let mapping = UserInfoMapping::new(|profile| {
        let mut user = UserInfo::from_claims(profile)?;
        user.name = profile["user"]["name"]["firstName"].as_str().map(str::to_owned);
        Ok(user)
    });
    let provider = world.oidc().with_quirk(Quirk::UserInCallback).with_mapping(mapping);
    for (told, name, is_kept) in [
        (r#"{"name": {"firstName": "Jane"}}"#, Some("Jane"), true),
        ("not JSON", None, false),
        ("[1]", None, false),
        (r#"{"sub": "evil"}"#, None, true),
    ] {
        let mut returned = world.leave(&provider).await.unwrap().params;
        returned += "&user=";
        returned.extend(url_encoded(told));
        let callback = CallbackParams::from_form(returned.as_bytes()).unwrap();

        let identity = world.party.identify(&provider, &callback, &world.expected()).await.unwrap();

        assert_eq!(identity.user.name.as_deref(), name);
        assert_eq!(&*identity.user.id, "248289761001");
        assert_eq!(identity.profile.get("user").is_some(), is_kept);
    }
}

fn url_encoded(text: &str) -> impl Iterator<Item = &str> {
    form_urlencoded::byte_serialize(text.as_bytes())
}

/// Makes the provider one of many tenants, as Entra ID is.
fn many_tenants(world: &World, tid: &'static str, iss: impl Fn(&str) -> String + Send + Sync + 'static) {
    let base = world.fake.issuer();
    let document = base.clone();
    world.fake.alter(Page::Discovery, move |answer| {
        answer["issuer"] = format!("{document}/{{tenantid}}/v2.0").into();
        answer["authorization_response_iss_parameter_supported"] = false.into();
    });
    world.fake.alter_return(|params| params.retain(|(name, _)| name != "iss"));
    world.fake.alter_claims(move |claims| {
        claims.insert("tid".into(), tid.into());
        claims.insert("iss".into(), iss(&base).into());
    });
}

impl World {
    fn entra(&self) -> vestibule_oauth::Provider {
        self.oidc()
            .with_issuer(format!("{}/common/v2.0", self.fake.issuer()))
            .with_discovery_url(self.fake.url("/.well-known/openid-configuration"))
            .with_quirk(Quirk::TenantIssuer)
    }
}

#[tokio::test]
async fn each_tenant_of_entra_is_an_issuer() {
    let world = World::new().await;
    many_tenants(&world, TENANT, |base| format!("{base}/{TENANT}/v2.0"));

    let identity = world.sign_in(&world.entra()).await.unwrap();

    assert_eq!(identity.profile["tid"], TENANT);
}

#[tokio::test]
async fn a_tenant_of_entra_cannot_speak_for_another() {
    for (tid, iss) in [
        ("9188040d-6c67-4c5b-b112-36a304b66dad", "{base}/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"),
        (TENANT, "{base}/{tenantid}/v2.0"),
        (TENANT, "https://evil.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0"),
    ] {
        let world = World::new().await;
        many_tenants(&world, tid, move |base| iss.replace("{base}", base));
        assert_refused!(world.refusal(&world.entra()).await, OAuthError::IssuerMismatch { .. });
    }
    let world = World::new().await;
    many_tenants(&world, "common", |base| format!("{base}/common/v2.0"));
    assert_refused!(world.refusal(&world.entra()).await, OAuthError::ClaimMissing("tid"));
}

#[tokio::test]
async fn a_callback_of_one_tenant_and_a_token_of_another_do_not_go_together() {
    for (tenant, fine) in [(TENANT, true), ("9188040d-6c67-4c5b-b112-36a304b66dad", false)] {
        let world = World::new().await;
        many_tenants(&world, TENANT, |base| format!("{base}/{TENANT}/v2.0"));
        let iss = format!("{}/{tenant}/v2.0", world.fake.issuer());
        world.fake.alter_return(move |params| params.push(("iss".into(), iss.clone())));

        let result = world.sign_in(&world.entra()).await;

        if fine {
            result.unwrap();
        } else {
            assert_refused!(world.checked(result), OAuthError::CallbackIssuerMismatch { .. });
        }
    }
}

#[tokio::test]
async fn entra_with_one_tenant_admits_no_other() {
    let world = World::new().await;
    many_tenants(&world, TENANT, |base| format!("{base}/{TENANT}/v2.0"));
    let of = |tenant: &str| world.entra().with_issuer(format!("{}/{tenant}/v2.0", world.fake.issuer()));

    world.sign_in(&of(TENANT)).await.unwrap();
    assert_refused!(
        world.refusal(&of("9188040d-6c67-4c5b-b112-36a304b66dad")).await,
        OAuthError::IssuerMismatch { .. }
    );
}

#[tokio::test]
async fn without_the_quirk_a_template_is_no_issuer() {
    let world = World::new().await;
    many_tenants(&world, TENANT, |base| format!("{base}/{TENANT}/v2.0"));
    let provider = world
        .oidc()
        .with_issuer(format!("{}/common/v2.0", world.fake.issuer()))
        .with_discovery_url(world.fake.url("/.well-known/openid-configuration"));

    assert_refused!(world.refusal(&provider).await, OAuthError::DiscoveryIssuerMismatch { .. });
}

#[tokio::test]
async fn a_member_of_the_token_response_may_belong_to_the_profile() {
    let world = World::new().await;
    world.fake.alter(Page::Token, |answer| {
        answer["email"] = json!("from@token.example");
        answer["name"] = json!("From the token");
    });
    world.fake.set_user(json!({"id": 1, "name": "From the endpoint", "email": null}));
    let provider = world
        .oauth()
        .with_quirk(Quirk::ProfileFromToken("email".into()))
        .with_quirk(Quirk::ProfileFromToken("name".into()));

    let identity = world.sign_in(&provider).await.unwrap();

    assert_eq!(identity.user.email.as_deref(), Some("from@token.example"));
    assert_eq!(identity.profile["name"], "From the endpoint");
}

#[tokio::test]
async fn a_token_response_may_lack_its_type_or_be_nested() {
    let world = World::new().await;
    world.fake.alter(Page::Token, |answer| {
        answer.as_object_mut().unwrap().remove("token_type");
        *answer = json!({"data": answer.clone()});
    });
    let provider =
        world.oauth().with_quirk(Quirk::TokenTypeMissing).with_quirk(Quirk::TokenAt("/data".into()));

    let tokens = world.sign_in(&provider).await.unwrap().tokens;

    assert_eq!(tokens.token_type.as_deref(), Some("bearer"));
    assert_refused!(world.refusal(&world.oauth()).await, OAuthError::Member { name: "access_token", .. });
}

#[tokio::test]
async fn another_issuer_may_be_admitted_by_name() {
    let world = World::new().await;
    world.fake.alter_claims(|claims| drop(claims.insert("iss".into(), Value::from("accounts.example"))));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::IssuerMismatch { .. });
    world.sign_in(&world.oidc().with_quirk(Quirk::AlsoIssuer("accounts.example".into()))).await.unwrap();
}
