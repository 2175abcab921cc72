//! A sign-in at a provider byte by byte: cookies with all their attributes, and the request to the provider.

use serde_json::json;
use url::Url;
use vestibule_engine::oauth::pkce;
use vestibule_engine::{Config, CookieOverride, Cookies, SessionStrategy};
use vestibule_testkit::Page;
use vestibule_token::{Claims, SessionKeys};

use super::{World, ada, client_of};
use crate::app::{Browser, FORM, SECRET, form};

fn opened(browser: &Browser, cookie: &str) -> Claims {
    let keys = SessionKeys::new(&[SECRET], cookie);
    keys.open(&browser.cookies[cookie], browser.app.now().as_secs()).unwrap()
}

fn names(claims: &Claims) -> Vec<&str> {
    claims.iter().map(|(name, _)| name).collect()
}

fn query(url: &str) -> Vec<(String, String)> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn the_cookies_are_those_of_the_original() {
    let world = World::new(SessionStrategy::default()).await;
    let mut browser = world.app.browser();

    let answer = browser.post("/auth/signin/fake", &[("callbackUrl", "/home")]).await;

    let value = |cookie: &str| browser.cookies[cookie].clone();
    let expires = "Expires=Fri, 20 Nov 2026 13:21:13 GMT; HttpOnly; SameSite=Lax";
    assert_eq!(
        answer.set_cookies(),
        [
            "authjs.callback-url=http%3A%2F%2Flocalhost%3A3000%2Fhome; Path=/; HttpOnly; SameSite=Lax"
                .to_owned(),
            format!("authjs.state={}; Max-Age=900; Path=/; {expires}", value("authjs.state")),
            format!(
                "authjs.pkce.code_verifier={}; Max-Age=900; Path=/; {expires}",
                value("authjs.pkce.code_verifier")
            ),
            format!("authjs.nonce={}; Path=/; {expires}", value("authjs.nonce")),
        ]
    );
}

#[tokio::test]
async fn the_cookies_hold_what_those_of_the_original_hold() {
    let world = World::new(SessionStrategy::default()).await;
    let mut browser = world.app.browser();

    let to = query(&browser.leave_for("fake").await);

    let sent = |name: &str| to.iter().find(|(known, _)| known == name).unwrap().1.clone();
    let (state, verifier, nonce) = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"]
        .map(|name| opened(&browser, name))
        .into();
    assert_eq!(
        names(&state),
        ["value", "provider", "browser", "iat", "exp", "jti"],
        "one more, which peers ignore"
    );
    for sealed in [&verifier, &nonce] {
        assert_eq!(names(sealed), ["value", "provider", "iat", "exp", "jti"]);
    }
    for sealed in [&state, &verifier, &nonce] {
        assert_eq!(sealed.text("provider"), Some("fake"));
    }
    assert_eq!(state.text("value"), Some(sent("state").as_str()));
    assert_eq!(nonce.text("value"), Some(sent("nonce").as_str()));
    assert_eq!(pkce::challenge(verifier.text("value").unwrap()), sent("code_challenge"));
    let inner = SessionKeys::new(&[SECRET], "encodedState");
    let inner = inner.open(&sent("state"), world.app.now().as_secs()).unwrap();
    assert_eq!(names(&inner), ["random", "iat", "exp", "jti"]);
    for random in [inner.text("random"), nonce.text("value"), verifier.text("value")] {
        assert_eq!(random.unwrap().len(), 43);
    }
}

#[tokio::test]
async fn over_https_the_cookies_have_a_prefix_and_secure() {
    let world = World::configured(|fake, _| {
        Config::new(SECRET).with_base_url("https://app.example.com").with_provider(client_of(fake, "fake"))
    })
    .await;
    let mut browser = world.app.browser();

    let answer = leave(&mut browser, "https://app.example.com").await;

    let lines = answer.set_cookies();
    let flow: Vec<_> = lines.iter().filter(|line| line.contains("Expires=")).collect();
    assert_eq!(flow.len(), 3);
    for (line, name) in flow.iter().zip(["state", "pkce.code_verifier", "nonce"]) {
        assert!(line.starts_with(&format!("__Secure-authjs.{name}=")), "{line}");
        assert!(line.ends_with("GMT; HttpOnly; Secure; SameSite=Lax"), "{line}");
    }
}

#[tokio::test]
async fn names_and_domains_can_be_others() {
    let other = |name: &str| CookieOverride {
        name: Some(name.into()),
        domain: Some("localhost".into()),
        ..CookieOverride::default()
    };
    let cookies = Cookies {
        state: other("s"),
        pkce_code_verifier: other("p"),
        nonce: other("n"),
        ..Cookies::default()
    };
    let world =
        World::configured(|fake, config| config.with_provider(client_of(fake, "fake")).with_cookies(cookies))
            .await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();

    let answer = world.sign_in(&mut browser).await;

    for name in ["s", "p", "n"] {
        let deletion = format!("{name}=; Max-Age=0; Domain=localhost; Path=/; HttpOnly; SameSite=Lax");
        assert!(answer.set_cookies().contains(&deletion.as_str()), "{name}");
    }
    assert!(world.who(&browser).await.is_some());
}

