//! Pages and mails in the language of the visitor.

use vestibule_engine::Language;

use crate::app::{App, FORM, ORIGIN, PAGE, config, form};

const KOREAN: (&str, &str) = ("accept-language", "ko-KR,ko;q=0.9,en;q=0.8");

/// A language that is not built in.
fn german() -> Language {
    let json = include_str!("../../assets/languages/en.json")
        .replace("\"tag\": \"en\"", "\"tag\": \"de\"")
        .replace("\"Sign out?\"", "\"Abmelden?\"");
    Language::from_json(&json).unwrap()
}

#[tokio::test]
async fn every_page_is_in_the_language_that_is_read_best() {
    let app = App::new();
    for (path, text) in [
        ("/auth/signin", "이메일 주소"),
        ("/auth/signin?error=SessionRequired", "이 페이지를 보려면 로그인하세요."),
        ("/auth/signout", "로그아웃할까요?"),
        ("/auth/verify-request", "이메일을 확인하세요"),
        ("/auth/error?error=Verification", "사용할 수 없는 링크입니다"),
        ("/auth/callback/email?token=t&email=a%40b", "<strong>a@b</strong>"),
        ("/auth/callback/unknown", "그런 로그인 방법은 없습니다."),
    ] {
        let page = app.browser().send("GET", path, &[PAGE, KOREAN], "").await;

        assert!(page.text().contains(text), "{path}: {}", page.text());
        assert!(page.text().contains("<html lang=\"ko\" dir=\"ltr\""), "{path}");
        let english = app.browser().get(path).await;
        assert!(english.text().contains("<html lang=\"en\" dir=\"ltr\""), "{path}");
    }
}

#[tokio::test]
async fn the_mail_is_in_the_language_of_the_form() {
    let app = App::new();
    let mut browser = app.browser();
    let token = browser.csrf_token().await;
    let body = form(&[("email", "ada@example.com"), ("csrfToken", &token)]);

    browser.send("POST", "/auth/signin/email", &[FORM, ("origin", ORIGIN), KOREAN], &body).await;

    let mail = app.mailbox.last_to("ada@example.com").unwrap();
    assert_eq!(mail.subject, "localhost:3000 로그인");
    assert!(mail.html.contains("lang=\"ko\""));
    assert!(mail.text.contains("이 메일을 요청하지 않았다면"));
}

#[tokio::test]
async fn a_language_can_be_added_and_be_the_one_for_all_others() {
    let app = App::with(config().with_language(german()).with_default_language("de"));

    for (wanted, text) in
        [("fr", "Abmelden?"), ("de-AT", "Abmelden?"), ("en", "Sign out?"), ("ko", "로그아웃할까요?")]
    {
        let page = app.browser().send("GET", "/auth/signout", &[PAGE, ("accept-language", wanted)], "").await;

        assert!(page.text().contains(text), "{wanted}");
    }
}
