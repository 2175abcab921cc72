//! [`Engine::session`](vestibule_engine::Engine::session), which extractors and layers ask.

use std::time::Duration;

use http::{HeaderMap, Uri, header};
use vestibule_core::SecretToken;
use vestibule_engine::{Config, CurrentSession, JwtPolicy, SessionError, TrustedHosts};

use crate::app::{App, SECRET, config};

async fn current(app: &App, cookie: &str) -> Option<CurrentSession> {
    let headers: HeaderMap = [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
    app.engine.session(&Uri::from_static("/private"), &headers).await.unwrap()
}

#[tokio::test]
async fn a_live_session_is_found_in_one_round_trip() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.store.take_calls();

    let found = current(&app, &browser.cookie_header()).await.unwrap();

    assert_eq!(found.user.email.as_deref(), Some("ada@example.com"));
    assert_eq!(found.row().unwrap().token, browser.session_token().unwrap());
    assert!(found.set_cookies.is_empty());
    assert_eq!(app.store.take_calls(), ["session_and_user"]);
}

#[tokio::test]
async fn without_a_cookie_the_store_is_not_asked() {
    let app = App::new();

    for cookie in
        ["", "x=y", "authjs.session-token=", "authjs.session-token-evil=x", "authjs.session-token=%00"]
    {
        assert!(current(&app, cookie).await.is_none());
    }

    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn an_extended_session_brings_its_cookie() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.clock.advance(Duration::from_hours(24));

    let found = current(&app, &browser.cookie_header()).await.unwrap();

    let token = found.row().unwrap().token.expose();
    assert_eq!(
        found.set_cookies[0],
        format!(
            "authjs.session-token={token}; Path=/; Expires=Mon, 21 Dec 2026 13:06:13 GMT; HttpOnly; SameSite=Lax"
        )
    );
    assert_eq!(found.expires, app.now().after(Duration::from_hours(30 * 24)));
}

#[tokio::test]
async fn an_expired_session_is_nobodys() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.clock.advance(Duration::from_hours(30 * 24));

    assert!(current(&app, &browser.cookie_header()).await.is_none());
    assert_eq!(browser.stored_session().await, None);
}

#[tokio::test]
async fn the_plain_cookie_does_not_count_over_https() {
    let app = App::with(Config::new(SECRET).with_base_url("https://app.example.com"));

    current(&app, "authjs.session-token=x").await;
    assert_eq!(app.store.take_calls(), [""; 0]);
    current(&app, "__Secure-authjs.session-token=x").await;
    assert_eq!(app.store.take_calls(), ["session_and_user"]);
}

#[tokio::test]
async fn a_session_in_the_cookie_costs_no_round_trip_and_is_made_anew_once_a_day() {
    let app = App::with(config().with_session(JwtPolicy::default()));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    app.store.take_calls();

    for (hours, is_made_anew) in [(0, false), (23, false), (1, true)] {
        app.clock.advance(Duration::from_hours(hours));

        let found = current(&app, &browser.cookie_header()).await.unwrap();

        assert_eq!(found.user.email.as_deref(), Some("ada@example.com"));
        assert_eq!(!found.set_cookies.is_empty(), is_made_anew, "{hours}");
    }
    assert_eq!(app.store.take_calls(), [""; 0]);
}

#[tokio::test]
async fn a_token_may_count_for_less_than_its_cookie_lasts() {
    let policy = JwtPolicy::default().with_token_max_age(Duration::from_mins(10));
    let app = App::with(config().with_session(policy));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    app.clock.advance(Duration::from_mins(10));
    assert!(current(&app, &browser.cookie_header()).await.is_some(), "15 seconds are let pass");
    app.clock.advance(Duration::from_secs(15));

    assert!(current(&app, &browser.cookie_header()).await.is_none());
}

#[tokio::test]
async fn a_listed_host_is_reached_by_https_and_by_http_on_this_machine_alone() {
    for (host, scheme, is_served) in [
        ("app.example.com", "https", true),
        ("app.example.com", "http", false),
        ("localhost:3000", "http", true),
        ("127.0.0.1:3000", "http", true),
        ("[::1]:3000", "http", true),
    ] {
        let hosts = TrustedHosts::Listed(vec![host.into()]);
        let app = App::with(Config::new(SECRET).with_trusted_hosts(hosts));
        let headers = [("host", host), ("x-forwarded-proto", scheme)];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));

        let found = app.engine.session(&Uri::from_static("/"), &headers.into_iter().collect()).await;

        assert_eq!(found.is_ok(), is_served, "{scheme}://{host}");
    }
}

#[tokio::test]
async fn an_untrusted_host_is_not_nobody() {
    let hosts = TrustedHosts::Listed(vec!["app.example.com".into()]);
    let app = App::with(Config::new(SECRET).with_trusted_hosts(hosts));

    let found = app.engine.session(&Uri::from_static("/"), &HeaderMap::new()).await;

    assert!(matches!(found, Err(SessionError::UntrustedHost)));
}

#[tokio::test]
async fn no_debug_output_tells_a_secret() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    let token: SecretToken = browser.session_token().unwrap();
    app.clock.advance(Duration::from_hours(24));

    let found = current(&app, &browser.cookie_header()).await.unwrap();

    assert_eq!(found.set_cookies.len(), 1);
    assert!(!format!("{found:?}").contains(token.expose()));
    assert!(!format!("{:?} {:?}", app.engine, app.engine.parts()).contains(SECRET));
}
