//! `GET /csrf`, and the defenses of POST.

use http::StatusCode;

use crate::app::{App, FORM, ORIGIN, PAGE, form, request};

#[tokio::test]
async fn a_token_is_made_and_kept() {
    let app = App::new();
    let mut browser = app.browser();

    let first = browser.get("/auth/csrf").await;
    let second = browser.get("/auth/csrf").await;

    assert_eq!(first.json(), second.json());
    assert_eq!(first.json()["csrfToken"].as_str().unwrap().len(), 64);
    assert_eq!(first.set_cookies().len(), 2);
    assert_eq!(second.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn the_headers_are_those_of_the_original() {
    let answer = App::new().get("/auth/csrf").await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache, no-store"));
    assert_eq!(answer.header("expires"), Some("0"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
}

#[tokio::test]
async fn a_cookie_that_the_original_made_works_here() {
    let app = App::new();
    let token = "a".repeat(64);
    let cookie = format!(
        "authjs.csrf-token={token}%7C4a31e02953bd18bb4ce1f862e41a3e3c3ac4a4e5e906a0e30534e8d36b1e87ac"
    );

    let body = form(&[("email", "ada@example.com"), ("csrfToken", &token)]);
    let answer = app.send(request("POST", "/auth/signin/email", &[FORM, ("cookie", &cookie)], &body)).await;

    assert_eq!(
        answer.location(),
        Some("http://localhost:3000/auth/verify-request?provider=email&type=email")
    );
}

/// Each way to post that must come to nothing.
#[tokio::test]
async fn a_post_without_proof_is_refused_and_does_nothing() {
    for path in ["/auth/signin/email", "/auth/signin", "/auth/signout"] {
        let app = App::new();
        let mut browser = app.browser();
        browser.sign_in("ada@example.com").await;
        let (mails, token) = (app.mailbox.mails().len(), browser.csrf_token().await);
        let valid = form(&[("email", "bob@example.com"), ("csrfToken", &token)]);
        let query = format!("{path}?csrfToken={token}");
        let cookies = browser.cookie_header();
        let bare: Vec<(&str, &str)> = vec![FORM];
        let attempts = [
            (path, vec![FORM, ("cookie", &cookies)], form(&[("email", "bob@example.com")])),
            (path, vec![FORM, ("cookie", &cookies)], form(&[("csrfToken", &"0".repeat(64))])),
            (query.as_str(), vec![FORM, ("cookie", &cookies)], form(&[("email", "bob@example.com")])),
            (path, bare, valid.clone()),
            (path, vec![("cookie", &cookies)], valid.clone()),
            (path, vec![("content-type", "text/plain"), ("cookie", &cookies)], valid.clone()),
            (path, vec![FORM, ("cookie", &cookies), ("origin", "https://evil.example")], valid.clone()),
            (path, vec![FORM, ("cookie", &cookies), ("origin", "null")], valid.clone()),
            (path, vec![FORM, ("cookie", &cookies), ("sec-fetch-site", "cross-site")], valid.clone()),
        ];
        for (path, headers, body) in attempts {
            let answer = app.send(request("POST", path, &headers, &body)).await;

            assert_eq!(answer.status(), StatusCode::FOUND);
            assert_eq!(
                answer.location(),
                Some("http://localhost:3000/auth/signin?error=MissingCSRF"),
                "{headers:?}"
            );
            assert_eq!(answer.set_cookies(), [""; 0]);
        }
        assert_eq!(app.mailbox.mails().len(), mails);
        assert!(browser.stored_session().await.is_some());
    }
}

#[tokio::test]
async fn our_own_pages_and_programs_may_post() {
    let headers: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", ORIGIN), ("sec-fetch-site", "same-origin")],
        &[("origin", "null"), ("sec-fetch-site", "same-origin")],
        &[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")],
    ];
    for headers in headers {
        let app = App::new();
        let mut browser = app.browser();
        let token = browser.csrf_token().await;
        let headers = [&[FORM, PAGE], headers].concat();

        let body = form(&[("email", "ada@example.com"), ("csrfToken", &token)]);
        let answer = browser.send("POST", "/auth/signin/email", &headers, &body).await;

        assert_eq!(answer.status(), StatusCode::FOUND, "{headers:?}");
        assert_eq!(app.mailbox.mails().len(), 1, "{headers:?}");
    }
}
