//! `GET` and `POST /signout`.

use http::StatusCode;
use vestibule_core::Sessions;
use vestibule_engine::Pages;

use crate::app::{App, RETURN, config};

#[tokio::test]
async fn signing_out_deletes_the_session_and_its_cookie() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    let token = browser.session_token().unwrap();

    let answer = browser.post("/auth/signout", &[("callbackUrl", "/bye")]).await;

    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(answer.location(), Some("http://localhost:3000/bye"));
    assert_eq!(browser.session_token(), None);
    assert_eq!(app.memory.session_and_user(&token).await.unwrap(), None);
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_is_no_error() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    let mut stale = browser.clone();
    browser.post("/auth/signout", &[]).await;

    assert_eq!(browser.post("/auth/signout", &[]).await.status(), StatusCode::FOUND);
    let answer = stale.post("/auth/signout", &[]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    assert_eq!(stale.session_token(), None);
}

#[tokio::test]
async fn looking_at_the_page_signs_nobody_out() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    let page = browser.get("/auth/signout").await;

    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().contains("<form method=\"post\" action=\"/auth/signout\">"));
    assert!(browser.stored_session().await.is_some());
}

#[tokio::test]
async fn a_script_gets_the_url_and_the_cookies() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    let answer = browser.post_with("/auth/signout", &[RETURN], &[("callbackUrl", "/bye")]).await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text(), r#"{"url":"http://localhost:3000/bye"}"#);
    assert_eq!(answer.location(), Some("http://localhost:3000/bye"));
    assert_eq!(browser.session_token(), None);
}

#[tokio::test]
async fn the_applications_own_page_is_used_as_it_is() {
    let pages = Pages { sign_out: Some("/logout?x=1".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));

    assert_eq!(app.get("/auth/signout").await.location(), Some("/logout?x=1"));
}
