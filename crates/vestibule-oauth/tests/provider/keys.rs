//! Keys that come and go.

use std::time::Duration;

use http::Response;
use serde_json::{Value, json};
use vestibule_http::{Bytes, http};
use vestibule_oauth::{OAuthError, OAuthFailure, ProviderEndpoint};
use vestibule_testkit::{Page, Signing};

use crate::support::{World, assert_refused};

const FROM: ProviderEndpoint = ProviderEndpoint::Keys;

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it() {
    let world = World::new().await;
    world.sign_in(&world.oidc()).await.unwrap();

    world.fake.rotate_keys();
    world.clock.advance(Duration::from_secs(30));
    world.sign_in(&world.oidc()).await.unwrap();

    assert_eq!(world.fake.requests(Page::Keys), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_meet_a_new_key_at_once_ask_for_it_once() {
    let world = std::sync::Arc::new(World::new().await);
    world.sign_in(&world.oidc()).await.unwrap();
    world.fake.rotate_keys();
    world.clock.advance(Duration::from_secs(30));

    let tasks = (0..32).map(|_| {
        let world = std::sync::Arc::clone(&world);
        tokio::spawn(async move { world.sign_in(&world.oidc()).await.map(drop) })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }

    assert_eq!(world.fake.requests(Page::Keys), 2);
}

#[tokio::test]
async fn unknown_keys_do_not_make_us_ask_more_than_every_half_minute() {
    let world = World::new().await;
    world.sign_in(&world.oidc()).await.unwrap();
    world.fake.alter_header(|header| drop(header.insert("kid".into(), "no-such-key".into())));

    for _ in 0..3 {
        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::KeyUnknown);
    }
    assert_eq!(world.fake.requests(Page::Keys), 1);
    world.clock.advance(Duration::from_secs(30));
    for _ in 0..3 {
        assert_refused!(world.refusal(&world.oidc()).await, OAuthError::KeyUnknown);
    }
    assert_eq!(world.fake.requests(Page::Keys), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_forgotten_within_a_quarter_of_an_hour() {
    let world = World::new().await;
    world.sign_in(&world.oidc()).await.unwrap();
    // The provider withdraws the key; whoever stole it signs on.
    world.fake.alter(Page::Keys, |keys| keys["keys"] = json!([]));

    world.clock.advance(Duration::from_mins(15).checked_sub(Duration::from_millis(1)).unwrap());
    world.sign_in(&world.oidc()).await.unwrap();
    world.clock.advance(Duration::from_millis(1));

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::KeyUnknown);
}

#[tokio::test]
async fn a_token_that_names_no_key_is_tried_with_all_that_fit() {
    let world = World::new().await;
    world.fake.rotate_keys();
    world.fake.set_alg("RS256");
    world.fake.set_alg("ES256");
    world.fake.alter_header(|header| drop(header.remove("kid")));

    world.sign_in(&world.oidc()).await.unwrap();
    world.fake.retire_keys();
    world.clock.advance(Duration::from_mins(15));
    world.sign_in(&world.oidc()).await.unwrap();

    world.fake.sign(Signing::Stranger);
    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::BadSignature);
}

#[tokio::test]
async fn a_token_that_names_no_key_may_be_of_a_new_one() {
    let world = World::new().await;
    world.fake.alter_header(|header| drop(header.remove("kid")));
    world.sign_in(&world.oidc()).await.unwrap();

    world.fake.rotate_keys();
    world.clock.advance(Duration::from_secs(30));

    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn keys_for_encryption_do_not_sign() {
    let world = World::new().await;
    world.fake.alter(Page::Keys, |keys| keys["keys"][0]["use"] = "enc".into());

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::KeyUnknown);
}

#[tokio::test]
async fn keys_without_end_are_refused() {
    let world = World::new().await;

    world.fake.alter(Page::Keys, |keys| {
        let key = keys["keys"][0].clone();
        keys["keys"] = vec![key; 101].into();
    });

    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::TooManyKeys { limit: 100 });
}

#[tokio::test]
async fn answers_that_are_no_keys_are_refused_each_by_its_name() {
    let world = World::new().await;
    let answers: [fn() -> Response<Bytes>; 4] = [
        || Response::new(Bytes::from_static(b"[]")),
        || Response::new(Bytes::from_static(b"{}")),
        || Response::builder().status(503).body(Bytes::new()).unwrap(),
        || Response::new(Bytes::from(vec![b' '; 2 * 1024 * 1024])),
    ];
    let mut refusals = Vec::new();
    for answer in answers {
        world.fake.answer(Page::Keys, answer);
        world.clock.advance(Duration::from_secs(2));
        refusals.push(world.refusal(&world.oidc()).await);
    }

    assert_refused!(&refusals[0], OAuthError::NotJson { from: FROM });
    assert_refused!(&refusals[1], OAuthError::Member { from: FROM, name: "keys" });
    assert_refused!(&refusals[2], OAuthError::Status { from: FROM, status: 503 });
    assert_refused!(&refusals[3], OAuthError::TooLarge { from: FROM, .. });
    assert_eq!(refusals[2].kind(), OAuthFailure::Unreachable);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_anew_leave_the_known_ones_in_force() {
    let world = World::new().await;
    world.sign_in(&world.oidc()).await.unwrap();
    world.clock.advance(Duration::from_mins(1));

    world.fake.answer(Page::Keys, || Response::builder().status(503).body(Bytes::new()).unwrap());
    world.fake.alter_header(|header| drop(header.insert("kid".into(), "no-such-key".into())));
    assert_refused!(world.refusal(&world.oidc()).await, OAuthError::Status { from: FROM, .. });
    world.fake.heal();

    world.sign_in(&world.oidc()).await.unwrap();
}

#[tokio::test]
async fn a_key_that_nobody_can_use_does_not_spoil_the_others() {
    let world = World::new().await;
    world.fake.alter(Page::Keys, |keys| {
        let list = keys["keys"].as_array_mut().unwrap();
        list.insert(0, json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "…"}));
        list.insert(0, Value::Null);
    });

    world.sign_in(&world.oidc()).await.unwrap();
}
