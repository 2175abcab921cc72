//! What the application says to a sign-in at a provider, and where it leads.

use async_trait::async_trait;
use serde_json::json;
use vestibule_core::{Accounts, NewUser, ProviderId, SecretToken, Users};
use vestibule_engine::{
    CallbackError, Callbacks, Claims, JwtCause, JwtPolicy, KeptTokens, OAuthProvider, Pages, SessionStrategy,
    SignInAttempt, SignInDecision, SignInMethod, Who,
};
use vestibule_testkit::Page;

use super::{DENIED, World, ada, client_of, strategies};
use crate::app::ORIGIN;

/// Decides by the id at the provider, and by what it is asked with.
struct Doorman;

#[async_trait]
impl Callbacks for Doorman {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let SignInMethod::OAuth { account, profile } = attempt.method else {
            return Ok(SignInDecision::Allow);
        };
        assert_eq!(profile["sub"], account.provider_account_id.as_str());
        assert!(account.tokens.access_token.is_some());
        Ok(match account.provider_account_id.as_str() {
            "denied" => SignInDecision::Deny,
            "led" => SignInDecision::Redirect("/waiting-list".into()),
            "astray" => SignInDecision::Redirect("https://evil.example/".into()),
            "broken" => return Err("the list is gone".into()),
            "known" => matches!(attempt.who, Who::Known(_)).into(),
            _ => SignInDecision::Allow,
        })
    }
}

#[tokio::test]
async fn whom_the_application_refuses_leaves_no_trace() {
    for strategy in strategies() {
        let world = World::new(strategy).await.asking(Doorman);
        for (subject, location) in [
            ("denied", DENIED),
            ("broken", DENIED),
            ("known", DENIED),
            ("led", "http://localhost:3000/waiting-list"),
            ("astray", ORIGIN),
        ] {
            world.fake.set_user(json!({"sub": subject, "email": "ada@example.com"}));
            let mut browser = world.app.browser();
            let to = browser.leave_for("fake").await;
            let returned = world.fake.visit(&to);

            let answer = browser.come_back(&returned).await;

            assert_eq!(answer.location(), Some(location), "{subject}");
            assert_eq!(answer.set_cookies().len(), 3, "what was kept is deleted: {subject}");
            assert_eq!(world.who(&browser).await, None, "{subject}");
            assert_eq!(world.account(subject).await, None, "{subject}");
            assert_eq!(world.app.user("ada@example.com").await, None, "{subject}");
        }
        assert_eq!(world.diary.take(), [""; 0]);
    }
}

#[tokio::test]
async fn whom_the_application_refuses_keeps_the_session_that_they_have() {
    for strategy in strategies() {
        let world = World::new(strategy).await.asking(Doorman);
        let (mut browser, user) = world.signed_in("grace@example.com").await;
        for subject in ["denied", "led", "broken"] {
            world.fake.set_user(json!({"sub": subject}));

            world.sign_in(&mut browser).await;

            assert_eq!(world.who(&browser).await, Some(user.id.clone()));
            assert_eq!(world.accounts(&user.id).await, 0);
        }
    }
}

