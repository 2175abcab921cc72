//! Ways in that a review found, each shut.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use vestibule_core::{Change, User, UserChanges, Users};
use vestibule_engine::{
    CallbackError, Callbacks, Claims, ConfigProblem, Engine, JwtCause, JwtPolicy, Linking, SessionStrategy,
    SignInAttempt, SignInDecision, TrustedHosts, Who,
};

use super::{CONFIGURATION, DENIED, World, ada};
use crate::app::{App, config};

/// Ends every session once it is told to.
#[derive(Clone, Default)]
struct Revoking(Arc<AtomicBool>);

#[async_trait]
impl Callbacks for Revoking {
    async fn jwt(&self, claims: Claims, _: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        Ok((!self.0.load(Ordering::SeqCst)).then_some(claims))
    }
}

#[tokio::test]
async fn a_token_that_the_application_has_ended_links_nothing() {
    let revoking = Revoking::default();
    let world = World::new(JwtPolicy::default().into()).await.asking(revoking.clone());
    let (mut thief, victim) = world.signed_in("victim@example.com").await;
    world.fake.set_user(ada());
    revoking.0.store(true, Ordering::SeqCst);

    world.sign_in(&mut thief).await;

    assert_eq!(world.accounts(&victim.id).await, 0);
}

/// Bans a user that the store knows.
struct Banning;

#[async_trait]
impl Callbacks for Banning {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        Ok(match attempt.who {
            Who::Known(user) if user.name.as_deref() == Some("banned") => SignInDecision::Deny,
            _ => SignInDecision::Allow,
        })
    }
}

async fn banned(world: &World) -> User {
    let (_, user) = world.signed_in("ada@example.com").await;
    let changes = UserChanges { name: Change::Set(Some("banned".into())), ..UserChanges::default() };
    world.app.memory.update_user(&user.id, &changes).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_application_is_asked_about_the_user_whom_an_account_is_linked_to_by_address() {
    for linking in [Linking::SameVerifiedEmail, Linking::DangerousSameEmail] {
        let world = World::with(SessionStrategy::default(), |fake| fake.with_linking(linking)).await;
        world.fake.set_user(ada());
        let user = banned(&world).await;
        let world = world.asking(Banning);
        let mut browser = world.app.browser();

        let answer = world.sign_in(&mut browser).await;

        assert_eq!(answer.location(), Some(DENIED), "{linking:?}");
        assert_eq!(browser.session_token(), None);
        assert_eq!(world.accounts(&user.id).await, 0);
    }
}

#[tokio::test]
async fn a_sign_in_that_was_planted_from_a_neighboring_host_is_not_this_browsers() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut attacker = world.app.browser();
    let returned = world.fake.visit(&attacker.leave_for("fake").await);
    let (mut victim, user) = world.signed_in("victim@example.com").await;
    for name in ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"] {
        victim.cookies.insert(name.into(), attacker.cookies[name].clone());
    }

    let answer = victim.come_back(&returned).await;

    assert_eq!(answer.location(), Some(CONFIGURATION));
    assert_eq!(world.accounts(&user.id).await, 0);
    assert_eq!(world.who(&victim).await, Some(user.id));
}

#[tokio::test]
async fn a_token_about_nobody_signs_nobody_in() {
    let app = App::with(config().with_session(JwtPolicy::default().with_nextauth_v4()));
    let now = app.now().as_secs();
    // What NextAuth v4 seals under the keys of its sessions beside them: a state, a code verifier.
    let claims = Claims::from_json(r#"{"state":"x","code_verifier":"y"}"#).unwrap();
    let secret = [crate::app::SECRET];
    let own = "authjs.session-token";
    for (cookie, keys) in [
        ("next-auth.session-token", vestibule_token::SessionKeys::nextauth_v4(&secret, "")),
        (own, vestibule_token::SessionKeys::new(&secret, own)),
    ] {
        let mut browser = app.browser();
        browser.cookies.insert(cookie.into(), keys.seal(&claims, now, 600, &[7; 32]));
        let headers =
            [(http::header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();

        let found = app.engine.session(&http::Uri::from_static("/"), &headers).await.unwrap();
        let shown = browser.get("/auth/session").await;

        assert!(found.is_none(), "{cookie}");
        // Under the keys of version 5 there are sessions alone, and Auth.js shows those that name nobody.
        assert_eq!(shown.text() == "null", cookie != own, "{}", shown.text());
    }
}

#[test]
fn a_redirect_proxy_beside_any_host_is_refused() {
    let parts = App::new().engine.parts().clone();
    let config = vestibule_engine::Config::new("a secret of at least 32 characters")
        .with_trusted_hosts(TrustedHosts::Any)
        .with_redirect_proxy("https://app.example.com/auth");

    let refused = Engine::new(config, parts).unwrap_err();

    assert!(matches!(refused.problems(), [ConfigProblem::Value { .. }]), "{refused}");
}

/// Fails for a URL that it does not like.
struct Picky;

#[async_trait]
impl Callbacks for Picky {
    async fn redirect(&self, url: &str, _: &str) -> Result<Option<String>, CallbackError> {
        if url.contains("bad") { Err("no".into()) } else { Ok(None) }
    }
}

#[tokio::test]
async fn a_remembered_url_that_the_application_fails_at_does_not_stop_everything() {
    let world = World::new(SessionStrategy::default()).await.asking(Picky);
    let mut browser = world.app.browser();
    browser.cookies.insert("authjs.callback-url".into(), "http%3A%2F%2Flocalhost%3A3000%2Fbad".into());

    assert_eq!(browser.get("/auth/session").await.text(), "null");
    assert_eq!(browser.cookies["authjs.callback-url"], "http%3A%2F%2Flocalhost%3A3000");
}
