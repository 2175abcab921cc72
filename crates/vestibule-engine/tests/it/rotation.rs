//! Another session in place of the one that a browser has.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_core::{Change, Extra, SessionChanges, Sessions, Users};
use vestibule_engine::{
    CallbackError, Callbacks, Claims, CurrentSession, Engine, JwtCause, JwtPolicy, SessionError,
};
use vestibule_testkit::Fault;

use crate::app::{App, Browser, config};

fn headers(browser: &Browser) -> HeaderMap {
    [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect()
}

async fn rotate(browser: &Browser, data: &Extra) -> Result<Option<CurrentSession>, SessionError> {
    browser.app.engine.rotate_session(&Uri::from_static("/"), &headers(browser), data).await
}

/// The browser with the cookies of a response that says so.
fn with_cookies(browser: &Browser, session: &CurrentSession) -> Browser {
    let mut browser = browser.clone();
    for line in &session.set_cookies {
        let line = line.to_str().unwrap();
        let (name, rest) = line.split_once('=').unwrap();
        if line.contains("Max-Age=0") {
            browser.cookies.remove(name);
        } else {
            browser.cookies.insert(name.into(), rest.split(';').next().unwrap().into());
        }
    }
    browser
}

fn data(value: &Value) -> Extra {
    value.as_object().unwrap().iter().map(|(name, value)| (name.as_str().into(), value.clone())).collect()
}

async fn signed_in(app: &App) -> Browser {
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    browser
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.clone().get("/auth/session").await.json()["user"]["email"] == "ada@example.com"
}

async fn sessions(app: &App) -> usize {
    let ada = app.user("ada@example.com").await.unwrap();
    app.memory.sessions_of_user(&ada.id).await.unwrap().len()
}

#[tokio::test]
async fn the_old_token_counts_no_more_and_the_new_one_does() {
    let app = App::new();
    let old = signed_in(&app).await;
    app.clock.advance(Duration::from_hours(1));

    app.store.take_calls();

    let rotated = rotate(&old, &data(&json!({"secondFactor": true}))).await.unwrap().unwrap();

    assert_eq!(app.store.take_calls(), ["session_and_user", "create_session", "delete_session"]);
    let new = with_cookies(&old, &rotated);
    assert_ne!(new.session_token(), old.session_token());
    assert!(is_signed_in(&new).await && !is_signed_in(&old).await);
    assert_eq!(sessions(&app).await, 1);
    let stored = new.stored_session().await.unwrap();
    assert_eq!(stored.extra.get("secondFactor"), Some(&json!(true)));
    assert_eq!(stored.expires, app.now().after(Duration::from_hours(30 * 24)));
    assert_eq!(rotated.user.email.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn what_the_session_held_before_it_still_holds() {
    let app = App::new();
    let first = signed_in(&app).await;
    let second =
        with_cookies(&first, &rotate(&first, &data(&json!({"a": 1, "b": 1}))).await.unwrap().unwrap());

    let third = rotate(&second, &data(&json!({"b": 2}))).await.unwrap().unwrap();

    assert_eq!(third.row().unwrap().extra, data(&json!({"a": 1, "b": 2})));
}

#[tokio::test]
async fn nobody_gets_a_session_by_it() {
    let app = App::new();
    let nobody = app.browser();
    let mut late = signed_in(&app).await;
    let forged = {
        let mut browser = app.browser();
        browser.cookies.insert("authjs.session-token".into(), "0".repeat(64));
        browser
    };

    assert!(rotate(&nobody, &Extra::new()).await.unwrap().is_none());
    assert!(rotate(&forged, &Extra::new()).await.unwrap().is_none());
    app.clock.advance(Duration::from_hours(31 * 24));
    assert!(rotate(&late, &Extra::new()).await.unwrap().is_none());
    assert_eq!(sessions(&app).await, 1, "an expired session is left to the sweeper");
    assert_eq!(late.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_session() {
    for _ in 0..20 {
        let app = App::new();
        let browser = signed_in(&app).await;
        let mut tasks = JoinSet::new();
        for _ in 0..16 {
            let browser = browser.clone();
            tasks.spawn(async move {
                let rotated = rotate(&browser, &Extra::new()).await.unwrap();
                rotated.map(|session| with_cookies(&browser, &session))
            });
        }

        let won: Vec<Browser> = tasks.join_all().await.into_iter().flatten().collect();

        assert_eq!(won.len(), 1);
        assert!(is_signed_in(&won[0]).await);
        assert_eq!(sessions(&app).await, 1);
    }
}

#[tokio::test]
async fn whoever_signs_out_meanwhile_is_signed_out() {
    for before in ["create_session", "delete_session"] {
        let app = App::new();
        let browser = signed_in(&app).await;
        let (memory, token) = (app.memory.clone(), browser.session_token().unwrap());
        app.store.meanwhile(before, move || async move {
            memory.delete_session(&token).await.unwrap().unwrap();
        });

        let rotated = rotate(&browser, &Extra::new()).await.unwrap();

        assert!(rotated.is_none(), "{before}");
        assert_eq!(sessions(&app).await, 0, "{before}");
    }
}

/// Changes the browser's session in the store just before the given operation of a rotation.
fn change_meanwhile(app: &App, browser: &Browser, before: &'static str, changes: SessionChanges) {
    let (memory, token) = (app.memory.clone(), browser.session_token().unwrap());
    app.store.meanwhile(before, move || async move {
        memory.update_session(&token, &changes).await.unwrap().unwrap();
    });
}

#[tokio::test]
async fn what_another_request_takes_from_the_session_meanwhile_it_has_no_more() {
    for before in ["create_session", "delete_session"] {
        let app = App::new();
        let first = signed_in(&app).await;
        let held = data(&json!({"impersonating": "bob", "level": 1, "note": "a"}));
        let browser = with_cookies(&first, &rotate(&first, &held).await.unwrap().unwrap());
        let extra = data(&json!({"impersonating": null, "level": 0, "seen": true}));
        change_meanwhile(&app, &browser, before, SessionChanges { extra, ..SessionChanges::default() });

        let rotated = rotate(&browser, &data(&json!({"level": 2}))).await.unwrap().unwrap();

        let now = data(&json!({"impersonating": null, "level": 2, "note": "a", "seen": true}));
        assert_eq!(rotated.row().unwrap().extra, now, "{before}");
        let stored = with_cookies(&browser, &rotated).stored_session().await.unwrap();
        assert_eq!(stored.extra, now, "{before}");
        assert_eq!(sessions(&app).await, 1, "{before}");
    }
}

#[tokio::test]
async fn a_session_that_meanwhile_was_given_an_end_that_is_past_is_not_rotated() {
    let app = App::new();
    let browser = signed_in(&app).await;
    let changes = SessionChanges { expires: Change::Set(app.now()), ..SessionChanges::default() };
    change_meanwhile(&app, &browser, "delete_session", changes);

    let rotated = rotate(&browser, &Extra::new()).await.unwrap();

    assert!(rotated.is_none());
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn a_session_that_cannot_be_brought_up_to_date_is_nobodys() {
    let app = App::new();
    let browser = signed_in(&app).await;
    let extra = data(&json!({"impersonating": null}));
    let (memory, store, token) = (app.memory.clone(), app.store.clone(), browser.session_token().unwrap());
    app.store.meanwhile("delete_session", move || async move {
        let changes = SessionChanges { extra, ..SessionChanges::default() };
        memory.update_session(&token, &changes).await.unwrap().unwrap();
        let all = memory.clone();
        store.meanwhile("update_session", move || async move {
            let ada = all.user_by_email("ada@example.com").await.unwrap().unwrap();
            all.delete_sessions_of_user(&ada.id, None).await.unwrap();
        });
    });

    let rotated = rotate(&browser, &Extra::new()).await.unwrap();

    assert!(rotated.is_none());
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn an_outage_while_it_is_brought_up_to_date_leaves_no_right_behind() {
    let app = App::new();
    let browser = signed_in(&app).await;
    let extra = data(&json!({"impersonating": null}));
    change_meanwhile(&app, &browser, "delete_session", SessionChanges { extra, ..SessionChanges::default() });
    let store = app.store.clone();
    app.store.meanwhile("update_session", move || async move {
        store.fail(Fault::Unavailable);
        let again = store.clone();
        store.meanwhile("delete_session", move || async move { again.recover() });
    });

    let outcome = rotate(&browser, &Extra::new()).await;

    assert!(matches!(outcome, Err(SessionError::Unavailable(_))), "{outcome:?}");
    assert_eq!(sessions(&app).await, 0);
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn an_outage_is_neither_nobody_nor_somebody() {
    for calls in 0..3 {
        let app = App::new();
        let browser = signed_in(&app).await;
        app.store.fail_after(calls, Fault::Unavailable);

        let outcome = rotate(&browser, &Extra::new()).await;

        assert!(matches!(outcome, Err(SessionError::Unavailable(_))), "{calls}: {outcome:?}");
        app.store.recover();
        assert!(is_signed_in(&browser).await, "{calls}");
    }
}

/// Takes note of why it was asked.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Callbacks for Asked {
    async fn jwt(&self, mut claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        if let JwtCause::Rotation(data) = cause {
            self.0.lock().unwrap().push(serde_json::to_string(data)?);
            claims.insert("asked", true);
            return Ok((!data.contains_key("end")).then_some(claims));
        }
        Ok(Some(claims))
    }
}

async fn with_jwt(policy: JwtPolicy) -> (Browser, Asked) {
    let asked = Asked::default();
    let config = config().with_session(policy);
    let app = App::with(config.clone());
    let parts = app.engine.parts().clone().with_callbacks(asked.clone());
    (signed_in(&App { engine: Engine::new(config, parts).unwrap(), ..app }).await, asked)
}

#[tokio::test]
async fn a_session_in_the_cookie_gets_another_token_with_the_data() {
    let (old, asked) = with_jwt(JwtPolicy::default()).await;

    let rotated = rotate(&old, &data(&json!({"level": 2}))).await.unwrap().unwrap();

    let new = with_cookies(&old, &rotated);
    assert_ne!(new.session_token(), old.session_token());
    let claims = |browser: &Browser| {
        let (engine, headers) = (browser.app.engine.clone(), headers(browser));
        async move {
            let found = engine.session(&Uri::from_static("/"), &headers).await.unwrap().unwrap();
            found.claims().unwrap().clone()
        }
    };
    let (before, after) = (claims(&old).await, claims(&new).await);
    assert_eq!(after.get("level").unwrap().as_i64(), Some(2));
    assert!(before.get("level").is_none(), "an old copy has none of it");
    assert_eq!(after.text("sub"), before.text("sub"));
    assert_ne!(after.text("jti"), before.text("jti"));
    assert!(after.get("asked").is_some());
    assert_eq!(*asked.0.lock().unwrap(), [r#"{"level":2}"#]);
}

#[tokio::test]
async fn the_application_may_end_the_session_instead() {
    let (browser, _) = with_jwt(JwtPolicy::default()).await;

    assert!(rotate(&browser, &data(&json!({"end": true}))).await.unwrap().is_none());
}

#[tokio::test]
async fn the_data_cannot_say_whose_session_it_is() {
    let (browser, asked) = with_jwt(JwtPolicy::default()).await;

    let outcome = rotate(&browser, &data(&json!({"sub": "somebody else"}))).await;

    assert!(matches!(outcome, Err(SessionError::Shape(_))), "{outcome:?}");
    assert_eq!(outcome.unwrap_err().response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(asked.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_absolute_age_is_not_moved() {
    let (browser, _) = with_jwt(JwtPolicy::default().with_absolute_age(Duration::from_hours(2))).await;
    browser.app.clock.advance(Duration::from_hours(1));

    let rotated = rotate(&browser, &data(&json!({"auth_time": 4_000_000_000_u32}))).await.unwrap().unwrap();

    assert_eq!(rotated.expires, browser.app.now().after(Duration::from_hours(1)));
    let new = with_cookies(&browser, &rotated);
    new.app.clock.advance(Duration::from_hours(1));
    assert!(!is_signed_in(&new).await);
}