#[tokio::test]
async fn the_application_is_asked_about_the_user_whose_account_it_is() {
    let world = World::new(SessionStrategy::default()).await.asking(Doorman);
    world.owner("grace@example.com", "known").await;
    world.fake.set_user(json!({"sub": "known"}));

    assert_eq!(world.sign_in(&mut world.app.browser()).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn a_new_user_is_led_to_the_page_for_new_users_and_nobody_else_is() {
    for strategy in strategies() {
        let pages = Pages { new_user: Some("/welcome?x=1".into()), ..Pages::default() };
        let world = World::configured(|fake, config| {
            config.with_provider(client_of(fake, "fake")).with_pages(pages).with_session(strategy)
        })
        .await;
        world.fake.set_user(ada());
        let mut browser = world.app.browser();

        let to = browser.leave_with("fake", &[("callbackUrl", "/home?a=b")]).await;
        let first = browser.come_back(&world.fake.visit(&to)).await;
        let second = world.sign_in(&mut browser).await;

        let home = "http%3A%2F%2Flocalhost%3A3000%2Fhome%3Fa%3Db";
        assert_eq!(first.location(), Some(format!("/welcome?x=1&callbackUrl={home}").as_str()));
        assert_eq!(second.location(), Some("http://localhost:3000/home?a=b"));
    }
}

/// Puts the provider's token into the session's, as the guides of Auth.js do.
struct Putting;

#[async_trait]
impl Callbacks for Putting {
    async fn jwt(&self, mut claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        if let JwtCause::SignIn { account: Some(account), profile: Some(profile), is_new_user, .. } = cause {
            claims.insert("at", account.tokens.access_token.as_ref().map_or("", SecretToken::expose));
            claims.insert("nickname", profile["nickname"].as_str().unwrap_or_default());
            claims.insert("new", *is_new_user);
        }
        Ok(Some(claims))
    }
}

#[tokio::test]
async fn the_callback_of_the_token_sees_account_and_profile() {
    let world = World::new(JwtPolicy::default().into()).await.asking(Putting);
    world.fake.set_user(json!({"sub": "1", "email": "ada@example.com", "nickname": "ada"}));
    let mut browser = world.app.browser();

    world.sign_in(&mut browser).await;

    let headers = [(http::header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
    let session = world.app.engine.session(&http::Uri::from_static("/"), &headers).await.unwrap().unwrap();
    let claims = session.claims().unwrap();
    let stored = world.account("1").await.unwrap().tokens.access_token.unwrap();
    assert_eq!(claims.text("at"), Some(stored.expose()));
    assert_eq!(claims.text("nickname"), Some("ada"));
    assert_eq!(claims.get("new").and_then(vestibule_token::Claim::as_bool), Some(true));
}

async fn access_token(world: &World) -> SecretToken {
    world.account("ada-1").await.unwrap().tokens.access_token.unwrap()
}

#[tokio::test]
async fn the_tokens_of_the_newest_sign_in_are_kept_unless_the_first_are_to_stay() {
    for kept in [KeptTokens::Newest, KeptTokens::Linking] {
        let world = World::with(SessionStrategy::default(), |fake| fake.with_kept_tokens(kept)).await;
        world.fake.set_user(ada());
        world.sign_in(&mut world.app.browser()).await;
        let first = access_token(&world).await;

        world.sign_in(&mut world.app.browser()).await;

        assert_eq!(access_token(&world).await != first, kept == KeptTokens::Newest);
    }
}

#[tokio::test]
async fn tokens_without_a_refresh_token_do_not_replace_those_with_one() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    world.sign_in(&mut world.app.browser()).await;
    let first = world.account("ada-1").await.unwrap().tokens;
    world.fake.alter(Page::Token, |answer| drop(answer.as_object_mut().unwrap().remove("refresh_token")));

    let mut browser = world.app.browser();
    world.sign_in(&mut browser).await;

    assert!(world.who(&browser).await.is_some());
    assert_eq!(world.account("ada-1").await.unwrap().tokens, first);
}

#[tokio::test]
async fn the_session_leads_where_the_browser_wanted() {
    let world = World::configured(|fake, config| {
        let other = OAuthProvider::new(client_of(fake, "fake"));
        config.with_provider(other).with_allowed_redirect("https://www.example.com")
    })
    .await;
    world.fake.set_user(ada());
    for (callback_url, location) in [
        ("/home", "http://localhost:3000/home"),
        ("https://www.example.com/x", "https://www.example.com/x"),
        ("https://evil.example/", ORIGIN),
        ("//evil.example", ORIGIN),
    ] {
        let mut browser = world.app.browser();

        let to = browser.leave_with("fake", &[("callbackUrl", callback_url)]).await;
        let answer = browser.come_back(&world.fake.visit(&to)).await;

        assert_eq!(answer.location(), Some(location));
    }
}

#[tokio::test]
async fn an_account_can_be_linked_unlinked_and_linked_to_somebody_else() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(json!({"sub": "ada-1"}));
    let (mut browser, user) = world.signed_in("grace@example.com").await;
    world.sign_in(&mut browser).await;

    world.app.engine.unlink(&user.id, &ProviderId::from("fake"), &"ada-1".into(), false).await.unwrap();
    let mut other = world.app.browser();
    world.sign_in(&mut other).await;

    let new = world.who(&other).await.unwrap();
    assert_ne!(new, user.id);
    assert_eq!(world.app.memory.accounts_of_user(&user.id).await.unwrap(), []);
    let nobody = NewUser::default();
    assert_eq!(world.app.memory.user(&new).await.unwrap().unwrap().email, nobody.email);
}
