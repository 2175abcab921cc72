//! What the application has a say in, and what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use serde_json::{Value, json};
use vestibule_core::User;
use vestibule_engine::{
    CallbackError, Callbacks, Claims, Config, Engine, Events, JwtCause, JwtPolicy, LinkedEvent, SessionEvent,
    SessionSource, SessionView, SignInAttempt, SignInDecision, SignInMethod, SignedInEvent, SignedOutEvent,
    Who,
};
use vestibule_token::Claim;

use crate::app::{App, Browser, FORM, ORIGIN, config};
use crate::jwt::of_version_4;

/// What the application answers, by the address.
#[derive(Default)]
struct Rules;

#[async_trait]
impl Callbacks for Rules {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let asks = matches!(attempt.method, SignInMethod::EmailRequest);
        Ok(match attempt.who.email().unwrap_or_default() {
            "banned@example.com" => SignInDecision::Deny,
            "late@example.com" if !asks => SignInDecision::Deny,
            "elsewhere@example.com" => SignInDecision::Redirect("/waiting-list".into()),
            "away@example.com" => SignInDecision::Redirect("https://evil.example/".into()),
            "broken@example.com" => return Err("the list is gone".into()),
            "known@example.com" => matches!(attempt.who, Who::Known(_)).into(),
            _ => SignInDecision::Allow,
        })
    }

    async fn redirect(&self, url: &str, base_url: &str) -> Result<Option<String>, CallbackError> {
        match url {
            "/partner" => Ok(Some("https://partner.example/in".into())),
            "/bad" => Ok(Some(format!("{base_url}\r\nx: y"))),
            "/broken" => Err("no".into()),
            _ => Ok(None),
        }
    }

    async fn jwt(&self, mut claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        match cause {
            JwtCause::SignIn { user, is_new_user, .. } => {
                claims.insert("new", *is_new_user);
                claims.insert("id", user.id.as_str());
            }
            JwtCause::Update(Value::String(text)) if text == "end" => return Ok(None),
            JwtCause::Update(Value::String(text)) if text == "broken" => return Err("no".into()),
            JwtCause::Update(Value::Object(data)) => {
                for (name, value) in data {
                    claims.insert(name.as_str(), Claim::from(value.clone()));
                }
            }
            _ => {}
        }
        Ok(Some(claims))
    }

    async fn session(&self, mut body: Claims, view: &SessionView<'_>) -> Result<Claims, CallbackError> {
        if view.update == Some(&json!("hidden")) {
            return Err("no".into());
        }
        body.insert("extra", "shown");
        Ok(body)
    }
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, text: impl Into<String>) -> Result<(), CallbackError> {
        self.0.lock().unwrap().push(text.into());
        Err("an event that fails changes nothing".into())
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Events for Diary {
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        self.note(format!("signIn {} {}", event.account.provider.as_str(), event.is_new_user))
    }

    async fn sign_out(&self, event: &SignedOutEvent<'_>) -> Result<(), CallbackError> {
        self.note(match event {
            SignedOutEvent::Database(session) => format!("signOut database {}", session.is_some()),
            SignedOutEvent::Jwt(claims) => {
                format!("signOut jwt {}", claims.text("email").unwrap_or_default())
            }
        })
    }

    async fn create_user(&self, _: &User) -> Result<(), CallbackError> {
        self.note("createUser")
    }

    async fn update_user(&self, _: &User) -> Result<(), CallbackError> {
        self.note("updateUser")
    }

    async fn link_account(&self, _: &LinkedEvent<'_>) -> Result<(), CallbackError> {
        self.note("linkAccount")
    }

    async fn session(&self, event: &SessionEvent<'_>) -> Result<(), CallbackError> {
        let of = match event.view.source {
            SessionSource::Database { user, .. } => user.email.clone(),
            SessionSource::Jwt(claims) => claims.text("email").map(str::to_owned),
        };
        self.note(format!(
            "session of {} with {}",
            of.unwrap_or_default(),
            event.body.text("extra").unwrap_or("")
        ))
    }
}

fn app(config: Config) -> (App, Diary) {
    let app = App::with(config.clone());
    let diary = Diary::default();
    let parts = app.engine.parts().clone().with_callbacks(Rules).with_events(diary.clone());
    (App { engine: Engine::new(config, parts).unwrap(), ..app }, diary)
}

