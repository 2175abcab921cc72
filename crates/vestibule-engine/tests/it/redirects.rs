//! Where flows lead to, the cookie that remembers it, and redirects for scripts.

use http::StatusCode;
use vestibule_engine::Pages;

use crate::app::{App, FORM, ORIGIN, RETURN, config, form, request};

#[tokio::test]
async fn other_sites_become_the_origin() {
    for target in [
        "https://evil.example/",
        "//evil.example",
        "https://localhost:3000/",
        "http://localhost:3001/",
        "http://localhost:3000@evil.example/",
        "http://evil@localhost:3000/",
    ] {
        let answer = App::new().browser().post("/auth/signout", &[("callbackUrl", target)]).await;

        assert_eq!(answer.location(), Some(ORIGIN), "{target}");
    }
}

#[tokio::test]
async fn allowed_origins_are_kept() {
    let app = App::with(config().with_allowed_redirect("https://app.example.com"));
    let to = "https://app.example.com/deep?x=1";

    let answer = app.browser().post("/auth/signout", &[("callbackUrl", to)]).await;

    assert_eq!(answer.location(), Some(to));
}

#[tokio::test]
async fn the_cookie_remembers_where_the_last_flow_led() {
    let app = App::new();
    let mut browser = app.browser();
    browser.get("/auth/signin?callbackUrl=/deep").await;
    assert_eq!(browser.cookies["authjs.callback-url"], "http%3A%2F%2Flocalhost%3A3000%2Fdeep");

    let link = browser.ask_for_link("ada@example.com").await;
    let unsaid = link.replace("callbackUrl=", "x=");

    assert_eq!(browser.redeem(&unsaid).await.location(), Some("http://localhost:3000/deep"));
}

#[tokio::test]
async fn a_page_that_takes_a_long_callback_url_takes_it_back() {
    for path in ["a".repeat(2040), "é".repeat(700)] {
        let app = App::new();
        let mut browser = app.browser();
        let page =
            browser.get(&format!("/auth/signin?{}", form(&[("callbackUrl", &format!("/{path}"))]))).await;
        if page.status() == StatusCode::BAD_REQUEST {
            continue;
        }
        let text = page.text();
        let field = text.split_once(r#"name="callbackUrl" value=""#).unwrap().1.split('"').next().unwrap();

        let answer =
            browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", field)]).await;

        assert_eq!(answer.status(), StatusCode::FOUND, "{field:.60}");
    }
}

#[tokio::test]
async fn a_way_back_that_is_too_long_is_left_out() {
    let app = App::new();
    let long = |length: usize| app.engine.sign_in_url(&format!("/{}", "a".repeat(length - 1)));

    assert_eq!(app.get(&long(2048)).await.status(), StatusCode::OK);
    assert_eq!(long(2049), "/auth/signin");
}

#[tokio::test]
async fn any_query_reaches_the_applications_own_page() {
    let pages = Pages { verify_request: Some("/sent".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));

    let answer = app.get("/auth/verify-request?provider=é&x=%20").await;

    assert_eq!(answer.location(), Some("/sent?provider=%C3%A9&x=%20"));
}

#[tokio::test]
async fn a_bad_cookie_is_ignored_and_overwritten() {
    for bad in [
        "foo",
        "javascript%3Aalert(1)",
        "%ff",
        "http%3A%2F%2F%5B",
        "%2F%0d%0aevil",
        "https%3A%2F%2Fevil.example",
    ] {
        let app = App::new();
        let mut browser = app.browser();
        browser.cookies.insert("authjs.callback-url".into(), bad.into());

        let answer = browser.get("/auth/csrf").await;

        assert_eq!(answer.status(), StatusCode::OK, "{bad}");
        assert_eq!(browser.cookies["authjs.callback-url"], "http%3A%2F%2Flocalhost%3A3000", "{bad}");
    }
}

#[tokio::test]
async fn a_script_gets_the_url_of_any_redirect() {
    let pages = Pages { sign_in: Some("/login".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));

    for value in ["1", "0", ""] {
        let answer = app.send(request("GET", "/auth/signin", &[("x-auth-return-redirect", value)], "")).await;

        let to = "/login?callbackUrl=http%3A%2F%2Flocalhost%3A3000";
        assert_eq!((answer.status(), answer.location()), (StatusCode::OK, Some(to)));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.json()["url"], to);
        assert_eq!(answer.set_cookies().len(), 2);
    }
}

#[tokio::test]
async fn a_script_gets_the_url_of_a_failure_and_nothing_else() {
    let app = App::new();
    let mut browser = app.browser();

    let answer = browser.send("POST", "/auth/signout", &[FORM, RETURN], "").await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.text(), r#"{"url":"http://localhost:3000/auth/signin?error=MissingCSRF"}"#);
    assert_eq!(answer.location(), None);
    assert_eq!(answer.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn the_form_field_of_version_4_is_a_synonym() {
    let app = App::new();
    let mut browser = app.browser();

    let answer = browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("json", "true")]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json()["url"], "http://localhost:3000/auth/verify-request?provider=email&type=email");

    let refused = app.send(request("POST", "/auth/signout", &[FORM], &form(&[("json", "true")]))).await;
    assert_eq!(refused.json()["url"], "http://localhost:3000/auth/signin?error=MissingCSRF");
}

#[tokio::test]
async fn the_header_has_no_effect_without_a_redirect() {
    let answer = App::new().send(request("GET", "/auth/session", &[RETURN], "")).await;

    assert_eq!(answer.text(), "null");
}

#[tokio::test]
async fn pages_of_other_origins_get_absolute_error_urls() {
    let pages = Pages { sign_in: Some("https://www.example.com/login?x=1".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));

    let answer = app.send(request("POST", "/auth/signout", &[FORM], "")).await;

    assert_eq!(answer.location(), Some("https://www.example.com/login?x=1&error=MissingCSRF"));
}
