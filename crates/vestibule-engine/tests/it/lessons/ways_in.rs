//! What holds for every way in and every answer.

use http::{StatusCode, Uri, header};
use serde_json::json;
use vestibule_core::Sessions;
use vestibule_engine::{Codes, EmailProvider, SessionStrategy};

use crate::app::{App, Browser, FORM, ORIGIN, PAGE, SECRET};
use crate::oauth::{World, ada, client_of};

/// A browser with a cookie that somebody planted; they wait until its owner signs in.
const PLANTED: &str = "5f0c3b6e-0000-4000-8000-0123456789ab";

async fn world() -> World {
    let codes = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
    World::configured(|fake, _| {
        vestibule_engine::Config::new(SECRET)
            .with_base_url(ORIGIN)
            .with_provider(codes)
            .with_provider(client_of(fake, "fake"))
            .with_session(SessionStrategy::default())
    })
    .await
}

/// Each way to be more than one was before.
#[derive(Clone, Copy, Debug)]
enum Way {
    Link,
    Code,
    Provider,
    Rotation,
}

async fn goes(way: Way, world: &World, browser: &mut Browser) {
    match way {
        Way::Link => browser.sign_in("ada@example.com").await,
        Way::Code => {
            let code = browser.ask_for_code("ada@example.com").await;
            browser.enter(&code).await;
        }
        Way::Provider => {
            let answer = world.sign_in(browser).await;
            assert_eq!(answer.location(), Some(ORIGIN));
        }
        Way::Rotation => {
            let headers = [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
            let data = std::collections::BTreeMap::new();
            let uri = Uri::from_static("/");
            let Some(session) = world.app.engine.rotate_session(&uri, &headers, &data).await.unwrap() else {
                return;
            };
            for line in &session.set_cookies {
                let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
                browser.cookies.insert(name.into(), rest.split(';').next().unwrap().into());
            }
        }
    }
}

#[tokio::test]
async fn every_way_in_gives_another_token_and_none_from_before_counts() {
    for first in [Way::Link, Way::Code, Way::Provider] {
        for second in [Way::Link, Way::Code, Way::Provider, Way::Rotation] {
            let world = world().await;
            world.fake.set_user(ada());
            let mut browser = world.app.browser();
            browser.cookies.insert("authjs.session-token".into(), PLANTED.into());
            goes(first, &world, &mut browser).await;
            let before = browser.session_token().unwrap();
            let user = world.who(&browser).await.unwrap();
            if matches!(first, Way::Link | Way::Code) && matches!(second, Way::Provider) {
                // Linked to whoever is signed in, whatever the address.
                world
                    .fake
                    .set_user(json!({"sub": "ada-1", "email": "other@example.com", "email_verified": true}));
            }

            goes(second, &world, &mut browser).await;

            let after = browser.session_token().unwrap();
            assert_ne!(before, after, "{first:?}, {second:?}");
            assert_eq!(world.who(&browser).await, Some(user), "{first:?}, {second:?}");
            for token in [before, PLANTED.into()] {
                let found = world.app.memory.session_and_user(&token).await.unwrap();
                assert!(found.is_none(), "{first:?}, {second:?}");
            }
        }
    }
}

#[tokio::test]
async fn no_answer_is_kept_by_a_cache() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let mut answers = Vec::new();
    for path in [
        "/auth/csrf",
        "/auth/providers",
        "/auth/session",
        "/auth/signin",
        "/auth/signout",
        "/auth/error",
        "/auth/verify-request",
        "/auth/nothing",
        "/auth/signin?callbackUrl=foo",
        &link,
    ] {
        answers.push((format!("GET {path}"), browser.get(path).await));
    }
    for path in
        ["/auth/signin", "/auth/signin/email", "/auth/session", "/auth/signout", "/auth/callback/email"]
    {
        answers
            .push((format!("POST {path}, forged"), browser.send("POST", path, &[FORM, PAGE], "a=b").await));
        answers.push((format!("POST {path}"), browser.post(path, &[("email", "ada@example.com")]).await));
    }
    answers.push(("a link".into(), browser.redeem(&link).await));
    answers.push(("signed in".into(), browser.get("/auth/session").await));

    assert!(answers.iter().any(|(_, answer)| answer.status() == StatusCode::FOUND));
    for (what, answer) in answers {
        let said = answer.header("cache-control").unwrap_or_default();
        assert!(
            said.contains("no-store") && said.contains("private"),
            "{what}: {} {said:?}",
            answer.status()
        );
    }
}
