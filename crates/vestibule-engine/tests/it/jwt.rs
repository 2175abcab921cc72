//! Sessions in the cookie alone.

use std::time::Duration;

use http::{StatusCode, Uri, header};
use serde_json::json;
use vestibule_engine::{Claims, Config, EmailProvider, JwtPolicy};
use vestibule_token::SessionKeys;

use crate::app::{App, Browser, ORIGIN, SECRET};

const COOKIE: &str = "authjs.session-token";
const MONTH: Duration = Duration::from_hours(30 * 24);

fn config(policy: JwtPolicy) -> Config {
    Config::new(SECRET)
        .with_base_url(ORIGIN)
        .with_provider(EmailProvider::new("App <no-reply@example.com>"))
        .with_session(policy)
}

async fn signed_in(policy: JwtPolicy) -> Browser {
    let mut browser = App::with(config(policy)).browser();
    browser.sign_in("ada@example.com").await;
    browser
}

fn claims(browser: &Browser) -> Claims {
    let keys = SessionKeys::new(&[SECRET], COOKIE);
    keys.open(&browser.cookies[COOKIE], browser.app.now().as_secs()).unwrap()
}

/// A token as an Auth.js application with the same secret makes it.
fn sealed(browser: &Browser, claims: &Claims, max_age: u64) -> String {
    let now = browser.app.now().as_secs();
    SessionKeys::new(&[SECRET], COOKIE).seal(claims, now, max_age, &[7; 32])
}

fn made_of(value: &serde_json::Value) -> Claims {
    Claims::from_json(&value.to_string()).unwrap()
}

#[tokio::test]
async fn the_token_holds_what_the_original_puts_into_it() {
    let browser = signed_in(JwtPolicy::default()).await;
    let user = browser.app.user("ada@example.com").await.unwrap();

    let claims = claims(&browser);

    let names: Vec<_> = claims.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["name", "email", "picture", "sub", "iat", "exp", "jti"]);
    assert_eq!(claims.text("sub"), Some(user.id.as_str()));
    assert_eq!(claims.text("email"), Some("ada@example.com"));
    assert!(claims.get("name").unwrap().is_null());
}

#[tokio::test]
async fn every_reading_renews_the_token() {
    let mut browser = signed_in(JwtPolicy::default()).await;
    let before = browser.cookies[COOKIE].clone();
    browser.app.clock.advance(Duration::from_mins(1));

    let answer = browser.get("/auth/session").await;

    assert_ne!(browser.cookies[COOKIE], before);
    let expires = browser.app.now().after(MONTH);
    let body = answer.json();
    assert_eq!(body["user"], json!({"name": null, "email": "ada@example.com", "image": null}));
    assert_eq!(claims(&browser).expires(), Some(expires.as_secs()));
    assert!(answer.set_cookies()[0].contains("; Path=/; Expires="), "{:?}", answer.set_cookies());
}

