//! The userinfo endpoint.

use http::Response;
use serde_json::json;
use vestibule_http::{Bytes, http};
use vestibule_oauth::{
    Alg, OAuthError, OAuthFailure, ProfileError, ProfileSource, Provider, ProviderEndpoint, UserInfoMethod,
    UserInfoRequest,
};
use vestibule_testkit::{Page, Signing};

use crate::support::{World, assert_refused};

const FROM: ProviderEndpoint = ProviderEndpoint::UserInfo;

impl World {
    fn by_user_info(&self) -> Provider {
        self.oidc().with_profile_source(ProfileSource::UserInfo)
    }
}

#[tokio::test]
async fn another_user_than_the_id_token_says_is_refused() {
    let world = World::new().await;

    world.fake.alter(Page::UserInfo, |user| user["sub"] = "another".into());
    assert_refused!(world.refusal(&world.by_user_info()).await, OAuthError::SubjectMismatch);

    world.fake.heal();
    world.fake.alter(Page::UserInfo, |user| drop(user.as_object_mut().unwrap().remove("sub")));
    assert_refused!(world.refusal(&world.by_user_info()).await, OAuthError::SubjectMismatch);
}

#[tokio::test]
async fn an_error_does_not_make_a_user() {
    let world = World::new().await;
    for (status, failure) in
        [(401, OAuthFailure::Invalid), (403, OAuthFailure::Invalid), (500, OAuthFailure::Unreachable)]
    {
        world.fake.answer(Page::UserInfo, move || {
            let body = Bytes::from_static(br#"{"id": 1, "message": "Bad credentials"}"#);
            Response::builder().status(status).body(body).unwrap()
        });
        for provider in [world.oauth(), world.by_user_info()] {
            let refused = world.refusal(&provider).await;
            assert_eq!(refused.kind(), failure);
            assert_refused!(refused, OAuthError::Status { from: FROM, status: got } if got == status);
        }
    }
}

#[tokio::test]
async fn a_user_without_an_id_is_none() {
    let world = World::new().await;
    for user in [json!({"message": "ok"}), json!({"id": null}), json!({"sub": ""})] {
        world.fake.set_user(user);
        assert_refused!(world.refusal(&world.oauth()).await, OAuthError::Profile(ProfileError::IdMissing));
    }
}

#[tokio::test]
async fn answers_that_are_no_object_or_too_large_are_refused() {
    let world = World::new().await;
    for body in ["[]", "\"x\"", "<html>", ""] {
        world.fake.answer(Page::UserInfo, move || Response::new(Bytes::from_static(body.as_bytes())));
        assert_refused!(world.refusal(&world.oauth()).await, OAuthError::NotJson { from: FROM });
    }
    world.fake.answer(Page::UserInfo, || Response::new(Bytes::from(vec![b' '; 2 * 1024 * 1024])));
    assert_refused!(world.refusal(&world.oauth()).await, OAuthError::TooLarge { from: FROM, .. });
}

#[tokio::test]
async fn a_signed_answer_is_verified() {
    let world = World::new().await;
    let issuer = world.fake.issuer();
    world.fake.sign_user_info(json!({"iss": issuer, "aud": "the-client"}));
    let provider = world.by_user_info().with_id_token_alg(Alg::Es256).with_user_info_alg(Alg::Es256);

    let identity = world.sign_in(&provider).await.unwrap();

    assert_eq!(identity.user.name.as_deref(), Some("Jane Doe"));
    world.fake.sign_user_info(json!({"iss": "https://evil.example"}));
    assert_refused!(world.refusal(&provider).await, OAuthError::IssuerMismatch { .. });
    world.fake.sign_user_info(json!({"aud": "another-client"}));
    assert_refused!(world.refusal(&provider).await, OAuthError::AudienceMismatch);
    world.fake.sign_user_info(json!({"sub": "another"}));
    assert_refused!(world.refusal(&provider).await, OAuthError::SubjectMismatch);
}

#[tokio::test]
async fn a_signature_that_is_wrong_or_missing_is_refused() {
    let world = World::new().await;
    let provider = world.oauth().with_issuer(world.fake.issuer()).with_jwks_uri(world.fake.url("/keys"));
    let provider = provider.with_user_info_alg(Alg::Es256);

    assert_refused!(world.refusal(&provider).await, OAuthError::UserInfoUnsigned);
    world.fake.sign_user_info(json!({}));
    world.sign_in(&provider).await.unwrap();
    for (signing, refusal) in [
        (Signing::Stranger, "the signature is wrong"),
        (Signing::Broken, "the signature is wrong"),
        (Signing::None, "the algorithm `none` is not allowed"),
        (Signing::HmacUnderSecret, "the algorithm `HS256` is not allowed"),
    ] {
        world.fake.sign(signing);
        assert_eq!(world.refusal(&provider).await.to_string(), refusal);
    }
}

#[tokio::test]
async fn a_request_may_be_of_another_make() {
    let world = World::new().await;
    let asked = UserInfoRequest::new()
        .with_method(UserInfoMethod::PostJson(r#"{"sync_token": "*"}"#.into()))
        .with_header("x-api-key", "{client_id}")
        .with_header("user-agent", "mine")
        .with_profile_at("/response/0");
    world.fake.alter(Page::UserInfo, |user| *user = json!({"response": [user.clone()]}));

    let identity = world.sign_in(&world.oauth().with_user_info_request(asked)).await.unwrap();

    assert_eq!(&*identity.user.id, "248289761001");
    let request = world.fake.last_request(Page::UserInfo).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(&request.body()[..], br#"{"sync_token": "*"}"#);
    for (name, value) in
        [("x-api-key", "the-client"), ("user-agent", "mine"), ("content-type", "application/json")]
    {
        assert_eq!(request.headers()[name], value);
    }
}

#[tokio::test]
async fn a_token_may_travel_in_the_url() {
    let world = World::new().await;
    world.fake.alter(Page::Token, |answer| answer["user_id"] = json!("a/b c"));
    world.fake.answer(Page::UserInfo, || Response::new(Bytes::from_static(br#"{"id": 1}"#)));
    let provider = world
        .oauth()
        .with_user_info(world.fake.url("/userinfo?token={access_token}&user={token.user_id}"))
        .with_user_info_request(UserInfoRequest::new().without_bearer());

    world.sign_in(&provider).await.unwrap();

    let request = world.fake.last_request(Page::UserInfo).unwrap();
    assert_eq!(request.uri().query(), Some("token=access-token-2&user=a%2Fb%20c"));
    assert!(!request.headers().contains_key("authorization"));
    let lacking = provider.with_user_info(world.fake.url("/userinfo?user={token.nothing}"));
    assert_refused!(world.refusal(&lacking).await, OAuthError::Member { from: ProviderEndpoint::Token, .. });
}
