//! What works.

use serde_json::json;
use vestibule_core::{AccountType, Timestamp};
use vestibule_oauth::{
    AuthorizationRequest, CallbackParams, ClientAuth, OAuthFailure, ProfileSource, ResponseMode, pkce,
};
use vestibule_testkit::Page;

use crate::support::{REDIRECT_URI, World, exposed};

#[tokio::test]
async fn a_user_of_openid_connect_is_identified_by_the_id_token() {
    let world = World::new().await;

    let identity = world.sign_in(&world.oidc()).await.unwrap();

    assert_eq!(&*identity.user.id, "248289761001");
    assert_eq!(identity.user.email.as_deref(), Some("jane@example.com"));
    assert_eq!(identity.user.email_verified, Some(true));
    assert_eq!(identity.account_type, AccountType::Oidc);
    assert_eq!(identity.profile["iss"], world.fake.issuer());
    let tokens = identity.tokens;
    assert_eq!(exposed(&tokens), (Some("access-token-2"), Some("refresh-token-3")));
    assert_eq!(tokens.token_type.as_deref(), Some("bearer"));
    assert_eq!(tokens.scope.as_deref(), Some("openid profile email"));
    assert_eq!(tokens.expires_at, Some(Timestamp::from_secs(1_795_179_973 + 3600)));
    assert_eq!(tokens.id_token.unwrap().expose().split('.').count(), 3);
    assert_eq!(world.fake.requests(Page::UserInfo), 0);
}

#[tokio::test]
async fn a_user_of_oauth_is_identified_by_the_userinfo_endpoint() {
    let world = World::new().await;
    world.fake.set_user(json!({"id": 7, "nickname": "jane"}));

    let identity = world.sign_in(&world.oauth()).await.unwrap();

    assert_eq!(&*identity.user.id, "7");
    assert_eq!(identity.user.name.as_deref(), Some("jane"));
    assert_eq!(identity.account_type, AccountType::OAuth);
    assert_eq!(identity.tokens.id_token, None);
    for page in [Page::Discovery, Page::Keys] {
        assert_eq!(world.fake.requests(page), 0);
    }
}

#[tokio::test]
async fn every_algorithm_verifies() {
    let world = World::new().await;
    for alg in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"] {
        world.fake.set_alg(alg);
        world.clock.advance(std::time::Duration::from_mins(1));

        let identity = world.sign_in(&world.oidc()).await;

        assert_eq!(&*identity.expect(alg).user.id, "248289761001", "{alg}");
    }
}

#[tokio::test]
async fn the_client_says_who_it_is_in_each_way() {
    let world = World::new().await;
    for auth in [ClientAuth::Basic, ClientAuth::Post] {
        world.sign_in(&world.oidc().with_client_auth(auth)).await.unwrap();
    }

    let wrong = world.oidc().with_client_secret("wrong");
    let refused = world.refusal(&wrong).await;
    assert_eq!(refused.to_string(), "the token endpoint refused: invalid_client");
    assert_eq!(refused.kind(), OAuthFailure::Invalid);
}

#[tokio::test]
async fn the_answer_may_come_in_a_form() {
    let world = World::new().await;
    let provider = world.oidc().with_response_mode(ResponseMode::FormPost);

    let returned = world.leave(&provider).await.unwrap();
    let callback = CallbackParams::from_form(returned.params.as_bytes()).unwrap();
    let identity = world.party.identify(&provider, &callback, &world.expected()).await.unwrap();

    assert!(returned.posted);
    assert_eq!(&*identity.user.id, "248289761001");
}

#[tokio::test]
async fn the_profile_may_come_from_the_userinfo_endpoint() {
    let world = World::new().await;
    world.fake.alter(Page::UserInfo, |user| user["name"] = "From the endpoint".into());

    let identity = world.sign_in(&world.oidc().with_profile_source(ProfileSource::UserInfo)).await.unwrap();

    assert_eq!(identity.user.name.as_deref(), Some("From the endpoint"));
    let request = world.fake.last_request(Page::UserInfo).unwrap();
    assert_eq!(request.headers()["authorization"], "Bearer access-token-2");
    assert_eq!(request.headers()["accept"], "application/json, application/jwt");
}

#[tokio::test]
async fn a_challenge_that_was_lost_on_the_way_is_noticed() {
    let world = World::new().await;
    let provider = world.oidc();
    let challenge = pkce::challenge(world.expected().code_verifier.unwrap());
    let request = AuthorizationRequest {
        redirect_uri: REDIRECT_URI,
        state: world.expected().state,
        nonce: world.expected().nonce,
        code_challenge: Some(&challenge),
        params: &[],
    };
    let url = world.party.authorization_url(&provider, &request).await.unwrap();

    let without = url.replace("&code_challenge=", "&lost=");
    let returned = world.fake.visit(&without);
    let refused = world.checked(world.come_back(&provider, &returned.params).await);

    // The verifier goes to the provider all the same, which sees that it did not ask for one.
    assert_eq!(refused.to_string(), "the token endpoint refused: invalid_grant");
}

#[tokio::test]
async fn a_code_is_good_for_once() {
    let world = World::new().await;
    let returned = world.leave(&world.oidc()).await.unwrap();

    world.come_back(&world.oidc(), &returned.params).await.unwrap();
    let again = world.checked(world.come_back(&world.oidc(), &returned.params).await);

    assert_eq!(again.to_string(), "the token endpoint refused: invalid_grant");
}

#[tokio::test]
async fn a_code_of_another_browser_is_refused_by_the_provider() {
    let world = World::new().await;
    let returned = world.leave(&world.oidc()).await.unwrap();
    let callback = CallbackParams::from_query(&returned.params).unwrap();
    let other = "b".repeat(43);

    let expected = vestibule_oauth::Expected { code_verifier: Some(&other), ..world.expected() };
    let refused = world.checked(world.party.identify(&world.oidc(), &callback, &expected).await);

    assert_eq!(refused.to_string(), "the token endpoint refused: invalid_grant");
}
