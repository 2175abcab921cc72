//! Refreshing.

use vestibule_core::SecretToken;
use vestibule_oauth::{OAuthError, ProviderEndpoint};
use vestibule_testkit::{Page, Signing};

use crate::support::{World, assert_refused, exposed};

impl World {
    async fn refresh_token(&self) -> SecretToken {
        let identity = self.sign_in(&self.oidc()).await.expect("an identity");
        identity.tokens.refresh_token.expect("a refresh token")
    }
}

#[tokio::test]
async fn new_tokens_come_for_a_refresh_token() {
    let world = World::new().await;
    let token = world.refresh_token().await;

    let tokens = world.party.refresh(&world.oidc(), &token).await.unwrap();

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

    let tokens = world.party.refresh(&world.oidc(), &token).await.unwrap();

    assert_eq!(exposed(&tokens), (Some("access-token-4"), Some("refresh-token-3")));
}

#[tokio::test]
async fn a_refresh_token_that_was_used_is_refused() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.party.refresh(&world.oidc(), &token).await.unwrap();

    let refused = world.checked(world.party.refresh(&world.oidc(), &token).await);

    assert_refused!(refused, OAuthError::TokenRefused { ref error, .. } if &**error == "invalid_grant");
}

#[tokio::test]
async fn an_id_token_that_comes_along_is_checked() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.sign(Signing::Stranger);

    let refused = world.checked(world.party.refresh(&world.oidc(), &token).await);

    assert_refused!(refused, OAuthError::BadSignature);
}

#[tokio::test]
async fn an_answer_without_an_access_token_is_refused() {
    let world = World::new().await;
    let token = world.refresh_token().await;
    world.fake.alter(Page::Token, |answer| answer["access_token"] = "".into());

    let refused = world.checked(world.party.refresh(&world.oidc(), &token).await);

    assert_refused!(refused, OAuthError::Member { from: ProviderEndpoint::Token, name: "access_token" });
}