#[tokio::test]
async fn a_token_that_expired_is_nobodys_and_is_deleted() {
    let mut browser = signed_in(JwtPolicy::default()).await;
    browser.app.clock.advance(MONTH + Duration::from_secs(15));

    let answer = browser.get("/auth/session").await;

    assert_eq!((answer.status(), answer.text()), (StatusCode::OK, "null"));
    assert_eq!(answer.set_cookies(), ["authjs.session-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
}

#[tokio::test]
async fn a_changed_token_is_nobodys() {
    for at in [0, 30, 120, 150] {
        let mut browser = signed_in(JwtPolicy::default()).await;
        let token = browser.cookies.get_mut(COOKIE).unwrap();
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        token.replace_range(at..=at, other);

        assert_eq!(browser.get("/auth/session").await.text(), "null", "{at}");
    }
}

#[tokio::test]
async fn a_token_of_another_service_with_the_same_secret_counts() {
    let mut browser = App::with(config(JwtPolicy::default())).browser();
    let theirs = made_of(&json!({"name": "Ada", "sub": "7", "role": "admin"}));
    browser.cookies.insert(COOKIE.into(), sealed(&browser, &theirs, 60));

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.json()["user"], json!({"name": "Ada"}));
    assert_eq!(claims(&browser).text("role"), Some("admin"), "what is not understood is kept");
}

#[tokio::test]
async fn a_token_without_a_subject_is_shown_to_the_browser_but_is_no_user() {
    let mut browser = App::with(config(JwtPolicy::default())).browser();
    let nameless = made_of(&json!({"name": "Ada", "role": "admin"}));
    browser.cookies.insert(COOKIE.into(), sealed(&browser, &nameless, 60));

    let shown = browser.get("/auth/session").await;

    assert_eq!(shown.json()["user"], json!({"name": "Ada"}));
    assert_eq!(claims(&browser).text("role"), Some("admin"));
    let headers = [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
    let found = browser.app.engine.session(&Uri::from_static("/"), &headers).await.unwrap();
    assert!(found.is_none(), "{found:?}");
}

#[tokio::test]
async fn a_long_token_is_cut_into_cookies_and_put_together_again() {
    let mut browser = App::with(config(JwtPolicy::default())).browser();
    let long = made_of(&json!({"name": "Ada", "sub": "7", "more": "x".repeat(6000)}));
    browser.cookies.insert(COOKIE.into(), sealed(&browser, &long, 60));

    let answer = browser.get("/auth/session").await;

    assert_eq!(answer.json()["user"]["name"], "Ada");
    let names: Vec<_> = browser.cookies.keys().filter(|name| name.starts_with(COOKIE)).collect();
    assert_eq!(names, ["authjs.session-token.0", "authjs.session-token.1", "authjs.session-token.2"]);
    assert_eq!(browser.get("/auth/session").await.json()["user"]["name"], "Ada");
    browser.post("/auth/signout", &[]).await;
    assert!(!browser.cookies.keys().any(|name| name.starts_with(COOKIE)));
}

#[tokio::test]
async fn an_absolute_age_is_not_moved_by_renewing() {
    let mut browser = signed_in(JwtPolicy::default().with_absolute_age(Duration::from_hours(48))).await;
    for _ in 0..3 {
        browser.app.clock.advance(Duration::from_hours(12));
        assert_ne!(browser.get("/auth/session").await.text(), "null");
    }
    assert_eq!(claims(&browser).expires(), Some(browser.app.now().after(Duration::from_hours(12)).as_secs()));

    browser.app.clock.advance(Duration::from_hours(12));

    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn tokens_of_version_4_count_if_wanted_and_become_version_5s() {
    let token = of_version_4();
    for (policy, counts) in [(JwtPolicy::default(), false), (JwtPolicy::default().with_nextauth_v4(), true)] {
        let mut browser = App::with(config(policy)).browser();
        browser.cookies.insert("next-auth.session-token".into(), token.clone());

        let answer = browser.get("/auth/session").await;

        assert_eq!(answer.text() != "null", counts);
        assert_eq!(browser.cookies.contains_key(COOKIE), counts);
        // Else it would count again as soon as the cookie of version 5 is gone.
        assert_eq!(browser.cookies.contains_key("next-auth.session-token"), !counts);
    }
}

/// Made by the original with this secret; it is good until 2100.
pub(crate) fn of_version_4() -> String {
    let vectors = include_str!("../../../../fixtures/jose/vectors-v4.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
    first_long_lived(&vectors).expect("a token that is good until 2100")
}

/// The first compact JWE in the file that belongs to claims with an `exp` in 2100.
fn first_long_lived(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Object(members) => {
            let whole = value.to_string();
            let token = members
                .values()
                .filter_map(|value| value.as_str())
                .find(|text| text.matches('.').count() == 4);
            match token {
                Some(token) if whole.contains("4102444800") => Some(token.to_owned()),
                _ => members.values().find_map(first_long_lived),
            }
        }
        serde_json::Value::Array(items) => items.iter().find_map(first_long_lived),
        _ => None,
    }
}
