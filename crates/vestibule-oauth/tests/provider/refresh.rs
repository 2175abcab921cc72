//! Refreshing.

use serde_json::json;
use vestibule_core::{ProviderAccountId, SecretToken};
use vestibule_oauth::{Alg, OAuthError, ProfileSource, ProviderEndpoint, UserInfo, UserInfoMapping};
use vestibule_testkit::{Page, Signing};

use crate::support::{World, assert_refused, exposed};

impl World {
    async fn refresh_token(&self) -> SecretToken {
        let identity = self.sign_in(&self.oidc()).await.expect("an identity");
        identity.tokens.refresh_token.expect("a refresh token")
    }
}

/// Jane's account, as the provider names her.
fn jane() -> ProviderAccountId {
    "248289761001".into()
}

/// Names users by the number that they have at work.
fn by_number() -> UserInfoMapping {
    UserInfoMapping::new(|profile| {
        Ok(UserInfo::new(profile.get("number").and_then(serde_json::Value::as_str).unwrap_or_default()))
    })
}

#[tokio::test]
async fn new_tokens_come_for_a_refresh_token() {
    let world = World::new().await;
    let token = world.refresh_token().await;

    let tokens = world.party.refresh(&world.oidc(), &token, &jane()).await.unwrap();

    assert_eq!(exposed(&tokens), (Some("access-token-4"), Some("refresh-token-5")));
    assert!(tokens.id_token.is_some());
    let request = world.fake.last_request(Page::Token).unwrap();
    assert_eq!(&request.body()[..], b"refresh_token=refresh-token-3&grant_type=refresh_token");
}

#[tokio::test]
async fn the_old_refresh_token_stays_if_there_is_no_new_one() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.alter(Page::Token, |answer| drop(answer.as_object_mut().unwrap().remove("refresh_token")));

    let tokens = world.party.refresh(&world.oidc(), &token, &jane()).await.unwrap();

    assert_eq!(exposed(&tokens), (Some("access-token-4"), Some("refresh-token-3")));
}

#[tokio::test]
async fn a_refresh_token_that_was_used_is_refused() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.party.refresh(&world.oidc(), &token, &jane()).await.unwrap();

    let refused = world.checked(world.party.refresh(&world.oidc(), &token, &jane()).await);

    assert_refused!(refused, OAuthError::TokenRefused { ref error, .. } if &**error == "invalid_grant");
}

#[tokio::test]
async fn an_id_token_that_comes_along_is_checked() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.sign(Signing::Stranger);

    let refused = world.checked(world.party.refresh(&world.oidc(), &token, &jane()).await);

    assert_refused!(refused, OAuthError::BadSignature);
}

#[tokio::test]
async fn an_answer_without_an_access_token_is_refused() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.alter(Page::Token, |answer| answer["access_token"] = "".into());

    let refused = world.checked(world.party.refresh(&world.oidc(), &token, &jane()).await);

    assert_refused!(refused, OAuthError::Member { from: ProviderEndpoint::Token, name: "access_token" });
}

#[tokio::test]
async fn the_tokens_of_somebody_else_are_refused() {
    let world = World::new().await;
    let provider = world.oidc();
    for provider in [provider.clone(), provider.with_profile_source(ProfileSource::UserInfo)] {
        world.fake.heal();
        let token = world.refresh_token().await;
        world.fake.alter_claims(|claims| drop(claims.insert("sub".into(), "24400320".into())));
        world.fake.alter(Page::UserInfo, |user| user["sub"] = "24400320".into());

        let refused = world.checked(world.party.refresh(&provider, &token, &jane()).await);

        assert_refused!(refused, OAuthError::RefreshedSubjectMismatch);
    }
}

#[tokio::test]
async fn tokens_without_an_id_token_are_taken_and_those_of_another_issuer_refused() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.alter(Page::Token, |answer| drop(answer.as_object_mut().unwrap().remove("id_token")));
    let tokens = world.party.refresh(&world.oidc(), &token, &jane()).await.unwrap();
    world.fake.heal();
    world.fake.alter_claims(|claims| drop(claims.insert("iss".into(), "https://evil.example".into())));

    let token = tokens.refresh_token.unwrap();
    let refused = world.checked(world.party.refresh(&world.oidc(), &token, &jane()).await);

    assert_refused!(refused, OAuthError::IssuerMismatch { .. });
}

#[tokio::test]
async fn an_account_that_is_named_otherwise_is_met_with_what_names_it() {
    for source in [ProfileSource::IdToken, ProfileSource::UserInfo] {
        let world = World::new().await;
        let provider = world.oidc().with_mapping(by_number()).with_profile_source(source);
        world.fake.set_user(json!({"sub": "248289761001", "number": "17"}));
        let token = world.sign_in(&provider).await.unwrap().tokens.refresh_token.unwrap();

        let tokens = world.party.refresh(&provider, &token, &"17".into()).await.unwrap();
        let token = tokens.refresh_token.unwrap();
        let refused = world.checked(world.party.refresh(&provider, &token, &"18".into()).await);

        assert_refused!(refused, OAuthError::RefreshedSubjectMismatch);
        let asked = if source == ProfileSource::UserInfo { 3 } else { 0 };
        assert_eq!(world.fake.requests(Page::UserInfo), asked);
    }
}

/// Its ID token tells of nobody that the accounts are named by.
#[tokio::test]
async fn with_oauth_an_account_may_be_named_otherwise_than_by_its_id_token() {
    let world = World::new().await;
    let provider = world.oauth().with_scope("openid").with_id_token_alg(Alg::Es256);
    let provider = provider.with_issuer(world.fake.issuer()).with_jwks_uri(world.fake.url("/keys"));
    let token = world.sign_in(&provider).await.unwrap().tokens.refresh_token.unwrap();

    let tokens = world.party.refresh(&provider, &token, &"17".into()).await.unwrap();

    assert!(tokens.id_token.is_some());
}
