//! What goes wrong at the provider or in the store, and how it goes on.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use vestibule_core::{Accounts, ProviderId, SecretToken};
use vestibule_engine::AccessTokenError;
use vestibule_engine::oauth::OAuthError;
use vestibule_testkit::{FakeProvider, Fault, Page};

use super::{HOUR, Office};
use crate::app::SECRET;
use crate::secrecy::Log;

fn answering(status: u16, body: &'static str) -> impl Fn() -> Response<Bytes> + Send + Sync + 'static {
    move || Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
}

#[tokio::test]
async fn an_outage_of_the_provider_passes() {
    let office = Office::open().await;
    let process = office.process();
    let before = office.stored().await;
    office.later(HOUR);
    for status in [500, 503, 429] {
        office.world.fake.answer(Page::Token, answering(status, "later"));
        let refused = office.ask(&process).await.unwrap_err();
        assert!(matches!(refused, AccessTokenError::Unreachable(_)), "{refused}");
        assert_eq!(office.stored().await, before);
    }

    office.world.fake.heal();

    assert_eq!(office.ask(&process).await.unwrap().token, office.stored_token().await);
}

#[tokio::test]
async fn while_the_old_token_is_good_no_failure_keeps_it_back() {
    for (status, body) in
        [(503, "later"), (400, r#"{"error":"invalid_grant"}"#), (401, r#"{"error":"invalid_client"}"#)]
    {
        let office = Office::open().await;
        let process = office.process();
        office.later(Duration::from_secs(59 * 60 + 30));
        office.world.fake.answer(Page::Token, answering(status, body));

        let token = office.ask(&process).await.unwrap();

        assert_eq!(token.token, office.stored_token().await);
        assert_eq!(office.refreshings(), 1);
        office.later(Duration::from_secs(30));
        office.ask(&process).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_good_no_more_asks_for_a_sign_in() {
    let office = Office::open().await;
    let process = office.process();
    let before = office.stored().await;
    office.later(HOUR);
    office.world.fake.answer(Page::Token, answering(400, r#"{"error":"invalid_grant"}"#));

    for _ in 0..4 {
        let refused = office.ask(&process).await.unwrap_err();
        assert!(matches!(refused, AccessTokenError::SignInAgain));
    }

    assert_eq!(office.refreshings(), 1, "whoever was refused does not ask again");
    assert_eq!(office.stored().await, before, "nothing is thrown away for it");
    office.world.fake.heal();
    office.world.sign_in(&mut office.world.app.browser()).await;
    assert_eq!(office.ask(&process).await.unwrap().token, office.stored_token().await);
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_told_apart() {
    let office = Office::open().await;
    let process = office.process();
    office.later(HOUR);
    for (status, body) in [
        (401, r#"{"error":"invalid_client"}"#),
        (400, r#"{"error":"unauthorized_client"}"#),
        (200, "<html>"),
        (200, r#"{"access_token":1,"token_type":"bearer"}"#),
    ] {
        office.world.fake.answer(Page::Token, answering(status, body));
        let refused = office.ask(&process).await.unwrap_err();
        assert!(matches!(refused, AccessTokenError::Refused(_)), "{body}: {refused}");
    }

    office.world.fake.heal();

    office.ask(&process).await.unwrap();
}

#[tokio::test]
async fn an_id_token_that_is_wrong_is_refused_and_nothing_is_stored() {
    let office = Office::open().await;
    let before = office.stored().await;
    office.world.fake.alter_claims(|claims| drop(claims.insert("sub".into(), "".into())));
    office.world.fake.sign(vestibule_testkit::Signing::Stranger);
    office.later(HOUR);

    let refused = office.ask(&office.process()).await.unwrap_err();

    assert!(matches!(refused, AccessTokenError::Refused(_)));
    assert_eq!(office.stored().await, before);
}

#[tokio::test]
async fn the_tokens_of_somebody_else_are_refused_and_nothing_is_stored() {
    let log = Log::default();
    let _guard = log.listen();
    // Expired, and good for half a minute still.
    for (later, is_good) in [(HOUR, false), (Duration::from_secs(59 * 60 + 30), true)] {
        let office = Office::open().await;
        let process = office.process();
        let before = office.stored().await;
        office.world.fake.alter_claims(|claims| drop(claims.insert("sub".into(), "eve-1".into())));
        office.later(later);

        let asked = office.ask(&process).await;

        match asked {
            Ok(token) => assert!(is_good && Some(token.token) == before.access_token),
            Err(AccessTokenError::Refused(OAuthError::RefreshedSubjectMismatch)) => assert!(!is_good),
            Err(other) => panic!("{other:?}"),
        }
        assert_eq!(office.refreshings(), 1);
        assert_eq!(office.stored().await, before);
        office.world.fake.heal();
        office.later(HOUR);
        let spent = office.ask(&process).await.unwrap_err();
        assert!(matches!(spent, AccessTokenError::SignInAgain), "nothing of the answer was kept: {spent}");
    }

    let text = log.text();
    assert_eq!(text.matches("new tokens were refused").count(), 2, "{text}");
    for secret in ["eve-1", "ada-1", "access-token", "refresh-token"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_told_as_such() {
    for fault in [Fault::Unavailable, Fault::Corrupt, Fault::Refused] {
        // Not the last two: the new tokens are under way by then.
        for step in 0..3 {
            let office = Office::open().await;
            let process = office.process();
            office.later(HOUR);
            process.store.fail_after(step, fault);

            let refused = office.ask(&process).await.unwrap_err();

            assert!(matches!(refused, AccessTokenError::Store(_)), "{step} {refused}");
            assert_eq!(office.refreshings(), 0);
            process.store.recover();
            if step == 2 {
                // The lease could not be given back.
                office.later(Duration::from_mins(1));
            }
            office.ask(&process).await.unwrap();
            assert_eq!(office.refreshings(), 1);
        }
    }
}

#[tokio::test]
async fn a_store_that_goes_down_with_the_new_tokens_under_way_is_asked_again_until_it_takes_them() {
    let office = Office::open().await;
    let process = office.process();
    office.later(HOUR);
    process.store.fail_after(3, Fault::Unavailable);
    let (asking, user) = (process.clone(), office.user.clone());

    let task = tokio::spawn(async move { asking.ask(&user).await });
    process.waits().await;
    process.store.recover();
    let token = office.wait_for(task).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn new_tokens_that_cannot_be_stored_are_given_to_nobody_and_stored_by_the_next_call() {
    for fault in [Fault::Unavailable, Fault::Refused] {
        let office = Office::open().await;
        let process = office.process();
        let before = office.stored().await;
        office.later(HOUR);
        process.store.fail_after(3, fault);
        let (asking, user) = (process.clone(), office.user.clone());

        let task = tokio::spawn(async move { asking.ask(&user).await });
        let refused = office.wait_for(task).await.unwrap_err();

        assert!(matches!(refused, AccessTokenError::Store(_)));
        assert_eq!(office.stored().await, before);
        process.store.recover();
        let other = office.process_without_runtime();
        assert!(
            matches!(office.ask(&other).await.unwrap_err(), AccessTokenError::Busy),
            "the old refresh token is kept from others"
        );
        let token = office.ask(&process).await.unwrap();
        assert_eq!(token.token, office.stored_token().await);
        assert_eq!(office.ask(&other).await.unwrap(), token);
        assert_eq!(office.refreshings(), 1);
    }
}

#[tokio::test]
async fn new_tokens_that_could_not_be_stored_give_way_to_those_of_a_new_sign_in() {
    let office = Office::open().await;
    let process = office.process_without_runtime();
    office.later(HOUR);
    process.store.fail_after(3, Fault::Unavailable);
    office.ask(&process).await.unwrap_err();
    process.store.recover();

    office.world.sign_in(&mut office.world.app.browser()).await;
    let signed_in = office.stored().await;

    assert_eq!(Some(office.ask(&process).await.unwrap().token), signed_in.access_token);
    office.later(HOUR);
    office.ask(&process).await.unwrap();
    assert_ne!(office.stored().await, signed_in);
}

#[tokio::test]
async fn an_account_that_is_unlinked_meanwhile_gets_no_tokens() {
    let office = Office::open().await;
    let process = office.process();
    office.later(HOUR);
    let memory = office.world.app.memory.clone();
    process.store.meanwhile("update_account", move || async move {
        memory.unlink_account(&ProviderId::from("fake"), &"ada-1".into()).await.unwrap();
    });

    let refused = office.ask(&process).await.unwrap_err();

    assert!(matches!(refused, AccessTokenError::NotLinked));
    assert_eq!(office.world.account("ada-1").await, None);
}

#[tokio::test]
async fn a_lease_that_cannot_be_given_back_costs_nothing() {
    let office = Office::open().await;
    let process = office.process();
    office.later(HOUR);
    process.store.fail_after(4, Fault::Unavailable);

    let token = office.ask(&process).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
}

#[tokio::test]
async fn no_error_and_no_trace_holds_a_token() {
    let log = Log::default();
    let _guard = log.listen();
    let office = Office::open().await;
    let process = office.process();
    let mut told = Vec::new();
    let mut secrets = vec![SECRET.to_owned(), FakeProvider::CLIENT_SECRET.to_owned(), "ada-1".to_owned()];
    for (status, body) in [
        (0, ""),
        (400, r#"{"error":"invalid_scope","error_description":"ada-1"}"#),
        (503, "ada-1"),
        (200, r#"{"access_token":"ada-1"}"#),
        (400, r#"{"error":"invalid_grant"}"#),
    ] {
        office.later(HOUR);
        if status > 0 {
            office.world.fake.answer(Page::Token, answering(status, body));
        }
        let asked = office.ask(&process).await;
        told.push(format!("{asked:?}"));
        let tokens = office.stored().await;
        let stored = [tokens.access_token, tokens.refresh_token, tokens.id_token];
        secrets.extend(stored.iter().flatten().map(SecretToken::expose).map(str::to_owned));
    }

    let text = log.text();
    assert!(text.contains("a refresh token is spent"), "{text}");
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret}: {text}");
        assert!(secret == "ada-1" || !told.iter().any(|told| told.contains(&secret)), "{secret}: {told:?}");
    }
}
