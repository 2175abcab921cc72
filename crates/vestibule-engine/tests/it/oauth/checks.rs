//! What ties an answer of a provider to the browser, the provider and the one sign-in that it belongs to.

use std::time::Duration;

use http::StatusCode;
use vestibule_engine::oauth::Checks;
use vestibule_engine::{OAuthProvider, SessionStrategy};
use vestibule_testkit::{FakeProvider, Page, Returned};

use super::{CONFIGURATION, World, ada, client_of};
use crate::app::{App, Browser, ORIGIN};

const COOKIES: [&str; 3] = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"];

async fn world() -> World {
    let world = World::new(SessionStrategy::default()).await;
    world.fake.set_user(ada());
    world
}

/// A browser that is about to come back.
async fn about_to_come_back(world: &World) -> (Browser, Returned) {
    let mut browser = world.app.browser();
    let to = browser.leave_for("fake").await;
    (browser, world.fake.visit(&to))
}

async fn is_refused(world: &World, browser: &mut Browser, returned: &Returned) {
    let asked = world.fake.requests(Page::Token);

    let answer = browser.come_back(returned).await;

    assert_eq!(answer.location(), Some(CONFIGURATION));
    assert_eq!(world.fake.requests(Page::Token), asked, "the code stays with us");
    assert_eq!(browser.session_token(), None);
    assert_eq!(world.app.user("ada@example.com").await, None);
}

#[tokio::test]
async fn what_was_used_is_refused_although_the_browser_has_kept_it() {
    let world = world().await;
    let (mut browser, returned) = about_to_come_back(&world).await;
    let mut copy = browser.clone();
    browser.come_back(&returned).await;
    let asked = world.fake.requests(Page::Token);

    let answer = copy.come_back(&returned).await;

    assert_eq!(answer.location(), Some(CONFIGURATION));
    assert_eq!(copy.session_token(), None);
    assert_eq!(world.fake.requests(Page::Token), asked);
}

#[tokio::test]
async fn what_was_used_in_vain_is_refused_too() {
    let world = world().await;
    world.fake.alter_claims(|claims| drop(claims.remove("nonce")));
    let (mut browser, returned) = about_to_come_back(&world).await;
    let mut copy = browser.clone();
    assert_eq!(browser.come_back(&returned).await.location(), Some(CONFIGURATION));
    world.fake.heal();
    let asked = world.fake.requests(Page::Token);

    assert_eq!(copy.come_back(&returned).await.location(), Some(CONFIGURATION));
    assert_eq!(world.fake.requests(Page::Token), asked);
}

#[tokio::test]
async fn of_one_answer_at_many_doors_one_is_let_in() {
    let world = world().await;
    let (browser, returned) = about_to_come_back(&world).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (mut browser, returned) = (browser.clone(), returned.clone());
        tasks.spawn(async move {
            browser.come_back(&returned).await;
            browser.session_token().is_some()
        });
    }

    let signed_in = tasks.join_all().await;

    assert_eq!(signed_in.into_iter().filter(|it| *it).count(), 1);
    assert_eq!(world.fake.requests(Page::Token), 1);
}

#[tokio::test]
async fn another_browser_is_refused() {
    let world = world().await;
    let (_, returned) = about_to_come_back(&world).await;

    is_refused(&world, &mut world.app.browser(), &returned).await;
}

