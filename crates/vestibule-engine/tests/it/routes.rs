//! Every route for every kind of provider: what each method does, and what a failure looks like to a browser, to the
//! client of Auth.js and to that of NextAuth 4.

use async_trait::async_trait;
use http::StatusCode;
use vestibule_engine::{
    Authorize, Credential, Credentials, CredentialsError, CredentialsProvider, JwtPolicy, Pages,
};
use vestibule_testkit::Page;

use crate::app::{Answer, Browser, FORM, ORIGIN, PAGE, RETURN, form};
use crate::oauth::{World, ada, client_of};

struct Anybody;

#[async_trait]
impl Authorize for Anybody {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        let name = fields.get("username").filter(|name| *name != "nobody");
        Ok(name.map(|name| Credential { name: Some(name.into()), ..Credential::default() }))
    }
}

/// E-mail, a provider and credentials.
async fn world() -> World {
    with_pages(Pages::default()).await
}

async fn with_pages(pages: Pages) -> World {
    let world = World::configured(|fake, config| {
        config
            .with_provider(client_of(fake, "fake"))
            .with_provider(CredentialsProvider::new(Anybody))
            .with_session(JwtPolicy::default())
            .with_pages(pages)
    })
    .await;
    world.fake.set_user(ada());
    world
}

/// What an answer is.
#[derive(Debug, PartialEq, Eq)]
enum Is {
    Status(u16),
    /// A redirect to a path on the origin.
    To(&'static str),
    /// A redirect to the provider.
    ToProvider,
}

fn is(answer: &Answer, expected: &Is, world: &World, name: &str) {
    match expected {
        Is::Status(status) => {
            assert_eq!(answer.status().as_u16(), *status, "{name}: {:?}", answer.location());
            assert_eq!(answer.location(), None, "{name}");
        }
        Is::To(path) => {
            assert_eq!(answer.status(), StatusCode::FOUND, "{name}: {}", answer.text());
            assert_eq!(answer.location(), Some(format!("{ORIGIN}{path}").as_str()), "{name}");
        }
        Is::ToProvider => {
            assert_eq!(answer.status(), StatusCode::FOUND, "{name}: {}", answer.text());
            assert!(answer.location().unwrap().starts_with(&format!("{}/authorize?", world.fake.issuer())));
        }
    }
}

async fn post_plain(browser: &mut Browser, path: &str) -> Answer {
    browser.send("POST", path, &[FORM, ("origin", ORIGIN)], "username=ada&email=ada%40example.com").await
}

const FIELDS: [(&str, &str); 2] = [("username", "ada"), ("email", "ada@example.com")];

#[tokio::test]
async fn each_route_does_for_each_provider_what_the_table_says() {
    use Is::{Status, To, ToProvider};

    let configuration = || To("/auth/error?error=Configuration");
    let missing = || To("/auth/signin?error=MissingCSRF");
    // The path; GET; POST without the CSRF token; POST with it.
    let table = [
        ("/auth/signin", Status(200), missing(), To("/auth/signin")),
        ("/auth/signin/fake", Status(400), missing(), ToProvider),
        ("/auth/signin/email", Status(400), missing(), To("/auth/verify-request?provider=email&type=email")),
        ("/auth/signin/credentials", Status(400), missing(), To("/auth/signin")),
        ("/auth/signin/unknown", Status(404), Status(404), Status(404)),
        ("/auth/callback", Status(400), Status(400), Status(400)),
        ("/auth/callback/fake", configuration(), configuration(), configuration()),
        ("/auth/callback/email", Status(400), Status(400), Status(400)),
        ("/auth/callback/credentials", configuration(), missing(), To("")),
        ("/auth/callback/unknown", Status(404), Status(404), Status(404)),
        ("/auth/signout", Status(200), missing(), To("")),
        ("/auth/csrf", Status(200), Status(400), Status(400)),
        ("/auth/providers", Status(200), Status(400), Status(400)),
        ("/auth/session", Status(200), Status(400), Status(400)),
        ("/auth/error", Status(200), Status(400), Status(400)),
        ("/auth/verify-request", Status(200), Status(400), Status(400)),
        ("/auth/session/fake", Status(400), Status(400), Status(400)),
        ("/auth/unknown", Status(400), Status(400), Status(400)),
    ];
    for (path, got, posted, proven) in table {
        let world = world().await;
        let mut browser = world.app.browser();
        is(&browser.get(path).await, &got, &world, &format!("GET {path}"));
        browser.csrf_token().await;
        is(&post_plain(&mut browser, path).await, &posted, &world, &format!("POST {path}"));
        // `/session` takes its token from JSON alone.
        if path == "/auth/session" {
            continue;
        }
        is(&browser.post(path, &FIELDS).await, &proven, &world, &format!("POST {path} with the token"));
    }
}

#[tokio::test]
async fn other_methods_are_for_nothing_but_looking_at_a_link() {
    let world = world().await;
    let paths = [
        "/auth/signin/fake",
        "/auth/signin/credentials",
        "/auth/callback/fake",
        "/auth/callback/credentials",
        "/auth/session",
        "/auth/csrf",
    ];
    for path in paths {
        for method in ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let mut browser = world.app.browser();
            let csrf = browser.csrf_token().await;
            let body = form(&[("csrfToken", &csrf), ("username", "ada")]);

            let answer = browser.send(method, path, &[FORM], &body).await;

            assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{method} {path}");
            assert_eq!(browser.session_token(), None);
        }
    }
    assert_eq!(world.fake.requests(Page::Discovery), 0);
}

