//! Cookies, byte for byte, over http and https.

use std::time::Duration;

use vestibule_engine::{Codes, Config, CookieOverride, CookiePriority, Cookies, EmailProvider, SameSite};

use crate::app::{Answer, App, ORIGIN, SECRET, config};

#[tokio::test]
async fn over_http() {
    let app = App::new();
    let mut browser = app.browser();

    let csrf = browser.get("/auth/csrf").await;
    let (token, hash) = split(csrf.set_cookies()[0]);
    assert_eq!((token.len(), hash.len()), (64, 64));
    assert_eq!(
        csrf.set_cookies(),
        [
            format!("authjs.csrf-token={token}%7C{hash}; Path=/; HttpOnly; SameSite=Lax"),
            "authjs.callback-url=http%3A%2F%2Flocalhost%3A3000; Path=/; HttpOnly; SameSite=Lax".to_owned(),
        ]
    );

    let asked =
        browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", "/home")]).await;
    assert_eq!(
        asked.set_cookies(),
        ["authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fhome; Path=/; HttpOnly; SameSite=Lax"]
    );

    let link = app.link_to("ada@example.com");
    let redeemed = browser.redeem(&link).await;
    let session = browser.session_token().unwrap();
    assert_eq!(
        redeemed.set_cookies(),
        [format!(
            "authjs.session-token={}; Path=/; Expires=Sun, 20 Dec 2026 13:06:13 GMT; HttpOnly; SameSite=Lax",
            session.expose()
        )]
    );

    let out = browser.post("/auth/signout", &[("callbackUrl", "http://localhost:3000/bye")]).await;
    assert_eq!(
        out.set_cookies(),
        [
            "authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fbye; Path=/; HttpOnly; SameSite=Lax",
            "authjs.session-token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
        ]
    );
}

#[tokio::test]
async fn over_https() {
    let config = Config::new(SECRET)
        .with_base_url("https://app.example.com")
        .with_provider(EmailProvider::new("a@example.com"));
    let app = App::with(config);
    let mut browser = app.browser();

    let csrf = browser.get("/auth/csrf").await;
    let (token, hash) = split(csrf.set_cookies()[0]);
    assert_eq!(
        csrf.set_cookies(),
        [
            format!("__Host-authjs.csrf-token={token}%7C{hash}; Path=/; HttpOnly; Secure; SameSite=Lax"),
            "__Secure-authjs.callback-url=https%3A%2F%2Fapp.example.com; Path=/; HttpOnly; Secure; SameSite=Lax"
                .to_owned(),
        ]
    );

    let token = browser.csrf_token().await;
    let body = crate::app::form(&[("email", "ada@example.com"), ("csrfToken", &token)]);
    browser.send("POST", "/auth/signin/email", &[crate::app::FORM], &body).await;
    let link = app.link_to("ada@example.com");
    let (path, query) = link.split_once('?').unwrap();
    let redeemed = browser.send("POST", path, &[crate::app::FORM], query).await;
    let session = &browser.cookies["__Secure-authjs.session-token"];
    assert_eq!(
        redeemed.set_cookies(),
        [format!(
            "__Secure-authjs.session-token={session}; Path=/; Expires=Sun, 20 Dec 2026 13:06:13 GMT; HttpOnly; \
             Secure; SameSite=Lax"
        )]
    );
}

#[tokio::test]
async fn with_names_and_attributes_of_ones_own() {
    let cookies = Cookies {
        secure: Some(true),
        session_token: CookieOverride {
            name: Some("sid".into()),
            domain: Some("localhost".into()),
            ..CookieOverride::default()
        },
        ..Cookies::default()
    };
    let app = App::with(config().with_cookies(cookies));
    let mut browser = app.browser();

    let link = browser.ask_for_link("ada@example.com").await;
    let redeemed = browser.redeem(&link).await;

    let session = &browser.cookies["sid"];
    assert_eq!(
        redeemed.set_cookies(),
        [format!(
            "sid={session}; Domain=localhost; Path=/; Expires=Sun, 20 Dec 2026 13:06:13 GMT; HttpOnly; Secure; \
             SameSite=Lax"
        )]
    );
    assert!(browser.cookies.contains_key("__Host-authjs.csrf-token"));
}