/// Somebody makes a victim's browser come back with an answer that is their own. The victim's own sign-in, which is
/// under way, goes on.
#[tokio::test]
async fn an_answer_of_somebody_else_is_refused_and_does_not_disturb() {
    let world = world().await;
    let (mut victim, own) = about_to_come_back(&world).await;
    let (_, attackers) = about_to_come_back(&world).await;

    is_refused(&world, &mut victim, &attackers).await;
    let without_state = Returned { params: "code=code-1".into(), ..attackers.clone() };
    is_refused(&world, &mut victim, &without_state).await;
    let error = Returned { params: "error=access_denied".into(), ..attackers };
    is_refused(&world, &mut victim, &error).await;

    assert_eq!(victim.come_back(&own).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn the_answer_of_one_provider_is_refused_by_another() {
    let world = World::configured(|fake, config| {
        config.with_provider(client_of(fake, "fake")).with_provider(client_of(fake, "twin"))
    })
    .await;
    world.fake.set_user(ada());
    let (mut browser, returned) = about_to_come_back(&world).await;
    let mixed_up = Returned { redirect_uri: format!("{ORIGIN}/auth/callback/twin"), ..returned.clone() };

    is_refused(&world, &mut browser, &mixed_up).await;

    assert_eq!(browser.come_back(&returned).await.location(), Some(ORIGIN));
}

#[tokio::test]
async fn the_cookies_of_one_provider_do_not_count_for_another() {
    let world = World::configured(|fake, config| {
        config.with_provider(client_of(fake, "fake")).with_provider(client_of(fake, "twin"))
    })
    .await;
    for cookie in COOKIES {
        let (browser, returned) = about_to_come_back(&world).await;
        let mut twin = world.app.browser();
        let returned_to_twin = world.fake.visit(&twin.leave_for("twin").await);
        // All but one are the twin's own.
        twin.cookies.insert(cookie.into(), browser.cookies[cookie].clone());

        is_refused(&world, &mut twin, &returned_to_twin).await;
        drop(returned);
    }
}

#[tokio::test]
async fn a_cookie_that_is_missing_empty_or_forged_refuses() {
    for cookie in COOKIES {
        let world = world().await;
        let (browser, returned) = about_to_come_back(&world).await;
        let sealed = browser.cookies[cookie].clone();
        let mut turned = sealed.clone();
        let last = if turned.ends_with('A') { "B" } else { "A" };
        turned.replace_range(turned.len() - 1.., last);
        let of_another_kind =
            browser.cookies[COOKIES.iter().find(|other| **other != cookie).unwrap().to_owned()].clone();
        for value in [None, Some(String::new()), Some("x".into()), Some(turned), Some(of_another_kind)] {
            let mut browser = browser.clone();
            match &value {
                None => drop(browser.cookies.remove(cookie)),
                Some(value) => drop(browser.cookies.insert(cookie.into(), value.clone())),
            }

            is_refused(&world, &mut browser, &returned).await;
        }
    }
}

#[tokio::test]
async fn a_cookie_under_another_secret_refuses() {
    let world = world().await;
    let other = App::with(
        vestibule_engine::Config::new("another secret, and a long one too")
            .with_base_url(ORIGIN)
            .with_provider(client_of(&world.fake, "fake")),
    );
    let mut stranger = other.browser();
    let returned = world.fake.visit(&stranger.leave_for("fake").await);
    let mut browser = world.app.browser();
    browser.cookies = stranger.cookies.clone();

    is_refused(&world, &mut browser, &returned).await;
}

#[tokio::test]
async fn a_cookie_under_the_secret_from_before_a_rotation_counts() {
    let world = world().await;
    let (browser, returned) = about_to_come_back(&world).await;
    let secrets = ["a new secret, and a long one too".into(), crate::app::SECRET.into()];
    let config = vestibule_engine::Config::with_secrets(secrets)
        .with_base_url(ORIGIN)
        .with_provider(client_of(&world.fake, "fake"));
    let parts = world.app.engine.parts().clone();
    let app = App { engine: vestibule_engine::Engine::new(config, parts).unwrap(), ..world.app.clone() };

    let answer = Browser { app, ..browser }.come_back(&returned).await;

    assert_eq!(answer.location(), Some(ORIGIN));
}

#[tokio::test]
async fn a_sign_in_may_take_a_quarter_of_an_hour() {
    for (minutes, seconds, is_in_time) in [(14, 59, true), (15, 15, false), (60, 0, false)] {
        let world = world().await;
        let (mut browser, returned) = about_to_come_back(&world).await;
        world.app.clock.advance(Duration::from_secs(minutes * 60 + seconds));

        if is_in_time {
            assert_eq!(browser.come_back(&returned).await.location(), Some(ORIGIN));
        } else {
            is_refused(&world, &mut browser, &returned).await;
        }
    }
}

#[tokio::test]
async fn what_was_kept_is_deleted_after_success_and_after_failure() {
    for fails in [false, true] {
        let world = world().await;
        let (mut browser, returned) = about_to_come_back(&world).await;
        if fails {
            world.fake.alter_claims(|claims| drop(claims.insert("aud".into(), "somebody else".into())));
        }

        let answer = browser.come_back(&returned).await;

        assert_eq!(answer.location(), Some(if fails { CONFIGURATION } else { ORIGIN }));
        for cookie in COOKIES {
            let deletion = format!("{cookie}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
            assert!(answer.set_cookies().contains(&deletion.as_str()), "{cookie}");
            assert!(!browser.cookies.contains_key(cookie));
        }
    }
}

#[tokio::test]
async fn checks_that_a_provider_cannot_take_are_left_out() {
    let without = [
        Checks::all(vestibule_engine::oauth::Kind::Oidc).without_pkce(),
        Checks::all(vestibule_engine::oauth::Kind::Oidc).without_state(),
        Checks::all(vestibule_engine::oauth::Kind::Oidc).without_nonce(),
    ];
    for (checks, missing) in without.into_iter().zip([COOKIES[1], COOKIES[0], COOKIES[2]]) {
        let world = World::configured(|fake: &FakeProvider, config| {
            config.with_provider(OAuthProvider::new(client_of(fake, "fake").with_checks(checks)))
        })
        .await;
        world.fake.set_user(ada());
        let (mut browser, returned) = about_to_come_back(&world).await;

        assert!(!browser.cookies.contains_key(missing));
        assert_eq!(browser.come_back(&returned).await.location(), Some(ORIGIN), "without {missing}");
    }
}

#[tokio::test]
async fn only_get_and_post_bring_an_answer() {
    let world = world().await;
    let (mut browser, returned) = about_to_come_back(&world).await;
    let path = format!("/auth/callback/fake?{}", returned.params);

    for method in ["HEAD", "PUT", "DELETE", "OPTIONS"] {
        let answer = browser.send(method, &path, &[], "").await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{method}");
    }

    assert_eq!(browser.come_back(&returned).await.location(), Some(ORIGIN), "nothing was used up");
}
