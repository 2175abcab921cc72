//! A redirect proxy: the installation that a provider knows leads browsers on to the one that they came from.

use vestibule_engine::{Config, Engine, SessionStrategy};
use vestibule_testkit::{Page, Returned};

use super::wire::leave;
use super::{World, ada, client_of, strategies};
use crate::app::{App, Browser, SECRET};

const STABLE: &str = "https://app.example.com";
const PREVIEW: &str = "https://preview.example.net";

/// The world of the preview, and the stable installation.
async fn both(strategy: SessionStrategy) -> (World, App) {
    with_secret(strategy, SECRET).await
}

async fn with_secret(strategy: SessionStrategy, stable_secret: &str) -> (World, App) {
    let config = |secret: &str, origin: &str| {
        Config::new(secret).with_base_url(origin).with_redirect_proxy(format!("{STABLE}/auth"))
    };
    let preview = World::configured(|fake, _| {
        config(SECRET, PREVIEW).with_provider(client_of(fake, "fake")).with_session(strategy)
    })
    .await;
    preview.fake.set_user(ada());
    let stable = config(stable_secret, STABLE).with_provider(client_of(&preview.fake, "fake"));
    let stable = App::at(stable, preview.app.clock.clone());
    (preview, stable)
}

async fn left(browser: &mut Browser, origin: &str) -> String {
    let answer = leave(browser, origin).await;
    answer.location().unwrap().to_owned()
}

/// Comes to an installation with what a provider sent the browser back with.
async fn come(browser: &mut Browser, returned: &Returned) -> crate::app::Answer {
    browser.get(&format!("/auth/callback/fake?{}", returned.params)).await
}

#[tokio::test]
async fn a_preview_signs_in_by_way_of_the_stable_installation() {
    for strategy in strategies() {
        let (preview, stable) = both(strategy).await;
        let mut browser = preview.app.browser();
        let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);
        assert_eq!(returned.redirect_uri, format!("{STABLE}/auth/callback/fake"));

        let led = come(&mut stable.browser(), &returned).await;
        let on = led.location().unwrap().strip_prefix(PREVIEW).unwrap().to_owned();
        assert_eq!(on, format!("/auth/callback/fake?{}", returned.params));
        let answer = browser.get(&on).await;

        assert_eq!(answer.location(), Some(PREVIEW));
        let user = preview.app.user("ada@example.com").await.unwrap();
        assert_eq!(preview.account("ada-1").await.unwrap().user_id, user.id);
        assert_eq!(preview.accounts(&user.id).await, 1);
        assert_eq!(stable.user("ada@example.com").await, None);
        let request = preview.fake.last_request(Page::Token).unwrap();
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        assert!(
            body.contains("redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback%2Ffake"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_stable_installation_signs_in_for_itself_as_ever() {
    let (preview, stable) = both(SessionStrategy::default()).await;
    let mut browser = stable.browser();
    let returned = preview.fake.visit(&left(&mut browser, STABLE).await);

    let answer = come(&mut browser, &returned).await;

    assert_eq!(answer.location(), Some(STABLE));
    assert!(stable.user("ada@example.com").await.is_some());
}

#[tokio::test]
async fn whatever_the_provider_wrote_is_led_on_as_a_header_can_hold_it() {
    let (preview, stable) = both(SessionStrategy::default()).await;
    let returned = preview.fake.visit(&left(&mut preview.app.browser(), PREVIEW).await);

    let led = stable.browser().get(&format!("/auth/callback/fake?{}&hd=é%20", returned.params)).await;

    let on = format!("{PREVIEW}/auth/callback/fake?{}&hd=%C3%A9%20", returned.params);
    assert_eq!(led.location(), Some(&*on));
}

#[tokio::test]
async fn a_refusal_of_the_provider_is_led_on_as_well() {
    let (preview, stable) = both(SessionStrategy::default()).await;
    preview.fake.alter_return(|params| {
        params.retain(|(name, _)| name != "code");
        params.push(("error".into(), "access_denied".into()));
    });
    let mut browser = preview.app.browser();
    let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);

    let led = come(&mut stable.browser(), &returned).await;
    let answer = browser.get(led.location().unwrap().strip_prefix(PREVIEW).unwrap()).await;

    assert_eq!(answer.location(), Some("https://preview.example.net/auth/signin?error=OAuthCallbackError"));
}

#[tokio::test]
async fn a_state_that_is_not_ours_leads_nowhere_else() {
    let (preview, stable) = with_secret(SessionStrategy::default(), "another secret, and a long one").await;
    let mut browser = preview.app.browser();
    let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);

    let answer = come(&mut stable.browser(), &returned).await;

    assert_eq!(answer.location(), Some("https://app.example.com/auth/error?error=Configuration"));
}

#[tokio::test]
async fn a_state_that_has_expired_leads_nowhere_else() {
    let (preview, stable) = both(SessionStrategy::default()).await;
    let mut browser = preview.app.browser();
    let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);
    preview.app.clock.advance(std::time::Duration::from_mins(16));

    let answer = come(&mut stable.browser(), &returned).await;

    assert_eq!(answer.location(), Some("https://app.example.com/auth/error?error=Configuration"));
}

#[tokio::test]
async fn only_the_proxy_itself_leads_on() {
    let (preview, _) = both(SessionStrategy::default()).await;
    let mut browser = preview.app.browser();
    let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);
    let config = Config::new(SECRET)
        .with_base_url("https://third.example.org")
        .with_redirect_proxy(format!("{STABLE}/auth"))
        .with_provider(client_of(&preview.fake, "fake"));
    let parts = preview.app.engine.parts().clone();
    let third = App { engine: Engine::new(config, parts).unwrap(), ..preview.app.clone() };

    let answer = come(&mut third.browser(), &returned).await;

    assert_eq!(answer.location(), Some("https://third.example.org/auth/error?error=Configuration"));
}

/// Where the browser is led on to, nothing is known of it that it has not got itself.
#[tokio::test]
async fn the_code_is_of_no_use_to_another_browser_that_is_led_on() {
    let (preview, stable) = both(SessionStrategy::default()).await;
    let mut browser = preview.app.browser();
    let returned = preview.fake.visit(&left(&mut browser, PREVIEW).await);
    let led = come(&mut stable.browser(), &returned).await;
    let on = led.location().unwrap().strip_prefix(PREVIEW).unwrap().to_owned();

    let mut other = preview.app.browser();
    let answer = other.get(&on).await;

    assert_eq!(answer.location(), Some("https://preview.example.net/auth/error?error=Configuration"));
    assert_eq!(preview.fake.requests(Page::Token), 0);
}