#[tokio::test]
async fn a_new_session_deletes_chunks_that_were_left_over() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    for name in ["authjs.session-token.0", "authjs.session-token.1", "authjs.session-token-evil"] {
        browser.cookies.insert(name.into(), "old".into());
    }

    let redeemed = browser.redeem(&link).await;

    let lines = redeemed.set_cookies();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        lines[..2],
        [
            "authjs.session-token.0=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
            "authjs.session-token.1=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
        ]
    );
    assert!(lines[2].starts_with("authjs.session-token="));
}

#[tokio::test]
async fn of_two_cookies_with_one_name_the_first_counts() {
    let app = App::new();
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    let real = browser.session_token().unwrap();
    let (first, last) = (
        format!("authjs.session-token={}; authjs.session-token=tossed", real.expose()),
        format!("authjs.session-token=tossed; authjs.session-token={}", real.expose()),
    );

    let send = async |cookie: &str| {
        let request = crate::app::request("GET", "/auth/session", &[("cookie", cookie)], "");
        app.send(request).await.json()
    };

    assert_eq!(send(&first).await["user"]["email"], "ada@example.com");
    assert!(send(&last).await.is_null());
}

/// Token and hash of a CSRF cookie.
fn split(line: &str) -> (String, String) {
    let value = line.split_once('=').unwrap().1.split(';').next().unwrap();
    let (token, hash) = value.split_once("%7C").unwrap();
    (token.to_owned(), hash.to_owned())
}

#[tokio::test]
async fn every_cookie_can_have_attributes_of_its_own() {
    let cookies = Cookies {
        secure: Some(true),
        session_token: CookieOverride {
            path: Some("/auth".into()),
            same_site: Some(SameSite::None),
            max_age: Some(Duration::from_mins(1)),
            http_only: Some(false),
            ..CookieOverride::default()
        },
        callback_url: CookieOverride { same_site: Some(SameSite::Strict), ..CookieOverride::default() },
        ..Cookies::default()
    };
    let app = App::with(config().with_cookies(cookies));
    let mut browser = app.browser();

    let asked =
        browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", "/in")]).await;
    let redeemed = browser.redeem(&app.link_to("ada@example.com")).await;

    assert_eq!(
        asked.set_cookies(),
        [
            "__Secure-authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fin; Path=/; HttpOnly; Secure; SameSite=Strict"
        ]
    );
    let session = &browser.cookies["__Secure-authjs.session-token"];
    assert_eq!(
        redeemed.set_cookies(),
        [format!(
            "__Secure-authjs.session-token={session}; Max-Age=60; Path=/auth; Expires=Sun, 20 Dec 2026 13:06:13 GMT; \
             Secure; SameSite=None"
        )]
    );
    let out = browser.post("/auth/signout", &[]).await;
    let gone = "__Secure-authjs.session-token=; Max-Age=0; Path=/auth; Secure; SameSite=None";
    assert!(out.set_cookies().contains(&gone), "{:?}", out.set_cookies());
}

/// Everything that a page needs which another site embeds in its own.
#[tokio::test]
async fn a_page_that_is_embedded_signs_in_and_out() {
    let embedded = || CookieOverride {
        same_site: Some(SameSite::None),
        partitioned: Some(true),
        priority: Some(CookiePriority::High),
        ..CookieOverride::default()
    };
    let cookies = Cookies {
        secure: Some(true),
        session_token: embedded(),
        csrf_token: embedded(),
        callback_url: embedded(),
        ..Cookies::default()
    };
    let mail = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
    let config = Config::new(SECRET).with_base_url(ORIGIN).with_provider(mail).with_cookies(cookies);
    let mut browser = App::with(config).browser();

    let csrf = browser.get("/auth/csrf").await;
    let asked =
        browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", "/in")]).await;
    let redeemed = browser.redeem(&browser.app.link_to("ada@example.com")).await;
    let out = browser.post("/auth/signout", &[]).await;

    let mut names = Vec::new();
    for line in [csrf, asked, redeemed, out].iter().flat_map(Answer::set_cookies) {
        let (name, attributes) = line.split_once('=').unwrap();
        assert!(attributes.contains("; Secure; Partitioned; "), "{line}");
        assert!(attributes.ends_with("; SameSite=None"), "{line}");
        assert_eq!(attributes.contains("; Priority=High"), !name.contains("vestibule."), "{line}");
        names.push(name.to_owned());
    }
    names.sort();
    names.dedup();
    assert_eq!(
        names,
        [
            "__Host-authjs.csrf-token",
            "__Host-vestibule.code",
            "__Host-vestibule.known",
            "__Secure-authjs.callback-url",
            "__Secure-authjs.session-token"
        ]
    );
}
