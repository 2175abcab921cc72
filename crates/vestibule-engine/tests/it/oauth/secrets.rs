//! Secrets of a sign-in at a provider are in no log, whatever happens, and in no answer that does not need them.

use vestibule_core::SecretToken;
use vestibule_engine::SessionStrategy;
use vestibule_testkit::{FakeProvider, Fault, Page, Signing};

use super::{World, ada};
use crate::app::SECRET;
use crate::secrecy::Log;

fn param(text: &str, name: &str) -> String {
    let pairs = form_urlencoded::parse(text.rsplit('?').next().unwrap().as_bytes());
    pairs.into_owned().find(|(known, _)| known == name).map(|(_, value)| value).unwrap()
}

#[tokio::test]
async fn a_trace_of_everything_holds_no_secret_of_a_provider() {
    let log = Log::default();
    let _guard = log.listen();
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    let mut secrets = vec![SECRET.to_owned(), FakeProvider::CLIENT_SECRET.to_owned(), "ada@".to_owned()];
    let mut browser = world.app.browser();

    // What goes well, and what the provider and the store do wrong after that.
    let defects: [fn(&World); 8] = [
        |_| (),
        |world| world.fake.sign(Signing::Stranger),
        |world| world.fake.alter_claims(|claims| drop(claims.insert("nonce".into(), "hunter2-nonce".into()))),
        |world| world.fake.alter_return(|params| params.push(("error".into(), "hunter2-error".into()))),
        |world| world.fake.alter_return(|params| params.push(("code".into(), "hunter2-code".into()))),
        |world| world.fake.answer(Page::Token, || http::Response::new("hunter2-body".into())),
        |world| world.app.store.fail(Fault::Unavailable),
        |world| world.app.store.fail_after(1, Fault::Refused),
    ];
    for defect in defects {
        let to = browser.leave_for("fake").await;
        defect(&world);
        let returned = world.fake.visit(&to);
        let sealed = browser.cookies.values().filter(|value| value.len() > 40).cloned();
        secrets.extend(sealed);
        secrets.extend([param(&to, "state"), param(&to, "nonce"), param(&returned.params, "code")]);

        browser.come_back(&returned).await;

        secrets.extend(browser.session_token().map(|token| token.expose().to_owned()));
        world.fake.heal();
        world.app.store.recover();
    }
    let tokens = world.account("ada-1").await.unwrap().tokens;
    let stored = [tokens.access_token, tokens.refresh_token, tokens.id_token];
    secrets.extend(stored.iter().flatten().map(SecretToken::expose).map(str::to_owned));

    let text = log.text();
    for expected in ["the provider's answer was refused", "the store is unavailable", "the store failed"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    for secret in secrets.iter().map(String::as_str).chain(["hunter2-nonce", "hunter2-code", "hunter2-body"])
    {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn no_error_tells_the_code_or_what_the_provider_wrote() {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.alter_return(|params| params.push(("error_description".into(), "hunter2".into())));
    world.fake.sign(Signing::Broken);
    let mut browser = world.app.browser();
    let returned = world.fake.visit(&browser.leave_for("fake").await);

    let answer = browser.come_back(&returned).await;
    let page = browser.get("/auth/error?error=Configuration").await;

    for text in [format!("{:?}", answer.headers()), page.text().to_owned()] {
        assert!(!text.contains("hunter2") && !text.contains(&param(&returned.params, "code")), "{text}");
    }
}
