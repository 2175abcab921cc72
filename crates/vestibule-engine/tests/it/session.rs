//! `GET` and `POST /session`.

use std::time::Duration;

use http::StatusCode;
use vestibule_core::{NewUser, Sessions, Users};

use crate::app::{App, Browser, ORIGIN, request};

const JSON: (&str, &str) = ("content-type", "application/json");
const DAY: Duration = Duration::from_hours(24);

async fn signed_in(app: &App) -> Browser {
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.store.take_calls();
    browser
}

#[tokio::test]
async fn nobody_is_the_literal_null() {
    let app = App::new();

    let answer = app.get("/auth/session").await;

    assert_eq!((answer.status(), answer.text()), (StatusCode::OK, "null"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache, no-store"));
    assert_eq!(answer.header("expires"), Some("0"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert!(!answer.set_cookies().iter().any(|line| line.contains("session-token")));
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn the_body_is_that_of_the_original_byte_for_byte() {
    let app = App::new();
    let mut browser = signed_in(&app).await;

    let answer = browser.get("/auth/session").await;

    assert_eq!(
        answer.text(),
        r#"{"user":{"name":null,"email":"ada@example.com","image":null},"expires":"2026-12-20T13:06:13.652Z"}"#
    );
}

#[tokio::test]
async fn names_are_escaped_as_json() {
    let app = App::new();
    let user = NewUser {
        name: Some("Ada \"<b>\" \\ \u{7} é".into()),
        image: Some("https://example.com/ada.png".into()),
        ..NewUser::with_email("ada@example.com")
    };
    app.memory.create_user(&user, None).await.unwrap();
    let mut browser = signed_in(&app).await;

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.json()["user"]["name"], "Ada \"<b>\" \\ \u{7} é");
    assert!(answer.text().starts_with(r#"{"user":{"name":"Ada \"<b>\" \\ \u0007 é","email":"#));
}

#[tokio::test]
async fn a_read_costs_one_round_trip_and_sets_the_cookie_anew() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    app.clock.advance(Duration::from_mins(90));

    let answer = browser.get("/auth/session").await;

    assert_eq!(app.store.take_calls(), ["session_and_user"]);
    assert_eq!(answer.json()["expires"], "2026-12-20T13:06:13.652Z");
    assert_eq!(
        answer.set_cookies(),
        [format!(
            "authjs.session-token={}; Path=/; Expires=Sun, 20 Dec 2026 14:36:13 GMT; HttpOnly; SameSite=Lax",
            browser.session_token().unwrap().expose()
        )]
    );
}

#[tokio::test]
async fn a_session_is_extended_after_a_day_and_not_a_millisecond_before() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let created = app.now();

    app.clock.set(created.after(DAY).before(Duration::from_millis(1)));
    browser.get("/auth/session").await;
    assert_eq!(app.store.take_calls(), ["session_and_user"]);
    assert_eq!(browser.stored_session().await.unwrap().expires, created.after(30 * DAY));

    app.clock.set(created.after(DAY));
    let answer = browser.get("/auth/session").await;
    assert_eq!(app.store.take_calls(), ["session_and_user", "touch_session"]);
    assert_eq!(answer.json()["expires"], "2026-12-20T13:06:13.652Z", "the expiry that was found");
    assert_eq!(browser.stored_session().await.unwrap().expires, created.after(31 * DAY));
}

#[tokio::test]
async fn an_expired_session_is_deleted_with_its_cookie() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let before = browser.clone();
    app.clock.advance(30 * DAY);

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.text(), "null");
    assert_eq!(answer.set_cookies(), ["authjs.session-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    assert_eq!(before.stored_session().await, None);
}

#[tokio::test]
async fn a_session_lives_until_the_last_millisecond() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    app.clock.set(app.now().after(30 * DAY).before(Duration::from_millis(1)));

    assert_eq!(browser.get("/auth/session").await.json()["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn the_session_of_a_deleted_user_is_gone() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let user = app.user("ada@example.com").await.unwrap();
    app.memory.delete_user(&user.id).await.unwrap();

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.text(), "null");
    assert_eq!(browser.session_token(), None);
}

#[tokio::test]
async fn a_session_that_is_deleted_while_it_is_extended_stays_deleted() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let (store, token) = (app.memory.clone(), browser.session_token().unwrap());
    app.clock.advance(2 * DAY);
    app.store.meanwhile("touch_session", move || async move {
        store.delete_session(&token).await.unwrap();
    });

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.text(), "null");
    assert_eq!(browser.stored_session().await, None);
}

#[tokio::test]
async fn a_token_that_nobody_has_deletes_every_chunk_of_the_cookie() {
    let app = App::new();
    let mut browser = app.browser();
    for name in ["authjs.session-token.0", "authjs.session-token.1", "authjs.session-tokens"] {
        browser.cookies.insert(name.into(), "x".into());
    }

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.text(), "null");
    assert_eq!(browser.cookies.get("authjs.session-tokens").map(String::as_str), Some("x"));
    assert!(!browser.cookies.contains_key("authjs.session-token.0"));
    assert!(!browser.cookies.contains_key("authjs.session-token.1"));
}

#[tokio::test]
async fn an_update_reads_the_session_and_keeps_caches_off() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let token = browser.csrf_token().await;

    let body = format!(r#"{{"csrfToken":"{token}","data":{{"name":"x","deep":[1,null]}}}}"#);
    let answer = browser.send("POST", "/auth/session", &[JSON, ("origin", ORIGIN)], &body).await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json()["user"]["name"], serde_json::Value::Null);
    assert_eq!(answer.header("cache-control"), Some("private, no-cache, no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.set_cookies().len(), 1);
}

#[tokio::test]
async fn an_update_without_proof_is_400_and_null() {
    let app = App::new();
    let mut browser = signed_in(&app).await;
    let token = browser.csrf_token().await;
    let valid = format!(r#"{{"csrfToken":"{token}"}}"#);
    let evil = ("origin", "https://evil.example");

    for (headers, body) in [
        (vec![JSON], r#"{"data":{}}"#),
        (vec![JSON], "[]"),
        (vec![JSON], r#"{"csrfToken":1}"#),
        (vec![JSON, evil], valid.as_str()),
    ] {
        let answer = browser.send("POST", "/auth/session", &headers, body).await;

        assert_eq!((answer.status(), answer.text()), (StatusCode::BAD_REQUEST, "null"), "{body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("private, no-store"));
        assert_eq!(answer.set_cookies(), [""; 0]);
    }
}

#[tokio::test]
async fn a_session_is_not_read_from_the_query_or_a_header() {
    let app = App::new();
    let browser = signed_in(&app).await;
    let token = browser.session_token().unwrap();
    let bearer = format!("Bearer {}", token.expose());

    let path = format!("/auth/session?sessionToken={0}&authjs.session-token={0}", token.expose());
    let answer = app.send(request("GET", &path, &[("authorization", &bearer)], "")).await;

    assert_eq!(answer.text(), "null");
}

/// It is moved and its place set aside with every request.
#[tokio::test]
async fn the_future_of_a_request_is_small() {
    let app = App::new();

    let answer = app.engine.handle(request("GET", "/auth/session", &[], ""));

    assert!(size_of_val(&answer) <= 2048, "{} bytes", size_of_val(&answer));
}
