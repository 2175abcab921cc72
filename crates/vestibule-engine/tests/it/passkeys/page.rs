//! The built-in page, and its script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use vestibule_core::Users as _;
use vestibule_engine::{PasskeyRegistration, WebAuthnProvider};

use super::{ADA, Place, new_key, open};
use crate::app::{ORIGIN, PAGE};
use crate::oauth::strategies;

#[tokio::test]
async fn the_form_is_the_one_that_auth_js_describes() {
    let place = Place::new(WebAuthnProvider::passkey(), strategies()[0]);

    let answer = place.app.browser().get("/auth/signin").await;

    let html = answer.text();
    for part in [
        r#"<form id="passkey-form" method="post" action="/auth/callback/passkey" data-options="/auth/webauthn-options/passkey" data-offers"#,
        r#"<input type="email" name="email" id="email-for-passkey""#,
        r#"autocomplete="username webauthn""#,
        r#"data-action="authenticate" disabled>Sign in with Passkey</button>"#,
        "<noscript><p class=\"note\">Passkeys need JavaScript",
        r#"<p class="alert" role="alert" data-alert hidden></p>"#,
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains("Add a passkey"));
    // What is typed is not asked about, where that is not looked at.
    assert!(!html.contains(r#"id="email-for-passkey" data-form-field"#));
    let registers = Place::new(open(), strategies()[0]).app.browser().get("/auth/signin").await;
    assert!(registers.text().contains(r#"id="email-for-passkey" data-form-field"#));
}

#[tokio::test]
async fn the_policy_allows_the_script_and_no_other() {
    let place = Place::new(WebAuthnProvider::passkey(), strategies()[0]);

    let answer = place.app.browser().get("/auth/signin").await;

    let script = answer.text().split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let hash = STANDARD.encode(Sha256::digest(script));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.ends_with(&format!("; script-src 'sha256-{hash}'; connect-src 'self'")), "{policy}");
    assert!(policy.starts_with("default-src 'none'"));
    let other = place.app.browser().get("/auth/signout").await;
    assert!(!other.header("content-security-policy").unwrap().contains("script-src"));
    let mails = crate::app::App::new().browser().get("/auth/signin").await;
    assert!(!mails.header("content-security-policy").unwrap().contains("script-src"));
    assert!(!mails.text().contains("<script"));
}

#[tokio::test]
async fn what_the_buttons_ask_for_goes_by_who_may() {
    let texts = [
        (PasskeyRegistration::WhenSignedIn, false, ["\"authenticate\""].as_slice()),
        (PasskeyRegistration::WhenSignedIn, true, &["\"authenticate\"", "\"register\""]),
        (PasskeyRegistration::ByAddress, false, &["\"\""]),
        (PasskeyRegistration::ByAddress, true, &["\"authenticate\"", "\"register\""]),
    ];
    for (registration, signed_in, expected) in texts {
        let provider = WebAuthnProvider::passkey().with_registration(registration);
        let place = Place::new(provider, strategies()[0]);
        let mut browser = if signed_in { place.by_mail(ADA).await.0 } else { place.app.browser() };

        let page = browser.get("/auth/signin").await;

        let actions: Vec<_> =
            page.text().split("data-action=").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect();
        assert_eq!(actions, expected, "{registration:?} {signed_in}");
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_nobodys() {
    for strategy in strategies() {
        let place = Place::new(open(), strategy);
        let (mut browser, ada) = place.by_mail(ADA).await;
        assert!(browser.get("/auth/signin").await.text().contains("Add a passkey"));
        place.app.memory.delete_user(&ada.id).await.unwrap();

        let page = browser.get("/auth/signin").await;

        assert!(!page.text().contains("Add a passkey"));
        assert!(page.text().contains("data-action=\"\""));
        // Whoever brings no session costs nothing.
        place.app.store.take_calls();
        place.app.browser().get("/auth/signin").await;
        assert_eq!(place.app.store.take_calls(), [""; 0]);
    }
}

#[tokio::test]
async fn without_offers_there_is_no_field_that_nobody_needs() {
    let provider = WebAuthnProvider::passkey().with_conditional_ui(false);
    let place = Place::new(provider, strategies()[0]);

    let page = place.app.browser().get("/auth/signin").await;

    assert!(!page.text().contains("email-for-passkey"));
    assert!(!page.text().contains("data-offers"));
}

#[tokio::test]
async fn what_went_wrong_is_said_in_both_languages() {
    let place = Place::new(open(), strategies()[0]);
    let says = async |path: &str, language| {
        let mut browser = place.app.browser();
        browser.send("GET", path, &[PAGE, ("accept-language", language)], "").await
    };

    let english = says("/auth/error?error=WebAuthnVerificationError", "en").await;
    let korean = says("/auth/error?error=WebAuthnVerificationError", "ko").await;
    let taken = says("/auth/signin?error=AccountNotLinked", "en").await;

    assert_eq!(english.status(), 200);
    assert!(english.text().contains("This passkey cannot be used"));
    assert!(english.text().contains(r#"href="/auth/signin""#));
    assert!(korean.text().contains("이 패스키를 사용할 수 없습니다"));
    assert!(taken.text().contains("in use already"));
}

#[tokio::test]
async fn the_pages_form_signs_in_with_where_it_leads_to() {
    let place = Place::new(open(), strategies()[0]);
    let (_, mut key, _) = place.registered(ADA).await;
    let mut browser = place.app.browser();
    browser.get("/auth/signin?callbackUrl=/home").await;
    let asked = browser.asked("action=authenticate").await;
    let data = key.authenticate(ORIGIN, &asked["options"]);

    let answer = browser.answer("authenticate", &data).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/home"));
    let again = place.app.browser().register(&mut new_key(), "email=new@example.com").await;
    assert_eq!(again.location(), Some(ORIGIN));
}
