//! A provider that has the browser post its answer, as Apple does. Browsers send no `Lax` cookies with that.

use serde_json::json;
use vestibule_core::{NewUser, Users};
use vestibule_engine::oauth::{Checks, Kind, Quirk, ResponseMode};
use vestibule_engine::{Config, JwtPolicy, SessionStrategy};
use vestibule_testkit::Page;
use vestibule_token::{Claims, SessionKeys};

use super::wire::leave;
use super::{CONFIGURATION, REFUSED, World, ada, client_of, strategies};
use crate::app::{Browser, FORM, ORIGIN, SECRET};

async fn world(strategy: SessionStrategy) -> World {
    let world = World::configured(|fake, config| {
        let apple = client_of(fake, "fake")
            .with_response_mode(ResponseMode::FormPost)
            .with_quirk(Quirk::UserInCallback);
        config.with_provider(apple).with_session(strategy)
    })
    .await;
    world.fake.set_user(ada());
    world
}

/// What a browser sends with a form that another site posts: the cookies that say `SameSite=None`.
fn across_sites(browser: &Browser) -> Browser {
    let mut other = browser.clone();
    let sent = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce", "vestibule.browser"];
    other.cookies.retain(|name, _| sent.contains(&name.as_str()));
    other
}

#[tokio::test]
async fn what_is_kept_is_sent_across_sites() {
    let world = world(SessionStrategy::default()).await;
    let mut browser = world.app.browser();

    let answer = browser.post("/auth/signin/fake", &[("callbackUrl", "/home")]).await;

    let lines = answer.set_cookies();
    assert!(lines[0].starts_with("authjs.callback-url=") && lines[0].ends_with("; SameSite=Lax"));
    let names = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce", "vestibule.browser"];
    assert_eq!(lines.len(), 1 + names.len());
    for (line, name) in lines[1..].iter().zip(names) {
        assert!(line.starts_with(&format!("{name}=")), "{line}");
        assert!(line.ends_with("GMT; HttpOnly; Secure; SameSite=None"), "{line}");
        assert!(line.len() < 4096, "{}", line.len());
    }
    assert!(answer.location().unwrap().contains("&response_mode=form_post"));
}

#[tokio::test]
async fn a_posted_answer_signs_in_and_leads_where_the_browser_wanted() {
    for strategy in strategies() {
        let world = world(strategy).await;
        let mut browser = world.app.browser();
        let to = browser.leave_with("fake", &[("callbackUrl", "/home?a=b")]).await;
        let returned = world.fake.visit(&to);
        assert!(returned.posted);
        let mut posting = across_sites(&browser);

        let answer = posting.come_back(&returned).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/home?a=b"));
        assert!(world.who(&posting).await.is_some());
        let names: Vec<_> = answer.set_cookies().iter().map(|line| line.split_once('=').unwrap().0).collect();
        assert_eq!(
            names,
            [
                "authjs.callback-url",
                "authjs.state",
                "authjs.pkce.code_verifier",
                "authjs.nonce",
                "vestibule.browser",
                "authjs.session-token"
            ],
            "the CSRF token that the browser has is not replaced"
        );
    }
}

#[tokio::test]
async fn over_https_it_is_the_same() {
    let world = World::configured(|fake, _| {
        let apple = client_of(fake, "fake").with_response_mode(ResponseMode::FormPost);
        Config::new(SECRET).with_base_url("https://app.example.com").with_provider(apple)
    })
    .await;
    let mut browser = world.app.browser();

    let answer = leave(&mut browser, "https://app.example.com").await;

    let lines = answer.set_cookies();
    for line in lines.iter().filter(|line| line.contains("Expires=")) {
        let is_for_no_neighbor = line.starts_with("__Host-vestibule.browser=") && !line.contains("Domain=");
        assert!(line.starts_with("__Secure-authjs.") || is_for_no_neighbor, "{line}");
        assert!(line.ends_with("; HttpOnly; Secure; SameSite=None"), "{line}");
    }
}