#[tokio::test]
async fn the_session_comes_after_the_deletions() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();

    let answer = world.sign_in(&mut browser).await;

    let names: Vec<_> = answer.set_cookies().iter().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce", "authjs.session-token"]);
}

#[tokio::test]
async fn the_request_to_the_provider_has_the_parameters_of_the_original() {
    let world = World::new(SessionStrategy::default()).await;

    let to = world.app.browser().leave_for("fake").await;

    assert!(to.starts_with(&format!("{}/authorize?", world.fake.issuer())));
    let sent = query(&to);
    let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "code_challenge",
            "code_challenge_method",
            "nonce",
            "scope"
        ]
    );
    let value = |name: &str| sent.iter().find(|(known, _)| known == name).unwrap().1.as_str();
    assert_eq!(value("redirect_uri"), "http://localhost:3000/auth/callback/fake");
    assert_eq!((value("response_type"), value("code_challenge_method")), ("code", "S256"));
}

#[tokio::test]
async fn of_the_query_only_what_is_allowed_reaches_the_provider() {
    let world = World::new(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    let asked = form(&[
        ("prompt", "login"),
        ("login_hint", "ada@example.com"),
        ("redirect_uri", "https://evil.example/"),
        ("client_id", "evil"),
        ("response_type", "token"),
        ("response_mode", "fragment"),
        ("state", "evil"),
        ("nonce", "evil"),
        ("code_challenge", "evil"),
        ("code_challenge_method", "plain"),
        ("request", "evil"),
        ("request_uri", "https://evil.example/"),
        ("callbackUrl", "/home"),
        ("anything", "evil"),
    ]);

    let answer = browser.post(&format!("/auth/signin/fake?{asked}"), &[]).await;

    let to = answer.location().unwrap();
    assert!(!to.contains("evil") && !to.contains("callbackUrl") && !to.contains("plain"), "{to}");
    let value = |name: &str| query(to).into_iter().find(|(known, _)| known == name).map(|(_, value)| value);
    assert_eq!(value("prompt").as_deref(), Some("login"));
    assert_eq!(value("login_hint").as_deref(), Some("ada@example.com"));
    assert_eq!(value("redirect_uri").as_deref(), Some("http://localhost:3000/auth/callback/fake"));
    assert_eq!((value("request"), value("response_mode")), (None, None));
    world.fake.set_user(json!({"sub": "1"}));
    let returned = world.fake.visit(to);
    assert_eq!(browser.come_back(&returned).await.location(), Some("http://localhost:3000/home"));
}

#[tokio::test]
async fn the_fields_of_the_form_do_not_reach_the_provider() {
    let world = World::new(SessionStrategy::default()).await;

    let to = world.app.browser().leave_with("fake", &[("prompt", "login"), ("scope", "admin")]).await;

    assert!(!to.contains("prompt") && !to.contains("admin") && !to.contains("csrf"), "{to}");
}

#[tokio::test]
async fn the_code_is_exchanged_with_what_was_sent() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();
    let to = browser.leave_for("fake").await;
    let verifier = opened(&browser, "authjs.pkce.code_verifier").text("value").unwrap().to_owned();

    browser.come_back(&world.fake.visit(&to)).await;

    let request = world.fake.last_request(Page::Token).unwrap();
    let body = std::str::from_utf8(request.body()).unwrap().to_owned();
    let sent = query(&format!("http://x/?{body}"));
    let value = |name: &str| sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    assert_eq!(value("redirect_uri"), Some("http://localhost:3000/auth/callback/fake"));
    assert_eq!(value("code_verifier"), Some(verifier.as_str()));
    assert_eq!(value("grant_type"), Some("authorization_code"));
}

/// Presses the button on an origin that is not the usual one.
pub(super) async fn leave(browser: &mut Browser, origin: &str) -> crate::app::Answer {
    let csrf = browser.csrf_token().await;
    let body = form(&[("csrfToken", &csrf)]);
    browser.send("POST", "/auth/signin/fake", &[FORM, ("origin", origin)], &body).await
}

#[tokio::test]
async fn the_button_of_a_provider_needs_the_csrf_token() {
    let world = World::new(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    browser.csrf_token().await;

    let answer = browser.send("POST", "/auth/signin/fake", &[FORM], "csrfToken=x").await;

    assert_eq!(answer.location(), Some("http://localhost:3000/auth/signin?error=MissingCSRF"));
    assert_eq!(answer.set_cookies(), [""; 0]);
    assert_eq!(world.fake.requests(Page::Discovery), 0);
}

#[tokio::test]
async fn the_page_has_a_button_for_the_provider() {
    let world = World::new(SessionStrategy::default()).await;

    let page = world.app.browser().get("/auth/signin").await;

    assert!(page.text().contains("action=\"/auth/signin/fake\""));
    let listed = world.app.get("/auth/providers").await.json();
    assert_eq!(
        listed["fake"],
        json!({
            "id": "fake", "name": "Fake", "type": "oidc",
            "signinUrl": "http://localhost:3000/auth/signin/fake",
            "callbackUrl": "http://localhost:3000/auth/callback/fake",
        })
    );
}
