//! What users do with their sessions and accounts.

use std::time::Duration;

use vestibule_core::{
    AccountType, Accounts, Change, Lease, NewAccount, NewUser, ProviderAccountId, ProviderId, UserChanges,
    UserId, Users, VerificationTokens,
};
use vestibule_engine::UnlinkError;
use vestibule_engine::oauth::{Kind, Provider};

use crate::app::{App, config};

fn github() -> Provider {
    Provider::new("github", "GitHub", Kind::OAuth)
        .with_client_id("id")
        .with_client_secret("secret")
        .with_authorization("https://github.example/authorize")
        .with_token("https://github.example/token")
        .with_user_info("https://github.example/user")
}

/// A user with accounts at these providers, and with an address if one is given.
async fn user(app: &App, email: Option<&str>, providers: &[&str]) -> UserId {
    let email_verified = email.map(|_| app.now());
    let new = NewUser { email: email.map(Into::into), email_verified, ..NewUser::default() };
    let user = app.memory.create_user(&new, None).await.unwrap();
    for provider in providers {
        let account = NewAccount::new(AccountType::OAuth, *provider, "1");
        app.memory.link_account(&user.id, &account).await.unwrap();
    }
    user.id
}

async fn unlink(app: &App, user: &UserId, provider: &str, has_credentials: bool) -> Result<(), UnlinkError> {
    let (provider, id) = (ProviderId::from(provider), ProviderAccountId::from("1"));
    app.engine.unlink(user, &provider, &id, has_credentials).await.map(drop)
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let app = App::with_oauth(github());
    for (email, providers, has_credentials, may) in [
        (None, &["github"][..], false, false),
        (None, &["github", "gone"][..], false, false),
        (None, &["github"][..], true, true),
        (Some("ada@example.com"), &["github"][..], false, true),
    ] {
        let user = user(&app, email, providers).await;

        let unlinked = unlink(&app, &user, "github", has_credentials).await;

        assert_eq!(unlinked.is_ok(), may, "{email:?} {providers:?} {has_credentials}: {unlinked:?}");
        let left = app.memory.accounts_of_user(&user).await.unwrap();
        assert_eq!(left.len(), providers.len() - usize::from(may));
        app.memory.delete_user(&user).await.unwrap();
    }
}

#[tokio::test]
async fn an_address_that_nobody_verified_is_no_way_in() {
    let app = App::with_oauth(github());
    let user = user(&app, Some("ada@example.com"), &["github"]).await;
    let unverified = UserChanges { email_verified: Change::Set(None), ..UserChanges::default() };
    app.memory.update_user(&user, &unverified).await.unwrap();

    assert!(matches!(unlink(&app, &user, "github", false).await, Err(UnlinkError::LastWayIn)));
}

#[tokio::test]
async fn somebody_elses_account_is_none_of_ones_own() {
    let app = App::new();
    let ada = user(&app, Some("ada@example.com"), &["github"]).await;
    let eve = user(&app, Some("eve@example.com"), &[]).await;

    assert!(matches!(unlink(&app, &eve, "github", true).await, Err(UnlinkError::NotLinked)));

    assert_eq!(app.memory.accounts_of_user(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_at_once_cannot_take_both() {
    let app = App::with_oauth(github());
    let user = user(&app, None, &["github", "gone"]).await;
    let name = format!("vestibule:unlink:{}", user.as_str());
    let now = app.now();
    let held: Lease =
        app.memory.acquire_lease(&name, now, now.after(Duration::from_secs(30))).await.unwrap().unwrap();

    assert!(matches!(unlink(&app, &user, "gone", false).await, Err(UnlinkError::Busy)));

    app.memory.release_lease(&held).await.unwrap();
    assert!(unlink(&app, &user, "gone", false).await.is_ok());
}

#[tokio::test]
async fn signing_out_everywhere_spares_the_session_that_is_kept() {
    let app = App::with(config());
    let (mut one, mut other) = (app.browser(), app.browser());
    one.sign_in("ada@example.com").await;
    other.sign_in("ada@example.com").await;
    let user = app.user("ada@example.com").await.unwrap().id;
    assert_eq!(app.engine.sessions_of_user(&user).await.unwrap().len(), 2);

    let ended = app.engine.sign_out_everywhere(&user, one.session_token().as_ref()).await.unwrap();

    assert_eq!(ended, 1);
    assert_ne!(one.get("/auth/session").await.text(), "null");
    assert_eq!(other.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn sessions_that_expired_are_not_listed() {
    let app = App::with(config());
    app.browser().sign_in("ada@example.com").await;
    let user = app.user("ada@example.com").await.unwrap().id;

    app.clock.advance(Duration::from_hours(30 * 24));

    assert!(app.engine.sessions_of_user(&user).await.unwrap().is_empty());
}
