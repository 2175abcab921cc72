//! Sign-in by credentials, with sessions of both kinds.

use async_trait::async_trait;
use http::StatusCode;
use vestibule_core::{NewUser, UserId, Users};
use vestibule_engine::{
    Authorize, Config, Credential, Credentials, CredentialsError, CredentialsProvider, Field, JwtPolicy,
    Limits,
};

use crate::app::{App, FORM, ORIGIN, RETURN, SECRET, form};

/// Takes `ada` with the password `pw`, and wants more of `otp`.
struct Ada(Option<UserId>);

#[async_trait]
impl Authorize for Ada {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        match (fields.get("username"), fields.get("password")) {
            (Some("ada"), Some("pw")) => Ok(Some(Credential {
                id: self.0.clone(),
                name: Some("Ada Lovelace".into()),
                email: Some("ada@example.com".into()),
                image: Some("https://example.com/ada.png".into()),
                ..Credential::default()
            })),
            (Some("otp"), _) => Err(CredentialsError::refused("otp_required")),
            (Some("odd"), _) => Err(CredentialsError::refused("a&b=c")),
            (Some("broken"), _) => Err(CredentialsError::Failed("the password file is gone".into())),
            _ => Ok(None),
        }
    }
}

fn provider(id: Option<UserId>) -> CredentialsProvider {
    CredentialsProvider::new(Ada(id))
        .with_field(Field::text("username", "User name"))
        .with_field(Field::password("password", "Password"))
}

fn config(id: Option<UserId>) -> Config {
    Config::new(SECRET).with_base_url(ORIGIN).with_provider(provider(id))
}

fn with_jwt() -> App {
    App::with(config(None).with_session(JwtPolicy::default()))
}

const RIGHT: [(&str, &str); 2] = [("username", "ada"), ("password", "pw")];
const CALLBACK: &str = "/auth/callback/credentials";

#[tokio::test]
async fn the_right_ones_sign_in_with_a_token_in_the_cookie() {
    let mut browser = with_jwt().browser();

    let answer = browser.post(CALLBACK, &[&RIGHT[..], &[("callbackUrl", "/home")]].concat()).await;

    assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some("http://localhost:3000/home")));
    let session = browser.get("/auth/session").await;
    assert_eq!(session.json()["user"]["name"], "Ada Lovelace");
    assert_eq!(session.json()["user"]["image"], "https://example.com/ada.png");
    assert!(
        session.text().starts_with(r#"{"user":{"name":"Ada Lovelace","email":"ada@example.com","image":"#)
    );
}

#[tokio::test]
async fn the_store_is_not_asked_for_a_session_in_the_cookie() {
    let config = config(None).with_session(JwtPolicy::default()).with_limits(Limits::off());
    let app = App::with(config);
    let mut browser = app.browser();

    browser.post(CALLBACK, &RIGHT).await;
    browser.get("/auth/session").await;
    browser.post("/auth/signout", &[]).await;

    assert!(app.store.take_calls().is_empty());
    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

#[tokio::test]
async fn the_wrong_ones_lead_back_with_a_code() {
    for (user, code) in [("eve", "credentials"), ("otp", "otp_required"), ("odd", "credentials")] {
        let mut browser = with_jwt().browser();

        let answer = browser.post_with(CALLBACK, &[RETURN], &[("username", user)]).await;

        assert_eq!(answer.status(), StatusCode::OK);
        let url = format!("{ORIGIN}/auth/signin?error=CredentialsSignin&code={code}");
        assert_eq!(answer.json()["url"], url.as_str());
        assert!(answer.set_cookies().is_empty());
    }
}

#[tokio::test]
async fn a_client_of_version_4_is_told_by_the_status() {
    let mut browser = with_jwt().browser();

    let answer = browser.post(CALLBACK, &[("username", "eve"), ("json", "true")]).await;

    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        answer.json()["url"],
        "http://localhost:3000/auth/signin?error=CredentialsSignin&code=credentials"
    );
}

#[tokio::test]
async fn what_cannot_be_checked_is_not_told() {
    let mut browser = with_jwt().browser();

    let answer = browser.post(CALLBACK, &[("username", "broken")]).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=Configuration"));
    assert_eq!(browser.session_token(), None);
}

#[tokio::test]
async fn a_form_without_the_token_signs_nobody_in() {
    let mut browser = with_jwt().browser();

    let answer = browser.send("POST", CALLBACK, &[FORM, ("origin", ORIGIN)], &form(&RIGHT)).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=MissingCSRF"));
    assert_eq!(browser.session_token(), None);
}

#[tokio::test]
async fn a_get_is_no_way_to_sign_in() {
    let answer = with_jwt().browser().get(&format!("{CALLBACK}?username=ada&password=pw")).await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=Configuration"));
}

#[tokio::test]
async fn sessions_in_the_store_work_as_well() {
    let id = UserId::from("ada-1");
    let app = App::with(config(Some(id.clone())));
    app.memory
        .create_user(&NewUser { id: Some(id.clone()), ..NewUser::with_email("ada@example.com") }, None)
        .await
        .unwrap();
    let mut browser = app.browser();

    browser.post(CALLBACK, &RIGHT).await;

    assert_eq!(browser.stored_session().await.unwrap().user_id, id);
    assert_eq!(browser.get("/auth/session").await.json()["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn a_user_that_the_store_does_not_know_is_not_signed_in_there() {
    for (id, location) in [
        (Some(UserId::from("nobody")), "/auth/signin?error=CredentialsSignin&code=credentials"),
        (None, "/auth/error?error=Configuration"),
    ] {
        let mut browser = App::with(config(id)).browser();

        let answer = browser.post(CALLBACK, &RIGHT).await;

        assert_eq!(answer.location(), Some(format!("{ORIGIN}{location}").as_str()));
        assert_eq!(browser.session_token(), None);
    }
}

#[tokio::test]
async fn the_page_has_the_fields() {
    let page = with_jwt().browser().get("/auth/signin").await;

    for part in
        ["name=\"username\"", "type=\"password\"", "action=\"/auth/callback/credentials\"", "User name"]
    {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
}
