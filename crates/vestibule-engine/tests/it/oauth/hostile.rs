//! Providers that misbehave: each ends in the code that a page may show, signs nobody in and writes nothing.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use vestibule_engine::oauth::Kind;
use vestibule_engine::{OAuthProvider, SessionStrategy};
use vestibule_testkit::{FakeProvider, Page, Signing};

use super::{CONFIGURATION, ORIGIN, REFUSED, World, ada, client_of, strategies};

type Defect = (&'static str, fn(&FakeProvider), &'static str);

fn answer(status: u16, body: &'static str) -> impl Fn() -> Response<Bytes> + Send + Sync + 'static {
    move || Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn redirect() -> Response<Bytes> {
    Response::builder().status(302).header("location", "https://evil.example/").body(Bytes::new()).unwrap()
}

fn set(params: &mut Vec<(String, String)>, name: &str, value: &str) {
    params.retain(|(known, _)| known != name);
    params.push((name.into(), value.into()));
}

fn put(fake: &FakeProvider, name: &'static str, value: Value) {
    fake.alter_claims(move |claims| drop(claims.insert(name.into(), value.clone())));
}

fn cut(fake: &FakeProvider, name: &'static str) {
    fake.alter_claims(move |claims| drop(claims.remove(name)));
}

fn member(fake: &FakeProvider, name: &'static str, value: Value) {
    fake.alter(Page::Token, move |answer| answer[name] = value.clone());
}

/// What goes wrong with the browser's way back.
const RETURNS: &[Defect] = &[
    (
        "the user says no",
        |fake| {
            fake.alter_return(|params| {
                params.retain(|(name, _)| name != "code");
                set(params, "error", "access_denied");
                set(params, "error_description", "https://evil.example/ \"no\"\r\nx: y");
            });
        },
        REFUSED,
    ),
    (
        "an error beside a code",
        |fake| fake.alter_return(|params| set(params, "error", "server_error")),
        REFUSED,
    ),
    ("no code", |fake| fake.alter_return(|params| params.retain(|(name, _)| name != "code")), CONFIGURATION),
    ("an empty code", |fake| fake.alter_return(|params| set(params, "code", "")), CONFIGURATION),
    ("another code", |fake| fake.alter_return(|params| set(params, "code", "guessed")), CONFIGURATION),
    ("two codes", |fake| fake.alter_return(|params| params.push(("code".into(), "2".into()))), CONFIGURATION),
    ("another state", |fake| fake.alter_return(|params| set(params, "state", "x")), CONFIGURATION),
    (
        "no state",
        |fake| fake.alter_return(|params| params.retain(|(name, _)| name != "state")),
        CONFIGURATION,
    ),
    (
        "another issuer",
        |fake| fake.alter_return(|params| set(params, "iss", "https://evil.example")),
        CONFIGURATION,
    ),
    ("no issuer", |fake| fake.alter_return(|params| params.retain(|(name, _)| name != "iss")), CONFIGURATION),
    (
        "an ID token in the query",
        |fake| fake.alter_return(|params| set(params, "id_token", "a.b.c")),
        CONFIGURATION,
    ),
    ("a JARM response", |fake| fake.alter_return(|params| set(params, "response", "a.b.c")), CONFIGURATION),
];

/// What goes wrong at the token endpoint.
const TOKENS: &[Defect] = &[
    (
        "it refuses",
        |fake| fake.answer(Page::Token, answer(400, r#"{"error":"invalid_grant"}"#)),
        CONFIGURATION,
    ),
    (
        "it does not know us",
        |fake| fake.answer(Page::Token, answer(401, r#"{"error":"invalid_client"}"#)),
        CONFIGURATION,
    ),
    (
        "an error with 200",
        |fake| fake.answer(Page::Token, answer(200, r#"{"error":"invalid_grant"}"#)),
        CONFIGURATION,
    ),
    ("a page", |fake| fake.answer(Page::Token, answer(200, "<html>")), CONFIGURATION),
    ("a redirect", |fake| fake.answer(Page::Token, redirect), CONFIGURATION),
    ("it is out of order", |fake| fake.answer(Page::Token, answer(503, "later")), REFUSED),
    ("too many requests", |fake| fake.answer(Page::Token, answer(429, "later")), REFUSED),
    ("without an access token", |fake| member(fake, "access_token", Value::Null), CONFIGURATION),
    ("with a number for one", |fake| member(fake, "access_token", json!(1)), CONFIGURATION),
    ("of another type", |fake| member(fake, "token_type", json!("mac")), CONFIGURATION),
    ("without an ID token", |fake| member(fake, "id_token", Value::Null), CONFIGURATION),
    ("with something else for it", |fake| member(fake, "id_token", json!("x.y")), CONFIGURATION),
];

/// What goes wrong with the ID token.
const ID_TOKENS: &[Defect] = &[
    ("no signature", |fake| fake.sign(Signing::None), CONFIGURATION),
    ("a signature with the public key", |fake| fake.sign(Signing::HmacUnderPublicKey), CONFIGURATION),
    ("a signature with the secret", |fake| fake.sign(Signing::HmacUnderSecret), CONFIGURATION),
    ("a signature of a stranger", |fake| fake.sign(Signing::Stranger), CONFIGURATION),
    ("a broken signature", |fake| fake.sign(Signing::Broken), CONFIGURATION),
    (
        "an unknown key",
        |fake| fake.alter_header(|header| drop(header.insert("kid".into(), "x".into()))),
        CONFIGURATION,
    ),
    (
        "critical members",
        |fake| fake.alter_header(|header| drop(header.insert("crit".into(), json!(["x"])))),
        CONFIGURATION,
    ),
    ("of another issuer", |fake| put(fake, "iss", json!("https://evil.example")), CONFIGURATION),
    ("for somebody else", |fake| put(fake, "aud", json!("other")), CONFIGURATION),
    ("for several", |fake| put(fake, "aud", json!(["other", FakeProvider::CLIENT_ID])), CONFIGURATION),
    ("without an audience", |fake| cut(fake, "aud"), CONFIGURATION),
    ("without a subject", |fake| cut(fake, "sub"), CONFIGURATION),
    ("without an issuer", |fake| cut(fake, "iss"), CONFIGURATION),
    ("without an expiry", |fake| cut(fake, "exp"), CONFIGURATION),
    ("without an issue", |fake| cut(fake, "iat"), CONFIGURATION),
    ("expired", |fake| put(fake, "exp", json!(1)), CONFIGURATION),
    ("not valid yet", |fake| put(fake, "nbf", json!(4_102_444_800_i64)), CONFIGURATION),
    ("with another nonce", |fake| put(fake, "nonce", json!("x")), CONFIGURATION),
    ("without a nonce", |fake| cut(fake, "nonce"), CONFIGURATION),
    ("of another access token", |fake| put(fake, "at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")), CONFIGURATION),
];

/// What goes wrong with what is known of the provider.
const METADATA: &[Defect] = &[
    ("no keys", |fake| fake.answer(Page::Keys, answer(200, r#"{"keys":[]}"#)), CONFIGURATION),
    ("keys out of order", |fake| fake.answer(Page::Keys, answer(500, "")), REFUSED),
    ("keys elsewhere", |fake| fake.answer(Page::Keys, redirect), CONFIGURATION),
];

async fn is_refused(world: &World, (name, defect, location): &Defect) {
    defect(&world.fake);
    let (mut signed_in, grace) = world.signed_in("grace@example.com").await;
    for browser in [&mut world.app.browser(), &mut signed_in] {
        let before = browser.session_token();
        let to = browser.leave_for("fake").await;

        let answer = browser.come_back(&world.fake.visit(&to)).await;

        assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some(*location)), "{name}");
        assert_eq!(browser.session_token(), before, "{name}");
        assert!(!answer.set_cookies().iter().any(|line| line.contains("session-token")), "{name}");
    }
    assert_eq!(world.account("ada-1").await, None, "{name}");
    assert_eq!(world.app.user("ada@example.com").await, None, "{name}");
    assert_eq!(world.accounts(&grace.id).await, 0, "{name}");
    assert_eq!(world.diary.take(), [""; 0], "{name}");
}

async fn all_are_refused(defects: &[Defect]) {
    for strategy in strategies() {
        for defect in defects {
            let world = World::new(strategy).await;
            world.fake.set_user(ada());

            is_refused(&world, defect).await;
        }
    }
}

#[tokio::test]
async fn a_way_back_that_is_wrong_signs_nobody_in() {
    all_are_refused(RETURNS).await;
}

#[tokio::test]
async fn a_token_endpoint_that_is_wrong_signs_nobody_in() {
    all_are_refused(TOKENS).await;
}

#[tokio::test]
async fn an_id_token_that_is_wrong_signs_nobody_in() {
    all_are_refused(ID_TOKENS).await;
}

#[tokio::test]
async fn keys_that_are_wrong_sign_nobody_in() {
    all_are_refused(METADATA).await;
}

#[tokio::test]
async fn a_userinfo_endpoint_that_is_wrong_signs_nobody_in() {
    let defects: &[Defect] = &[
        (
            "an error",
            |fake| fake.answer(Page::UserInfo, answer(401, r#"{"message":"Bad credentials"}"#)),
            CONFIGURATION,
        ),
        (
            "an error with 200",
            |fake| fake.answer(Page::UserInfo, answer(200, r#"{"message":"no"}"#)),
            CONFIGURATION,
        ),
        ("out of order", |fake| fake.answer(Page::UserInfo, answer(500, "")), REFUSED),
        ("no JSON", |fake| fake.answer(Page::UserInfo, answer(200, "<html>")), CONFIGURATION),
        ("no id", |fake| fake.alter(Page::UserInfo, |user| user["sub"] = Value::Null), CONFIGURATION),
        ("a redirect", |fake| fake.answer(Page::UserInfo, redirect), CONFIGURATION),
    ];
    for defect in defects {
        let world = World::configured(|fake, config| {
            let url = |path: &str| fake.url(path);
            let plain = vestibule_engine::oauth::Provider::new("fake", "Fake", Kind::OAuth)
                .with_authorization(&*url("/authorize"))
                .with_token(&*url("/token"))
                .with_user_info(&*url("/userinfo"))
                .with_scope("user")
                .with_client_id(FakeProvider::CLIENT_ID)
                .with_client_secret(FakeProvider::CLIENT_SECRET);
            config.with_provider(OAuthProvider::new(plain))
        })
        .await;
        world.fake.set_user(ada());

        is_refused(&world, defect).await;
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_where_to_go_leads_back_to_the_page() {
    let defects: &[Defect] = &[
        ("out of order", |fake| fake.answer(Page::Discovery, answer(503, "")), REFUSED),
        (
            "another issuer",
            |fake| {
                fake.alter(Page::Discovery, |metadata| metadata["issuer"] = json!("https://evil.example"));
            },
            CONFIGURATION,
        ),
        ("a page", |fake| fake.answer(Page::Discovery, answer(200, "<html>")), CONFIGURATION),
        ("a redirect", |fake| fake.answer(Page::Discovery, redirect), CONFIGURATION),
        (
            "an endpoint without TLS",
            |fake| {
                fake.alter(Page::Discovery, |metadata| {
                    metadata["authorization_endpoint"] = json!("http://evil.example/authorize");
                });
            },
            CONFIGURATION,
        ),
    ];
    for (name, defect, location) in defects {
        let world = World::new(SessionStrategy::default()).await;
        defect(&world.fake);
        let mut browser = world.app.browser();

        let answer = browser.post("/auth/signin/fake", &[]).await;

        assert_eq!((answer.status(), answer.location()), (StatusCode::FOUND, Some(*location)), "{name}");
        assert_eq!(answer.set_cookies(), [""; 0], "{name}");
    }
}

/// A provider that is down is no fault of this server: there is a page with the other ways, not one error after another.
#[tokio::test]
async fn an_outage_of_the_provider_ends_on_the_sign_in_page_and_is_over_when_the_provider_is_back() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();
    let to = browser.leave_for("fake").await;
    let returned = world.fake.visit(&to);
    world.fake.answer(Page::Token, answer(503, "later"));

    let answer = browser.come_back(&returned).await;
    let page = browser.get(answer.location().unwrap().strip_prefix(ORIGIN).unwrap()).await;

    assert_eq!(answer.location(), Some(REFUSED));
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.text().contains("role=\"alert\"") && page.text().contains("/auth/signin/fake"));
    world.fake.heal();
    assert_eq!(world.sign_in(&mut browser).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn a_provider_that_is_gone_altogether_is_an_outage_too() {
    let world = World::configured(|fake, config| {
        let gone = client_of(fake, "gone").with_issuer("http://127.0.0.1:9");
        config.with_provider(gone).with_provider(client_of(fake, "fake"))
    })
    .await;

    let answer = world.app.browser().post("/auth/signin/gone", &[]).await;

    assert_eq!(answer.location(), Some(REFUSED));
}
