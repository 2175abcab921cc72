//! Codes beside the links in mails.

use http::StatusCode;
use vestibule_engine::{Codes, Config, EmailProvider, Limits, Pages};

use crate::app::{Answer, App, Browser, FORM, ORIGIN, PAGE, RETURN, SECRET, form};

pub(crate) const COOKIE: &str = "vestibule.code";
pub(crate) const PENDING: &str = "/auth/verify-request?provider=email&type=email";
pub(crate) const WRONG: &str = "This is not the code in the mail.";
pub(crate) const DEAD: &str = "Too many wrong codes.";
pub(crate) const ABSENT: &str = "No code is awaited here";

pub(crate) fn provider() -> EmailProvider {
    EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new())
}

pub(crate) fn config() -> Config {
    Config::new(SECRET).with_base_url(ORIGIN).with_provider(provider())
}

pub(crate) fn app() -> App {
    App::with(config())
}

/// Some code that is not this one.
pub(crate) fn other(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

impl Browser {
    /// Asks for a mail, and gives its code.
    pub(crate) async fn ask_for_code(&mut self, email: &str) -> String {
        self.ask_for_link(email).await;
        self.app.mailbox.last_to(email).unwrap().code.unwrap()
    }

    pub(crate) async fn enter(&mut self, code: &str) -> Answer {
        self.post_with("/auth/callback/email", &[PAGE], &[("code", code)]).await
    }

    pub(crate) fn is_signed_in(&self) -> bool {
        self.session_token().is_some()
    }
}

pub(crate) fn is_refused(answer: &Answer, message: &str) {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{}", answer.text());
    assert!(answer.text().contains("role=\"alert\""), "{}", answer.text());
    assert!(answer.text().contains(message), "{message}: {}", answer.text());
}

#[tokio::test]
async fn without_codes_mails_cookies_and_pages_are_the_original_ones() {
    let app = App::new();
    let mut browser = app.browser();

    let answer = browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await;

    assert!(!answer.set_cookies().iter().any(|cookie| cookie.starts_with(COOKIE)));
    assert_eq!(app.mailbox.last().unwrap().code, None);
    assert!(!browser.get(PENDING).await.text().contains("<form"));
    let refused = browser.enter("123456").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("This link is incomplete."));
}

#[tokio::test]
async fn the_code_signs_in_where_it_was_asked_for() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    app.store.take_calls();

    let answer = browser.enter(&code).await;

    assert_eq!(answer.location(), Some(ORIGIN), "{}", answer.text());
    assert!(browser.stored_session().await.is_some());
    assert_eq!(app.user("ada@example.com").await.unwrap().email_verified, Some(app.now()));
    assert!(!browser.cookies.contains_key(COOKIE), "the ticket goes");
    assert_eq!(
        app.store.take_calls(),
        [
            "create_verification_token",
            "create_verification_token",
            "consume_verification_token",
            "user_by_email",
            "consume_verification_token",
            "sign_up"
        ],
        "the try and the count at once, the link, the user while the count is taken back"
    );
}

#[tokio::test]
async fn the_sign_in_leads_to_where_it_was_asked_for() {
    let app = app();
    let mut browser = app.browser();
    let fields = [("email", "ada@example.com"), ("callbackUrl", "/account")];
    browser.post("/auth/signin/email", &fields).await;
    let code = app.mailbox.last().unwrap().code.unwrap();

    let answer = browser.enter(&code).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/account"));
}

#[tokio::test]
async fn the_ticket_is_a_cookie_for_as_long_as_the_code_counts() {
    let app = App::with(config().with_base_url("https://app.example.com"));
    let mut browser = app.browser();
    let csrf = browser.csrf_token().await;
    let headers = [FORM, ("origin", "https://app.example.com")];
    let body = form(&[("email", "ada@example.com"), ("csrfToken", &csrf)]);

    let answer = browser.send("POST", "/auth/signin/email", &headers, &body).await;

    let cookies = answer.set_cookies();
    let ticket = cookies.iter().find(|cookie| cookie.starts_with("__Host-vestibule.code=")).unwrap();
    assert!(
        ticket.ends_with(
            "; Max-Age=600; Path=/; Expires=Fri, 20 Nov 2026 13:16:13 GMT; HttpOnly; Secure; SameSite=Lax"
        ),
        "{ticket}"
    );
    let mail = app.mailbox.last().unwrap();
    assert!(!ticket.contains(mail.code.as_deref().unwrap()) && !ticket.contains("ada"));
}

#[tokio::test]
async fn the_store_keeps_nothing_but_the_row_of_the_link() {
    use sha2::{Digest, Sha256};
    use vestibule_core::{TokenHash, VerificationTokens};
    let app = App::with(config().with_limits(Limits::off()));
    let mut browser = app.browser();
    app.store.take_calls();

    browser.ask_for_code("ada@example.com").await;

    assert_eq!(app.store.take_calls(), ["create_verification_token"]);
    let link = app.link_to("ada@example.com");
    let token = &link[link.find("token=").unwrap() + 6..][..64];
    let hash = TokenHash::from(hex::encode(Sha256::digest(format!("{token}{SECRET}"))));
    assert!(app.memory.consume_verification_token("ada@example.com", &hash).await.unwrap().is_some());
}

