//! The built-in pages.

use http::StatusCode;
use vestibule_engine::{ColorScheme, Pages, Theme};

use crate::app::{Answer, App, config};

/// Every page there is, and the status that it has.
const PAGES: [(&str, u16); 9] = [
    ("/auth/signin", 200),
    ("/auth/signin?error=AccessDenied", 200),
    ("/auth/signout", 200),
    ("/auth/verify-request?provider=email&type=email", 200),
    ("/auth/callback/email?token=t&email=ada%40example.com", 200),
    ("/auth/error", 200),
    ("/auth/error?error=Configuration", 500),
    ("/auth/error?error=AccessDenied", 403),
    ("/auth/error?error=Verification", 403),
];

fn policy(answer: &Answer) -> &str {
    answer.header("content-security-policy").unwrap()
}

/// Whether there is an attribute such as `onclick=`.
fn has_event_handler(html: &str) -> bool {
    html.split(" on").skip(1).any(|rest| {
        let name = rest.split('=').next().unwrap_or_default();
        !name.is_empty() && name.len() < rest.len() && name.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

/// What holds for every page.
pub(crate) fn is_accessible_and_locked_down(page: &Answer, path: &str) {
    let text = page.text();
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("private, no-store"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert!(text.starts_with("<!DOCTYPE html><html lang=\"en\""), "{path}");
    assert_eq!(text.matches("<h1>").count(), 1, "{path}");
    assert_eq!(text.matches("<main>").count(), 1, "{path}");
    assert!(text.contains("name=\"viewport\""), "{path}");
    assert!(!text.contains("<script") && !text.contains("style="), "{path}");
    assert!(!has_event_handler(text), "{path}");
    for input in text.split("<input ").skip(1).filter(|input| !input.starts_with("type=\"hidden\"")) {
        let id = input.split("id=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(text.contains(&format!("<label for=\"{id}\">")), "{path}: {id}");
    }
}

#[tokio::test]
async fn every_page_is_accessible_and_locked_down() {
    let app = App::new();
    for (path, status) in PAGES {
        let page = app.browser().get(path).await;
        assert_eq!(page.status().as_u16(), status, "{path}");
        is_accessible_and_locked_down(&page, path);
    }
}

#[tokio::test]
async fn the_policy_allows_the_stylesheet_and_the_forms_and_nothing_else() {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};
    let app = App::with(config().with_allowed_redirect("https://app.example.com"));

    let page = app.browser().get("/auth/signin").await;

    let css = page.text().split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(css.as_bytes()));
    assert_eq!(
        policy(&page),
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'self' http://localhost:3000 https://app.example.com"
        )
    );
}

#[tokio::test]
async fn forms_may_lead_to_the_applications_own_pages() {
    let pages = Pages {
        verify_request: Some("https://www.example.com/sent".into()),
        new_user: Some("/welcome".into()),
        ..Pages::default()
    };
    let app = App::with(config().with_pages(pages));

    let page = app.browser().get("/auth/signin").await;

    assert!(policy(&page).ends_with("form-action 'self' http://localhost:3000 https://www.example.com"));
}

#[tokio::test]
async fn the_theme_colors_the_page_and_shows_a_logo() {
    let theme = Theme {
        color_scheme: ColorScheme::Dark,
        logo: Some("https://cdn.example.com/logo.svg".into()),
        brand_color: "#123456".into(),
        button_text: "white".into(),
    };
    let app = App::with(config().with_theme(theme));

    let page = app.browser().get("/auth/signin").await;

    assert!(page.text().contains("<html lang=\"en\" dir=\"ltr\" class=\"dark\">"));
    assert!(page.text().contains(":root{--brand:#123456;--button-text:white}"));
    assert!(page.text().contains("<img class=\"logo\" src=\"https://cdn.example.com/logo.svg\" alt=\"\">"));
    assert!(policy(&page).contains("; img-src https://cdn.example.com;"));
}

#[tokio::test]
async fn what_the_query_says_is_escaped() {
    let app = App::new();
    let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";

    for path in [
        format!("/auth/signin?email={evil}&error={evil}&csrfToken={evil}&providers=x"),
        format!("/auth/error?error={evil}"),
        format!("/auth/callback/email?token={evil}&email={evil}"),
        format!("/auth/signin?callbackUrl=/{evil}"),
        format!("/auth/verify-request?provider={evil}"),
    ] {
        let page = app.browser().get(&path).await;
        assert!(page.status().is_success());
        assert!(!page.text().contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn the_address_is_filled_in_and_the_error_is_explained() {
    let page = App::new().browser().get("/auth/signin?email=ada%40example.com&error=SessionRequired").await;

    assert!(page.text().contains("value=\"ada@example.com\""));
    assert!(page.text().contains("role=\"alert\">Please sign in to see this page."));
}

#[tokio::test]
async fn the_development_mailbox_is_linked() {
    let app = App::with(config().with_mailbox_url("/mailbox"));

    let page = app.browser().get("/auth/verify-request").await;

    assert!(page.text().contains("<a href=\"/mailbox\">"));
    assert!(!App::new().browser().get("/auth/verify-request").await.text().contains("mailbox"));
}

#[tokio::test]
async fn the_applications_own_pages_get_what_they_need() {
    let pages =
        Pages { error: Some("/oops".into()), verify_request: Some("/sent".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));

    let error = app.get("/auth/error?error=Verification").await;
    let sent = app.get("/auth/verify-request?provider=email&type=email").await;

    assert_eq!(error.status(), StatusCode::FOUND);
    assert_eq!(error.location(), Some("/oops?error=Verification"));
    assert_eq!(sent.location(), Some("/sent?provider=email&type=email"));
}

#[tokio::test]
async fn the_sign_in_form_posts_what_the_route_wants() {
    let app = App::new();
    let mut browser = app.browser();

    let page = browser.get("/auth/signin?callbackUrl=/deep").await;

    let token = browser.csrf_token().await;
    let text = page.text();
    assert!(text.contains("<form method=\"post\" action=\"/auth/signin/email\">"));
    assert!(text.contains(&format!("<input type=\"hidden\" name=\"csrfToken\" value=\"{token}\">")));
    assert!(text.contains("name=\"callbackUrl\" value=\"http://localhost:3000/deep\""));
    assert!(text.contains("autocomplete=\"email\""));
    assert!(text.contains("Sign in with Email"));
}
