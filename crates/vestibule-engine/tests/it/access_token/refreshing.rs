//! When a token is refreshed, and what of it is stored.

use std::time::Duration;

use serde_json::json;
use vestibule_core::{
    AccountChanges, AccountTokens, Accounts, Change, NewAccount, NewUser, ProviderId, SecretToken, Timestamp,
    Users,
};
use vestibule_engine::AccessTokenError;
use vestibule_testkit::Page;

use super::{HOUR, Office};

/// Puts other tokens into the store than the provider gave.
async fn put(office: &Office, tokens: AccountTokens) {
    let changes = AccountChanges { tokens: Change::Set(tokens), ..AccountChanges::default() };
    let memory = &office.world.app.memory;
    memory.update_account(&ProviderId::from("fake"), &"ada-1".into(), &changes).await.unwrap();
}

#[tokio::test]
async fn a_live_token_is_given_as_it_is() {
    let office = Office::open().await;
    let process = office.process();
    office.later(Duration::from_mins(58));

    let token = office.ask(&process).await.unwrap();

    assert_eq!(token.token, office.stored_token().await);
    assert_eq!(token.scope.as_deref(), Some("openid profile email"));
    assert_eq!(token.provider_account_id.as_str(), "ada-1");
    assert_eq!(token.expires_at, office.stored().await.expires_at);
    assert_eq!(office.refreshings(), 0);
    assert_eq!(process.store.take_calls(), ["accounts_of_user"]);
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_refreshed_and_stored() {
    for minutes in [59, 60, 60 * 24 * 30] {
        let office = Office::open().await;
        let process = office.process();
        let before = office.stored().await;
        office.later(Duration::from_mins(minutes));

        let token = office.ask(&process).await.unwrap();

        let stored = office.stored().await;
        assert_ne!(before.access_token, stored.access_token);
        assert_ne!(before.refresh_token, stored.refresh_token);
        assert_eq!(Some(token.token), stored.access_token);
        assert_eq!(stored.expires_at.unwrap().as_secs(), office.world.app.now().as_secs() + 3600);
        assert_eq!(token.expires_at, stored.expires_at);
        assert_eq!(office.refreshings(), 1);
        assert_eq!(
            process.store.take_calls(),
            ["accounts_of_user", "acquire_lease", "account", "update_account", "release_lease"]
        );
    }
}

#[tokio::test]
async fn the_margin_can_be_another() {
    let office = Office::with(|provider| provider.with_refresh_margin(Duration::from_mins(10))).await;
    let process = office.process();

    office.later(Duration::from_secs(50 * 60 - 1));
    office.ask(&process).await.unwrap();
    assert_eq!(office.refreshings(), 0);
    office.later(Duration::from_secs(2));
    office.ask(&process).await.unwrap();
    assert_eq!(office.refreshings(), 1);
}

/// The provider takes each refresh token once, so that a lost one would end the row.
#[tokio::test]
async fn a_refresh_token_that_rotates_is_never_lost() {
    let office = Office::open().await;
    let mut seen = vec![office.stored().await.refresh_token];
    for round in 1..=5 {
        office.later(HOUR);
        office.ask(&office.process()).await.unwrap();

        assert_eq!(office.refreshings(), round);
        seen.push(office.stored().await.refresh_token);
    }

    seen.dedup();
    assert_eq!(seen.len(), 6);
}

#[tokio::test]
async fn what_the_provider_does_not_send_again_stays() {
    let office = Office::open().await;
    let before = office.stored().await;
    office.world.fake.alter(Page::Token, |answer| {
        let answer = answer.as_object_mut().unwrap();
        for name in ["refresh_token", "id_token", "scope", "expires_in"] {
            answer.remove(name);
        }
    });
    office.later(HOUR);

    office.ask(&office.process()).await.unwrap();

    let access_token = office.stored().await.access_token;
    assert_ne!(before.access_token, access_token);
    assert_eq!(office.stored().await, AccountTokens { access_token, expires_at: None, ..before });
}

#[tokio::test]
async fn a_token_of_which_nobody_knows_when_it_expires_is_given_for_ever() {
    let office = Office::open().await;
    put(&office, AccountTokens { expires_at: None, ..office.stored().await }).await;
    office.later(HOUR * 24 * 365);

    assert_eq!(office.ask(&office.process()).await.unwrap().token, office.stored_token().await);
    assert_eq!(office.refreshings(), 0);
}

#[tokio::test]
async fn a_refresh_token_alone_is_enough() {
    let office = Office::open().await;
    put(&office, AccountTokens { access_token: None, expires_at: None, ..office.stored().await }).await;

    assert_eq!(office.ask(&office.process()).await.unwrap().token, office.stored_token().await);
    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn without_a_refresh_token_a_token_is_given_until_it_expires_and_nobody_is_asked() {
    let office = Office::open().await;
    put(&office, AccountTokens { refresh_token: None, ..office.stored().await }).await;
    let process = office.process();
    office.later(Duration::from_secs(3599));
    assert_eq!(office.ask(&process).await.unwrap().token, office.stored_token().await);
    office.later(Duration::from_secs(1));
    process.store.take_calls();

    let refused = office.ask(&process).await.unwrap_err();

    assert!(matches!(refused, AccessTokenError::SignInAgain));
    assert_eq!(process.store.take_calls(), ["accounts_of_user"]);
    assert_eq!(office.refreshings(), 0);
}

#[tokio::test]
async fn a_token_whose_whole_life_is_shorter_than_the_margin_is_not_refreshed_by_every_call() {
    let office = Office::open().await;
    office.world.fake.alter(Page::Token, |answer| answer["expires_in"] = json!(30));
    office.later(HOUR);

    let process = office.process();

    for (seconds, refreshings) in [(0, 1), (0, 1), (22, 1), (1, 2), (0, 2)] {
        office.later(Duration::from_secs(seconds));
        let token = office.ask(&process).await.unwrap();

        assert_eq!(token.token, office.stored_token().await);
        assert_eq!(office.refreshings(), refreshings);
    }
}

#[tokio::test]
async fn of_several_accounts_each_has_its_token() {
    let office = Office::open().await;
    let memory = &office.world.app.memory;
    let second = NewAccount {
        tokens: AccountTokens { access_token: Some("second".into()), ..AccountTokens::default() },
        ..NewAccount::new("oidc".into(), "fake", "ada-2")
    };
    memory.link_account(&office.user.id, &second).await.unwrap();
    let (engine, fake) = (office.process().engine, ProviderId::from("fake"));

    let ambiguous = engine.access_token(&office.user.id, &fake).await.unwrap_err();
    assert!(matches!(ambiguous, AccessTokenError::SeveralAccounts));
    for (account, token) in [("ada-1", office.stored_token().await), ("ada-2", SecretToken::from("second"))] {
        let given = engine.access_token_of_account(&office.user.id, &fake, &account.into()).await.unwrap();
        assert_eq!(given.token, token);
    }
}

#[tokio::test]
async fn nobody_gets_the_token_of_somebody_else() {
    let office = Office::open().await;
    let memory = &office.world.app.memory;
    let other = memory.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
    let (engine, fake) = (office.process().engine, ProviderId::from("fake"));

    for refused in [
        engine.access_token(&other.id, &fake).await.unwrap_err(),
        engine.access_token_of_account(&other.id, &fake, &"ada-1".into()).await.unwrap_err(),
        engine.access_token_of_account(&office.user.id, &fake, &"ada-2".into()).await.unwrap_err(),
        engine.access_token(&"nobody".into(), &fake).await.unwrap_err(),
    ] {
        assert!(matches!(refused, AccessTokenError::NotLinked));
    }
}

#[tokio::test]
async fn only_providers_that_give_tokens_are_asked() {
    let office = Office::open().await;
    let engine = office.process().engine;

    for provider in ["email", "unknown"] {
        let refused = engine.access_token(&office.user.id, &ProviderId::from(provider)).await.unwrap_err();
        assert!(matches!(refused, AccessTokenError::UnknownProvider));
    }
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced_once() {
    let office = Office::open().await;
    let (first, fake) = (office.process(), ProviderId::from("fake"));
    let revoked = office.ask(&first).await.unwrap();

    let new = first.engine.replace_access_token(&office.user.id, &revoked, &fake).await.unwrap();
    let late = office.process().engine.replace_access_token(&office.user.id, &revoked, &fake).await.unwrap();

    assert_ne!(new.token, revoked.token);
    assert_eq!((&new.token, &late.token), (&office.stored_token().await, &office.stored_token().await));
    assert_eq!(office.refreshings(), 1);
}

#[tokio::test]
async fn a_token_that_was_revoked_is_not_given_again_when_it_cannot_be_replaced() {
    let office = Office::open().await;
    let (process, fake) = (office.process(), ProviderId::from("fake"));
    let revoked = office.ask(&process).await.unwrap();
    office.world.fake.answer(Page::Token, || http::Response::builder().status(503).body("".into()).unwrap());

    let refused = process.engine.replace_access_token(&office.user.id, &revoked, &fake).await.unwrap_err();

    assert!(matches!(refused, AccessTokenError::Unreachable(_)));
}

#[tokio::test]
async fn a_point_in_time_long_ago_or_ahead_is_nothing_special() {
    let office = Office::open().await;
    put(&office, AccountTokens { expires_at: Some(Timestamp::from_secs(-1)), ..office.stored().await }).await;
    office.ask(&office.process()).await.unwrap();
    assert_eq!(office.refreshings(), 1);

    let far = Some(Timestamp::from_millis(i64::MAX));
    put(&office, AccountTokens { expires_at: far, ..office.stored().await }).await;
    office.ask(&office.process()).await.unwrap();
    assert_eq!(office.refreshings(), 1);
}