#[tokio::test]
async fn a_code_that_was_used_leaves_no_link_and_a_link_that_was_used_no_code() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let link = app.link_to("ada@example.com");
    browser.enter(&code).await;

    let verification = Some("http://localhost:3000/auth/error?error=Verification");
    assert_eq!(app.browser().redeem(&link).await.location(), verification);

    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let mut phone = app.browser();
    phone.redeem(&app.link_to("ada@example.com")).await;
    assert!(phone.is_signed_in());
    is_refused(&browser.enter(&code).await, WRONG);
    assert!(!browser.is_signed_in());
}

#[tokio::test]
async fn a_link_that_is_used_where_it_was_asked_for_takes_the_ticket_along() {
    let app = app();
    let mut browser = app.browser();
    browser.ask_for_code("ada@example.com").await;
    assert!(browser.cookies.contains_key(COOKIE));

    browser.redeem(&app.link_to("ada@example.com")).await;

    assert!(browser.is_signed_in() && !browser.cookies.contains_key(COOKIE));
}

#[tokio::test]
async fn a_code_counts_in_no_other_browser() {
    let app = app();
    let code = app.browser().ask_for_code("ada@example.com").await;
    app.store.take_calls();

    let mut stranger = app.browser();
    is_refused(&stranger.enter(&code).await, ABSENT);
    assert_eq!(app.store.take_calls(), [""; 0], "the store is not even asked");

    stranger.ask_for_code("eve@example.com").await;
    is_refused(&stranger.enter(&code).await, WRONG);
    assert!(!stranger.is_signed_in());
}

#[tokio::test]
async fn the_page_shows_the_field_and_the_address_to_the_browser_that_asked() {
    let app = app();
    let mut browser = app.browser();
    browser.post("/auth/signin/email", &[("email", "ada@example.com"), ("callbackUrl", "/account")]).await;

    let page = browser.get(PENDING).await;

    for part in [
        "<strong>ada@example.com</strong>",
        "method=\"post\" action=\"/auth/callback/email\"",
        "<label for=\"code\">",
        "inputmode=\"numeric\" autocomplete=\"one-time-code\"",
        "name=\"callbackUrl\" value=\"http://localhost:3000/account\"",
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("aria-invalid"));
    for path in ["/auth/verify-request", "/auth/verify-request?provider=github"] {
        assert!(!browser.get(path).await.text().contains("name=\"code\""), "{path}");
    }
    let stranger = app.browser().get(PENDING).await;
    assert!(!stranger.text().contains("name=\"code\"") && !stranger.text().contains("ada@example.com"));
}

#[tokio::test]
async fn the_mail_and_the_page_are_in_the_language_of_the_visitor() {
    let app = app();
    let mut browser = app.browser();
    let csrf = browser.csrf_token().await;
    let korean = ("accept-language", "ko");
    let body = form(&[("email", "ada@example.com"), ("csrfToken", &csrf)]);

    browser.send("POST", "/auth/signin/email", &[PAGE, FORM, korean], &body).await;
    let page = browser.send("GET", PENDING, &[PAGE, korean], "").await;
    let wrong = form(&[("code", "1"), ("csrfToken", &csrf)]);
    let wrong = browser.send("POST", "/auth/callback/email", &[PAGE, FORM, korean], &wrong).await;

    assert!(app.mailbox.last().unwrap().text.contains("10분 동안 유효합니다."));
    assert!(page.text().contains("메일에 있는 코드"));
    assert!(wrong.text().contains("메일에 있는 코드와 다릅니다."));
}

#[tokio::test]
async fn the_page_with_the_field_is_accessible_and_locked_down() {
    let mut browser = app().browser();
    browser.ask_for_code("ada@example.com").await;

    let wrong = browser.enter("1").await;
    for page in [browser.get(PENDING).await, wrong] {
        crate::pages::is_accessible_and_locked_down(&page, PENDING);
    }
}

#[tokio::test]
async fn programs_are_answered_in_json_and_clients_of_the_original_with_a_page_to_go_to() {
    let app = app();
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;
    let wrong = other(&code);

    let answer = browser.post("/auth/callback/email", &[("code", &wrong)]).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(answer.json()["message"].as_str().unwrap().starts_with(WRONG));

    let answer = browser.post_with("/auth/callback/email", &[RETURN], &[("code", &wrong)]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let to = format!("{ORIGIN}{PENDING}&error=InvalidCode");
    assert_eq!(answer.json()["url"], to);
    let page = browser.get(&to[ORIGIN.len()..]).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().contains(WRONG) && page.text().contains("name=\"code\""));

    let answer = browser.post_with("/auth/callback/email", &[RETURN], &[("code", &code)]).await;
    assert_eq!(answer.json()["url"], ORIGIN);
    assert!(browser.is_signed_in());
}

#[tokio::test]
async fn the_applications_own_page_is_told_why() {
    let pages = Pages { verify_request: Some("/sent".into()), ..Pages::default() };
    let app = App::with(config().with_pages(pages));
    let mut browser = app.browser();
    let code = browser.ask_for_code("ada@example.com").await;

    let to = |error| format!("{ORIGIN}/sent?provider=email&type=email&error={error}");
    let wrong = browser.enter(&other(&code)).await;
    assert_eq!(wrong.location(), Some(to("InvalidCode").as_str()));
    let absent = app.browser().enter(&code).await;
    assert_eq!(absent.location(), Some(to("CodeExpired").as_str()));
    browser.enter(&code).await;
    assert!(browser.is_signed_in());
}