/// A page of another site posts with the browser's cookies, and has even guessed the token.
#[tokio::test]
async fn a_page_of_another_site_begins_no_sign_in() {
    let world = world().await;
    for path in ["/auth/signin/fake", "/auth/signin/email", "/auth/callback/credentials"] {
        for headers in [
            [("origin", "https://evil.example"), FORM],
            [("sec-fetch-site", "cross-site"), FORM],
            [("origin", "null"), FORM],
        ] {
            let mut browser = world.app.browser();
            let csrf = browser.csrf_token().await;
            let body = form(&[("csrfToken", &csrf), ("username", "ada"), ("email", "ada@example.com")]);

            let answer = browser.send("POST", path, &headers, &body).await;

            is(&answer, &Is::To("/auth/signin?error=MissingCSRF"), &world, path);
        }
    }
}

/// A client that asks for URLs instead of redirects, and the header or field that says so.
#[derive(Clone, Copy)]
enum Client {
    V5,
    V4,
}

impl Client {
    async fn post(self, browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
        match self {
            Self::V5 => browser.post_with(path, &[RETURN], fields).await,
            Self::V4 => browser.post(path, &[fields, &[("json", "true")]].concat()).await,
        }
    }
}

#[tokio::test]
async fn a_script_gets_the_url_of_the_provider_and_the_cookies() {
    for client in [Client::V5, Client::V4] {
        let world = world().await;
        let mut browser = world.app.browser();

        let answer = client.post(&mut browser, "/auth/signin/fake", &[("callbackUrl", "/home")]).await;

        assert_eq!(
            (answer.status(), answer.header("content-type")),
            (StatusCode::OK, Some("application/json"))
        );
        let url = answer.json()["url"].as_str().unwrap().to_owned();
        assert_eq!(answer.location(), Some(url.as_str()));
        assert_eq!(answer.set_cookies().len(), 4);
        let back = browser.come_back(&world.fake.visit(&url)).await;
        assert_eq!(back.location(), Some("http://localhost:3000/home"));
    }
}

#[tokio::test]
async fn a_script_gets_an_absolute_url_of_each_failure_and_nothing_else() {
    let world = world().await;
    for client in [Client::V5, Client::V4] {
        for (path, fields, url, v4) in [
            (
                "/auth/callback/credentials",
                &[("username", "nobody")][..],
                "/auth/signin?error=CredentialsSignin&code=credentials",
                401,
            ),
            ("/auth/callback/fake", &[], "/auth/error?error=Configuration", 200),
            ("/auth/signin/email", &[("email", "none")], "/auth/signin?error=EmailSignin", 200),
        ] {
            let mut browser = world.app.browser();

            let answer = client.post(&mut browser, path, fields).await;

            let status = if matches!(client, Client::V4) { v4 } else { 200 };
            assert_eq!(answer.status().as_u16(), status, "{path}");
            assert_eq!(answer.json(), serde_json::json!({"url": format!("{ORIGIN}{url}")}), "{path}");
            assert_eq!((answer.location(), answer.set_cookies().len()), (None, 0), "{path}");
        }
    }
}

#[tokio::test]
async fn a_script_that_comes_back_from_a_provider_gets_the_url_too() {
    let world = world().await;
    let mut browser = world.app.browser();
    let to = browser.leave_with("fake", &[("callbackUrl", "/home")]).await;
    let returned = world.fake.visit(&to);

    let answer =
        browser.send("GET", &format!("/auth/callback/fake?{}", returned.params), &[RETURN], "").await;

    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json()["url"], "http://localhost:3000/home");
    assert!(browser.session_token().is_some());
}

#[tokio::test]
async fn a_get_or_a_post_brings_the_answer_of_a_provider() {
    for method in ["GET", "POST"] {
        let world = world().await;
        let mut browser = world.app.browser();
        let returned = world.fake.visit(&browser.leave_for("fake").await);

        let path = format!("/auth/callback/fake?{}", returned.params);
        let answer = browser.send(method, &path, &[PAGE], "").await;

        assert_eq!(answer.location(), Some(ORIGIN), "{method}");
        assert!(browser.session_token().is_some(), "{method}");
    }
}

#[tokio::test]
async fn the_applications_own_pages_get_the_codes() {
    let pages = Pages {
        sign_in: Some("/login?from=auth".into()),
        error: Some("https://www.example.com/oops".into()),
        ..Pages::default()
    };
    let world = with_pages(pages).await;
    world.fake.alter_return(|params| params.push(("error".into(), "access_denied".into())));
    let mut browser = world.app.browser();
    let to = browser.leave_for("fake").await;

    let refused = browser.come_back(&world.fake.visit(&to)).await;
    let unexpected = browser.get("/auth/callback/fake?code=1&state=2").await;
    let wrong = browser.post("/auth/callback/credentials", &[("username", "nobody")]).await;

    assert_eq!(refused.location(), Some("http://localhost:3000/login?from=auth&error=OAuthCallbackError"));
    assert_eq!(unexpected.location(), Some("https://www.example.com/oops?error=Configuration"));
    assert_eq!(
        wrong.location(),
        Some("http://localhost:3000/login?from=auth&error=CredentialsSignin&code=credentials")
    );
}

#[tokio::test]
async fn providers_of_all_kinds_are_listed_in_order() {
    let world = world().await;

    let listed = world.app.get("/auth/providers").await;

    let text = listed.text();
    let at = |id: &str| text.find(&format!("\"{id}\":{{\"id\"")).unwrap();
    assert!(at("email") < at("fake") && at("fake") < at("credentials"));
    let kinds = ["email", "fake", "credentials"].map(|id| listed.json()[id]["type"].clone());
    assert_eq!(kinds, ["email", "oidc", "credentials"]);
}
