//! What needs a store is refused, when the engine is made or when it is asked for.

use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use vestibule_core::{AdapterError, Sessions, TouchPolicy, UserId};
use vestibule_engine::{
    Authorize, Config, ConfigProblem, Credential, Credentials, CredentialsError, CredentialsProvider,
    EmailProvider, Engine, JwtPolicy, Limits, OsRandom, Parts, StoreRateLimiter,
};
use vestibule_memory::Memory;

use crate::app::{App, ORIGIN, SECRET};
use crate::without_store::{browser, claims, config, parts, sign_in};

struct Ada;

#[async_trait]
impl Authorize for Ada {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        let ada = || Credential { id: Some("ada".into()), name: Some("Ada".into()), ..Credential::default() };
        Ok((fields.get("password") == Some("pw")).then(ada))
    }
}

fn with_credentials() -> Config {
    Config::new(SECRET).with_base_url(ORIGIN).with_provider(CredentialsProvider::new(Ada))
}

fn counting() -> Parts {
    let memory = Arc::new(Memory::new());
    Parts::without_store().with_rate_limiter(StoreRateLimiter::new(memory, Arc::new(OsRandom)))
}

fn problems(config: Config) -> Vec<String> {
    let error = Engine::new(config, parts()).unwrap_err();
    assert!(error.problems().iter().all(|problem| matches!(problem, ConfigProblem::MissingAdapter { .. })));
    error.problems().iter().map(ToString::to_string).collect()
}

#[test]
fn what_needs_a_store_is_refused_before_anything_starts() {
    let email = EmailProvider::new("App <no-reply@example.com>");

    assert_eq!(
        problems(config().with_provider(email)),
        [
            "there is no store for provider `email`, which signs in by e-mail: hand one in with `Parts::new`, or leave it out"
        ]
    );
    assert_eq!(
        problems(config().with_session(TouchPolicy::default())),
        [
            "there is no store for sessions that are rows of it: hand one in with `Parts::new`, or keep them in the \
             cookie with `JwtPolicy`"
        ]
    );
    assert_eq!(
        problems(with_credentials()),
        [
            "there is no store for counting wrong credentials: hand one in with `Parts::new`, or something else that counts \
             with `Parts::with_rate_limiter`, or set `Limits::off()`"
        ]
    );
}

#[test]
fn what_needs_none_is_taken() {
    for (config, parts) in [
        (config(), parts()),
        (config().with_session(JwtPolicy::default()), parts()),
        (with_credentials().with_limits(Limits::off()), Parts::without_store()),
        (with_credentials(), counting()),
    ] {
        assert!(!Engine::new(config, parts).unwrap().parts().has_store());
    }
}

#[tokio::test]
async fn credentials_sign_in_whom_the_application_names() {
    let mut browser = browser(with_credentials(), counting());

    let wrong = browser.post("/auth/callback/credentials", &[("password", "?")]).await;
    let right = browser.post("/auth/callback/credentials", &[("password", "pw")]).await;

    assert!(wrong.location().unwrap().contains("error=CredentialsSignin"));
    assert_eq!(right.status(), StatusCode::FOUND);
    assert_eq!(claims(&browser).text("sub"), Some("ada"));
}

#[tokio::test]
async fn no_question_about_a_store_is_answered_as_if_there_were_one() {
    let engine = Engine::new(config(), parts()).unwrap();
    let ada = UserId::from("ada");
    let is_refused = |error: AdapterError| matches!(error, AdapterError::Refused { .. });
    let adapter = engine.parts().adapter();

    assert!(is_refused(engine.sessions_of_user(&ada).await.unwrap_err()));
    assert!(is_refused(engine.sign_out_everywhere(&ada, None).await.unwrap_err()));
    assert!(is_refused(adapter.user(&ada).await.unwrap_err()));
    assert!(is_refused(adapter.user_by_email("ada@example.com").await.unwrap_err()));
    assert!(is_refused(adapter.session_and_user(&"token".into()).await.unwrap_err()));
    assert!(is_refused(adapter.delete_expired_sessions(engine.parts().clock.now(), 1).await.unwrap_err()));
    assert!(is_refused(adapter.ping().await.unwrap_err()));
    assert!(engine.access_token(&ada, &"other".into()).await.is_err());
    assert!(engine.unlink(&ada, &"other".into(), &"ada-7".into(), true).await.is_err());
}

#[tokio::test]
async fn a_store_that_is_handed_in_later_is_one() {
    let app = App::new();
    let store = Arc::clone(app.engine.parts().adapter());
    let mut browser = browser(config(), parts().with_adapter(store));

    sign_in(&mut browser, "other").await;

    assert!(browser.app.engine.parts().has_store());
    let ada = app.user("ada@example.com").await.unwrap();
    assert_eq!(app.memory.sessions_of_user(&ada.id).await.unwrap().len(), 1);
}
