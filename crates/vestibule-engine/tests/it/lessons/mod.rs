//! What went wrong elsewhere than in Auth.js: the faults that other software for signing in has published and mended, Better
//! Auth's release on atomicity before all, as far as there is such a flow here. One test each, named after the fault.
//!
//! Others are shown where their flow is tested: passkeys with those, counts by networks of IPv6 with the limits. There is no
//! device code, no SAML and no signing in by a wallet here.

mod elsewhere;
mod ways_in;

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;
use vestibule_core::{
    AccountType, Accounts, NewAccount, NewUser, ProviderAccountId, ProviderId, Users, VerificationTokens,
};
use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{CodeCheck, JwtPolicy, Limit, Limits, OAuthProvider, SessionStrategy};
use vestibule_testkit::Fault;

use crate::app::{App, ORIGIN, config};
use crate::codes::{self, DEAD, WRONG, is_refused, other};
use crate::oauth::{World, strategies};

const HOUR: Duration = Duration::from_hours(1);
const AT_ONCE: usize = 32;

/// The same, so many times at once, on two processes in turn.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    app: &App,
    config: impl Fn() -> vestibule_engine::Config,
    act: impl Fn(App) -> F,
) -> Vec<T> {
    let other = app.another_process(config());
    let mut tasks = JoinSet::new();
    for number in 0..AT_ONCE {
        tasks.spawn(act(if number % 2 == 0 { app.clone() } else { other.clone() }));
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_account_token_is_for_the_account_that_asked_and_for_nothing_else() {
    let app = App::new();
    let token = app.engine.issue_token("delete-account", "user 1", HOUR).await.unwrap();

    for (purpose, identifier) in
        [("delete-account", "user 2"), ("delete-account", ""), ("reset-password", "user 1")]
    {
        assert!(!app.engine.redeem_token(purpose, identifier, &token).await.unwrap());
    }
    assert!(
        app.engine.redeem_token("delete-account", "user 1", &token).await.unwrap(),
        "and is not spent by those"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_token_counts_once_on_however_many_processes() {
    for _ in 0..20 {
        let app = App::new();
        let token = app.engine.issue_token("one-time", "user 1", HOUR).await.unwrap();

        let redeemed = at_once(&app, config, |app| {
            let token = token.clone();
            async move { app.engine.redeem_token("one-time", "user 1", &token).await.unwrap() }
        })
        .await;

        assert_eq!(redeemed.iter().filter(|is_right| **is_right).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_token_counts_once_and_no_session_from_before_outlives_the_reset() {
    let app = App::new();
    let (mut owner, mut thief) = (app.browser(), app.browser());
    owner.sign_in("ada@example.com").await;
    thief.cookies = owner.cookies.clone();
    let user = app.user("ada@example.com").await.unwrap().id;
    let token = app.engine.issue_token("reset-password", user.as_str(), HOUR).await.unwrap();

    let redeemed = at_once(&app, config, |app| {
        let (token, user) = (token.clone(), user.clone());
        async move { app.engine.redeem_token("reset-password", user.as_str(), &token).await.unwrap() }
    })
    .await;
    app.engine.sign_out_everywhere(&user, None).await.unwrap();

    assert_eq!(redeemed.iter().filter(|is_right| **is_right).count(), 1);
    assert_eq!(thief.get("/auth/session").await.text(), "null");
    app.clock.advance(HOUR);
    let late = app.engine.issue_token("reset-password", user.as_str(), HOUR).await.unwrap();
    app.clock.advance(HOUR + Duration::from_millis(1));
    assert!(!app.engine.redeem_token("reset-password", user.as_str(), &late).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn otp_attempts_are_counted_before_they_are_made() {
    for _ in 0..10 {
        let app = codes::app();
        let mut browser = app.browser();
        let code = browser.ask_for_code("ada@example.com").await;

        let answers = at_once(&app, codes::config, |app| {
            let (mut browser, wrong) = (browser.clone(), other(&code));
            browser.app = app;
            async move { browser.enter(&wrong).await.text().to_owned() }
        })
        .await;

        assert_eq!(answers.iter().filter(|text| text.contains(WRONG)).count(), 5);
        assert_eq!(answers.iter().filter(|text| text.contains(DEAD)).count(), AT_ONCE - 5);
        is_refused(&browser.enter(&code).await, DEAD);
    }
}

/// However often somebody tries a code, right, wrong or used already, its tries are all that is written.
#[tokio::test(flavor = "multi_thread")]
async fn otp_attempts_fill_no_table() {
    for is_used in [true, false] {
        let app = codes::app();
        let mut browser = app.browser();
        let code = browser.ask_for_code("ada@example.com").await;
        let mut replay = browser.clone();
        if is_used {
            browser.enter(&code).await;
            assert!(browser.is_signed_in());
        }
        let tried = if is_used { code } else { other(&code) };

        for round in 0..300 {
            // A process that was just started knows nothing of what is dead.
            replay.app = app.another_process(codes::config());
            let mut copy = replay.clone();
            let text = copy.enter(&tried).await.text().to_owned();
            assert!(text.contains(WRONG) || text.contains(DEAD), "{round}: {text}");
        }

        // A day later all of it has expired: what counted the mail, the link, and for each try its place and its count.
        app.clock.advance(Duration::from_hours(48));
        let rows = app.memory.delete_expired_tokens(app.now(), 10_000).await.unwrap();
        assert!(rows <= 1 + 1 + 5 + 5, "{rows} rows");
    }
}

/// A link is taken before anything comes of it: whatever fails then, it is never worth two sessions.
#[tokio::test(flavor = "multi_thread")]
async fn verification_reservation_that_came_to_nothing_is_not_given_twice() {
    for steps in 0..6 {
        let app = App::new();
        let mut browser = app.browser();
        let link = browser.ask_for_link("ada@example.com").await;
        app.store.fail_after(steps, Fault::Unavailable);
        let first = browser.redeem(&link).await;
        app.store.recover();

        let others = at_once(&app, config, |app| {
            let (mut browser, link) = (app.browser(), link.clone());
            async move {
                browser.redeem(&link).await;
                browser.session_token().is_some()
            }
        })
        .await;

        let times = usize::from(browser.session_token().is_some()) + others.iter().filter(|is| **is).count();
        assert!(times <= 1, "after {steps} steps: {times}, {}", first.status());
        let sessions = match app.user("ada@example.com").await {
            Some(user) => app.engine.sessions_of_user(&user.id).await.unwrap().len(),
            None => 0,
        };
        assert!(sessions <= 1, "after {steps} steps: {sessions}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limit_consume_admits_no_more_than_there_are_on_however_many_processes() {
    let limited = || config().with_limits(Limits::off().with_mails_per_address(Limit::new(3, HOUR)));
    for _ in 0..10 {
        let app = App::with(limited());

        let statuses = at_once(&app, limited, |app| async move {
            let mut browser = app.browser();
            browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await.status()
        })
        .await;

        assert_eq!(statuses.iter().filter(|status| **status == StatusCode::FOUND).count(), 3);
        assert_eq!(app.mailbox.mails().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_factor_challenge_is_for_one_user_one_purpose_and_one_answer() {
    let app = App::with(codes::config());
    let issued = app.engine.issue_code("step-up", "user 1", HOUR).await.unwrap();
    let code = issued.code.expose().to_owned();

    let elsewhere = app.engine.redeem_code("step-up", "user 2", &issued.ticket, &code).await.unwrap();
    let mut browser = app.browser();
    browser.cookies.insert(codes::COOKIE.into(), issued.ticket.expose().to_owned());
    browser.enter(&code).await;
    let answers = at_once(&app, codes::config, |app| {
        let (ticket, code) = (issued.ticket.clone(), code.clone());
        async move { app.engine.redeem_code("step-up", "user 1", &ticket, &code).await.unwrap() }
    })
    .await;

    assert_eq!(elsewhere, CodeCheck::Dead);
    assert!(!browser.is_signed_in());
    assert_eq!(answers.iter().filter(|answer| **answer == CodeCheck::Right).count(), 1);
}

/// Use makes a session live on, and not young again.
#[tokio::test]
async fn session_freshness_does_not_come_of_use() {
    let policy = JwtPolicy::default().with_absolute_age(2 * HOUR);
    let app = App::with(config().with_session(policy));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;

    for _ in 0..4 {
        let csrf = browser.csrf_token().await;
        let body = json!({"csrfToken": csrf, "data": {"iat": 9_999_999_999_u64, "exp": 9_999_999_999_u64}});
        let headers = [("content-type", "application/json"), ("origin", ORIGIN)];
        browser.send("POST", "/auth/session", &headers, &body.to_string()).await;
        assert_ne!(browser.get("/auth/session").await.text(), "null");
        app.clock.advance(HOUR / 2);
    }

    app.clock.advance(Duration::from_millis(1));
    assert_eq!(browser.get("/auth/session").await.text(), "null");
}

#[tokio::test(flavor = "multi_thread")]
async fn last_way_in_is_kept_whoever_unlinks_at_once() {
    let provider = |id: &'static str| {
        Provider::new(id, id, Kind::OAuth)
            .with_client_id("id")
            .with_client_secret("secret")
            .with_authorization("https://id.example/authorize")
            .with_token("https://id.example/token")
            .with_user_info("https://id.example/user")
    };
    let two = || {
        config()
            .with_provider(OAuthProvider::from(provider("one")))
            .with_provider(OAuthProvider::from(provider("two")))
    };
    for _ in 0..20 {
        let app = App::with(two());
        let user = app.memory.create_user(&NewUser::default(), None).await.unwrap().id;
        for id in ["one", "two"] {
            let account = NewAccount::new(AccountType::OAuth, id, "1");
            app.memory.link_account(&user, &account).await.unwrap();
        }

        let number = std::sync::atomic::AtomicUsize::new(0);
        at_once(&app, two, |app| {
            let at = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let (user, id) = (user.clone(), ProviderId::from(["one", "two"][at / 2 % 2]));
            async move { app.engine.unlink(&user, &id, &ProviderAccountId::from("1"), false).await.is_ok() }
        })
        .await;

        assert_eq!(app.memory.accounts_of_user(&user).await.unwrap().len(), 1);
    }
}

/// Somebody signs in first, with an address that is not theirs, and waits for its owner.
#[tokio::test]
async fn account_linking_hijacks_nobody_who_comes_later() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.fake.set_user(json!({"sub": "eve-1", "email": "victim@example.com", "email_verified": false}));
        let mut attacker = world.app.browser();
        world.sign_in(&mut attacker).await;
        let trap = world.who(&attacker).await.unwrap();

        let (victim, user) = world.signed_in("victim@example.com").await;
        world.sign_in(&mut attacker).await;

        assert_ne!(user.id, trap);
        assert_eq!(world.accounts(&user.id).await, 0);
        assert_eq!(world.who(&attacker).await, Some(trap));
        assert_eq!(world.who(&victim).await, Some(user.id));
    }
}

/// What is asked for by a session that ended meanwhile is nobody's.
#[tokio::test]
async fn a_deleted_users_session_is_nobodys_at_once() {
    let app = App::with(config().with_session(SessionStrategy::default()));
    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    let user = app.user("ada@example.com").await.unwrap().id;

    app.memory.delete_user(&user).await.unwrap();

    assert_eq!(browser.get("/auth/session").await.text(), "null");
    assert_eq!(app.engine.sessions_of_user(&user).await.unwrap(), []);
}