#[tokio::test]
async fn a_callback_url_that_is_too_long_for_the_cookie_is_not_carried() {
    let world = world(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    let long = format!("/{}", "a".repeat(1900));
    let answer = browser.post("/auth/signin/fake", &[("callbackUrl", &long)]).await;
    assert!(
        answer
            .set_cookies()
            .iter()
            .filter(|line| !line.contains("callback-url"))
            .all(|line| line.len() < 4096)
    );
    let returned = world.fake.visit(answer.location().unwrap());

    let answer = across_sites(&browser).come_back(&returned).await;

    assert_eq!(answer.location(), Some(ORIGIN));
}

/// The session's cookie does not come with the form, so the browser comes once more.
#[tokio::test]
async fn whoever_is_signed_in_links_the_account() {
    for strategy in strategies() {
        let world = world(strategy).await;
        let (mut browser, user) = world.signed_in("grace@example.com").await;
        let to = browser.leave_with("fake", &[("callbackUrl", "/accounts")]).await;
        let returned = world.fake.visit(&to);

        let posted = across_sites(&browser).come_back(&returned).await;
        let again = posted.location().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
        assert_eq!(world.fake.requests(Page::Token), 0);
        assert!(posted.set_cookies().iter().all(|line| line.starts_with("authjs.callback-url=")));
        let answer = browser.get(&again).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/accounts"));
        assert_eq!(world.account("ada-1").await.unwrap().user_id, user.id);
        assert_eq!(world.who(&browser).await, Some(user.id));
    }
}

/// Which cookie says so, does not matter.
#[tokio::test]
async fn whoever_has_a_session_of_nextauth_4_links_the_account() {
    let world = world(JwtPolicy::default().with_nextauth_v4().into()).await;
    let user = world.app.memory.create_user(&NewUser::with_email("grace@example.com"), None).await.unwrap();
    let claims = Claims::from_json(&json!({"sub": user.id.as_str()}).to_string()).unwrap();
    let keys = SessionKeys::nextauth_v4(&[SECRET], "");
    let mut browser = world.app.browser();
    let token = keys.seal(&claims, world.app.now().as_secs(), 3600, &[7; 32]);
    browser.cookies.insert("next-auth.session-token".into(), token);
    let returned = world.fake.visit(&browser.leave_for("fake").await);

    let posted = across_sites(&browser).come_back(&returned).await;
    let again = posted.location().unwrap().strip_prefix(ORIGIN).unwrap().to_owned();
    assert_eq!(world.fake.requests(Page::Token), 0);
    let answer = browser.get(&again).await;

    assert_eq!(answer.location(), Some(ORIGIN));
    assert_eq!(world.account("ada-1").await.unwrap().user_id, user.id);
    assert_eq!(world.who(&browser).await, Some(user.id));
}

#[tokio::test]
async fn whoever_is_signed_in_no_more_when_they_come_once_more_is_somebody_new() {
    let world = world(SessionStrategy::default()).await;
    let (mut browser, user) = world.signed_in("grace@example.com").await;
    let returned = world.fake.visit(&browser.leave_for("fake").await);
    let posted = across_sites(&browser).come_back(&returned).await;
    browser.post("/auth/signout", &[]).await;

    let answer = browser.get(posted.location().unwrap().strip_prefix(ORIGIN).unwrap()).await;

    assert_eq!(answer.location(), Some(ORIGIN));
    let owner = world.account("ada-1").await.unwrap().user_id;
    assert_ne!(owner, user.id);
    assert_eq!(world.who(&browser).await, Some(owner));
}

#[tokio::test]
async fn a_name_that_the_provider_tells_once_is_taken() {
    let world = World::configured(|fake, config| {
        let mapping = vestibule_engine::oauth::UserInfoMapping::new(|profile| {
            let mut user = vestibule_engine::oauth::UserInfo::from_claims(profile)?;
            user.name = profile["user"]["name"]["firstName"].as_str().map(str::to_owned);
            Ok(user)
        });
        let apple = client_of(fake, "fake")
            .with_response_mode(ResponseMode::FormPost)
            .with_quirk(Quirk::UserInCallback)
            .with_mapping(mapping);
        config.with_provider(apple)
    })
    .await;
    world.fake.set_user(ada());
    world.fake.alter_return(|params| {
        params.push(("user".into(), json!({"name": {"firstName": "Countess"}}).to_string()));
    });
    let mut browser = world.app.browser();
    let returned = world.fake.visit(&browser.leave_for("fake").await);

    across_sites(&browser).come_back(&returned).await;

    assert_eq!(world.app.user("ada@example.com").await.unwrap().name.as_deref(), Some("Countess"));
}

#[tokio::test]
async fn a_form_of_another_site_is_no_sign_in() {
    let world = world(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    let own = world.fake.visit(&browser.leave_for("fake").await);
    let mut attacker = world.app.browser();
    let attackers = world.fake.visit(&attacker.leave_for("fake").await);
    let mut posting = across_sites(&browser);

    let answer = posting.come_back(&attackers).await;
    assert_eq!(answer.location(), Some(CONFIGURATION));
    assert_eq!((answer.set_cookies().len(), world.fake.requests(Page::Token)), (0, 0));

    assert_eq!(posting.come_back(&own).await.location(), Some(ORIGIN), "the browser's own goes on");
}

/// A neighboring host can plant the cookies of its own sign-in, but none whose name begins with `__Host-`.
#[tokio::test]
async fn a_sign_in_that_was_planted_from_a_neighboring_host_is_not_this_browsers() {
    let world = world(SessionStrategy::default()).await;
    let mut attacker = world.app.browser();
    let returned = world.fake.visit(&attacker.leave_for("fake").await);
    let mut victim = world.app.browser();
    victim.leave_for("fake").await;
    for began in [true, false] {
        for name in ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"] {
            victim.cookies.insert(name.into(), attacker.cookies[name].clone());
        }
        if !began {
            victim.cookies.remove("vestibule.browser");
        }

        let answer = across_sites(&victim).come_back(&returned).await;

        assert_eq!(answer.location(), Some(CONFIGURATION));
        assert!(answer.set_cookies().iter().all(|line| !line.starts_with("authjs.session-token=")));
        assert_eq!(world.fake.requests(Page::Token), 0);
    }
}

#[tokio::test]
async fn a_refusal_comes_as_a_form_too() {
    let world = world(SessionStrategy::default()).await;
    world.fake.alter_return(|params| {
        params.retain(|(name, _)| name != "code");
        params.push(("error".into(), "user_cancelled_authorize".into()));
    });
    let mut browser = world.app.browser();
    let returned = world.fake.visit(&browser.leave_for("fake").await);

    assert_eq!(across_sites(&browser).come_back(&returned).await.location(), Some(REFUSED));
}

#[tokio::test]
async fn a_form_that_is_none_is_refused() {
    let world = world(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    browser.leave_for("fake").await;
    for body in ["", "code=1&code=2", "&&&", "state=%", "state=%00", "{}"] {
        let answer = across_sites(&browser).send("POST", "/auth/callback/fake", &[FORM], body).await;

        let refused = answer.location() == Some(CONFIGURATION) || answer.status().is_client_error();
        assert!(refused, "{body}: {} {:?}", answer.status(), answer.location());
        assert_eq!(world.fake.requests(Page::Token), 0);
    }
}

#[tokio::test]
async fn without_a_state_nothing_is_carried_and_the_nonce_ties_the_answer() {
    let world = World::configured(|fake, config| {
        let checks = Checks::all(Kind::Oidc).without_state();
        let apple = client_of(fake, "fake").with_response_mode(ResponseMode::FormPost).with_checks(checks);
        config.with_provider(apple)
    })
    .await;
    world.fake.set_user(ada());
    let mut browser = world.app.browser();
    let to = browser.leave_with("fake", &[("callbackUrl", "/home")]).await;
    assert!(!browser.cookies.contains_key("vestibule.browser"), "nothing would be compared with it");

    let answer = across_sites(&browser).come_back(&world.fake.visit(&to)).await;

    assert_eq!(answer.location(), Some(ORIGIN));
}