async fn ask(browser: &mut Browser, email: &str) -> String {
    let answer = browser.post("/auth/signin/email", &[("email", email)]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    answer.location().unwrap().trim_start_matches(ORIGIN).to_owned()
}

#[tokio::test]
async fn whom_the_application_refuses_gets_no_mail() {
    let (app, _) = app(config());
    for (email, location) in [
        ("banned@example.com", "/auth/error?error=AccessDenied"),
        ("broken@example.com", "/auth/error?error=AccessDenied"),
        ("known@example.com", "/auth/error?error=AccessDenied"),
        ("elsewhere@example.com", "/waiting-list"),
        ("away@example.com", ""),
    ] {
        assert_eq!(ask(&mut app.browser(), email).await, location, "{email}");
        assert!(app.mailbox.last_to(email).is_none(), "{email}");
    }
}

#[tokio::test]
async fn whom_the_application_refuses_at_the_link_is_not_created() {
    let (app, diary) = app(config());
    let mut browser = app.browser();
    let link = browser.ask_for_link("late@example.com").await;

    let answer = browser.redeem(&link).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=AccessDenied"));
    assert_eq!(app.user("late@example.com").await, None);
    assert_eq!(browser.session_token(), None);
    assert!(diary.take().is_empty());
}

#[tokio::test]
async fn events_come_in_order_and_none_of_them_can_fail_a_request() {
    let (app, diary) = app(config());
    let mut browser = app.browser();

    browser.sign_in("ada@example.com").await;
    assert_eq!(diary.take(), ["createUser", "signIn email true"]);
    browser.sign_in("ada@example.com").await;
    assert_eq!(diary.take(), ["updateUser", "signIn email false"]);
    browser.get("/auth/session").await;
    assert_eq!(diary.take(), ["session of ada@example.com with shown"]);
    browser.post("/auth/signout", &[]).await;
    assert_eq!(diary.take(), ["signOut database true"]);
}

#[tokio::test]
async fn the_application_may_lead_elsewhere_but_not_out_of_a_header() {
    let (app, _) = app(config());
    for (to, location) in [
        ("/partner", "https://partner.example/in"),
        ("/here", "http://localhost:3000/here"),
        ("/bad", "http://localhost:3000/auth/error?error=Configuration"),
        ("/broken", "http://localhost:3000/auth/error?error=Configuration"),
    ] {
        let answer = app.browser().post("/auth/signout", &[("callbackUrl", to)]).await;

        assert_eq!(answer.location(), Some(location), "{to}");
    }
}

#[tokio::test]
async fn the_body_is_what_the_application_makes_of_it() {
    for strategy in [config(), config().with_session(JwtPolicy::default())] {
        let (app, _) = app(strategy);
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;

        let body = browser.get("/auth/session").await;

        assert_eq!(body.json()["extra"], "shown");
        assert!(
            body.text().starts_with(r#"{"user":{"name":null,"email":"ada@example.com""#),
            "{}",
            body.text()
        );
    }
}

async fn update(browser: &mut Browser, data: Value) -> (StatusCode, String) {
    let token = browser.csrf_token().await;
    let body = json!({"csrfToken": token, "data": data}).to_string();
    let headers = [("content-type", "application/json"), ("origin", ORIGIN)];
    let answer = browser.send("POST", "/auth/session", &headers, &body).await;
    (answer.status(), answer.text().to_owned())
}

#[tokio::test]
async fn an_update_reaches_the_token() {
    let (app, diary) = app(config().with_session(JwtPolicy::default()));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    let (status, body) = update(&mut browser, json!({"name": "Ada"})).await;

    assert_eq!(status, StatusCode::OK);
    assert!(body.starts_with(r#"{"user":{"name":"Ada","#), "{body}");
    assert!(browser.get("/auth/session").await.text().contains(r#""name":"Ada""#));
    diary.take();
    browser.post("/auth/signout", &[]).await;
    assert_eq!(diary.take(), ["signOut jwt ada@example.com"]);
}

#[tokio::test]
async fn no_update_moves_the_end_of_a_session() {
    let policy = JwtPolicy::default().with_absolute_age(Duration::from_hours(2));
    let (app, _) = app(config().with_session(policy));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.clock.advance(Duration::from_hours(1));

    let (status, _) = update(&mut browser, json!({"auth_time": 4_000_000_000_u32})).await;

    assert_eq!(status, StatusCode::OK);
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn the_application_may_end_a_session_in_the_cookie() {
    let (app, _) = app(config().with_session(JwtPolicy::default()));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    assert_eq!(update(&mut browser, json!("end")).await, (StatusCode::OK, "null".into()));

    assert_eq!(browser.session_token(), None);
}

#[tokio::test]
async fn a_session_of_version_4_that_the_application_ended_does_not_come_back() {
    let (app, _) = app(config().with_session(JwtPolicy::default().with_nextauth_v4()));
    let mut browser = app.browser();
    browser.get("/auth/csrf").await;
    browser.cookies.insert("next-auth.session-token".into(), of_version_4());

    assert_eq!(update(&mut browser, json!("end")).await, (StatusCode::OK, "null".into()));

    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn a_callback_that_fails_is_neither_nobody_nor_somebody() {
    for (strategy, data) in [
        (config().with_session(JwtPolicy::default()), "broken"),
        (config().with_session(JwtPolicy::default()), "hidden"),
        (config(), "hidden"),
    ] {
        let (app, _) = app(strategy);
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;

        let (status, body) = update(&mut browser, json!(data)).await;

        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
        assert!(browser.session_token().is_some());
        assert_ne!(browser.get("/auth/session").await.text(), "null");
    }
}

#[tokio::test]
async fn a_forged_update_changes_nothing() {
    let (app, _) = app(config().with_session(JwtPolicy::default()));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    let body = form_urlencoded::Serializer::new(String::new()).append_pair("data", "x").finish();
    let answer = browser.send("POST", "/auth/session", &[FORM, ("origin", ORIGIN)], &body).await;

    assert_eq!((answer.status(), answer.text()), (StatusCode::BAD_REQUEST, "null"));
}
