//! The published advisories on NextAuth and Auth.js that concern what this engine does too: one test each, named after it,
//! that shows that it is not affected. Several are shown in more ways elsewhere in these tests.

use http::{HeaderMap, StatusCode, Uri, header};
use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{Config, Engine, JwtPolicy, SessionStrategy};
use vestibule_testkit::{FakeProvider, Fault, Returned};

use crate::app::{App, Browser, ORIGIN, RETURN, SECRET, config};
use crate::oauth::{CONFIGURATION, World, ada, client_of, strategies};
use crate::secrecy::Log;

const CHECKS: [&str; 3] = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"];

/// Asks for a mail to what is no address, in each way that a client asks, and gets none.
async fn is_no_address(text: &str) {
    let app = App::new();
    for headers in [&[][..], &[RETURN]] {
        let mut browser = app.browser();

        let answer = browser.post_with("/auth/signin/email", headers, &[("email", text)]).await;

        let refused = if headers.is_empty() {
            answer.status() == StatusCode::BAD_REQUEST
        } else {
            answer.json()["url"] == format!("{ORIGIN}/auth/signin?error=EmailSignin")
        };
        assert!(refused, "{text}: {answer:?}");
    }
    assert!(app.mailbox.mails().is_empty(), "{text}");
    assert_eq!(app.store.take_calls(), [""; 0], "{text}");
}

async fn who(app: &App, headers: &HeaderMap) -> Option<String> {
    let found = app.engine.session(&Uri::from_static("/"), headers).await.unwrap();
    found.map(|session| session.user.id.as_str().to_owned())
}

fn cookies(browser: &Browser) -> HeaderMap {
    [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect()
}

/// Prisma's adapter deleted by the token alone, and did not look at whose it was.
#[tokio::test]
async fn cve_2021_21310_a_token_of_ones_own_does_not_sign_in_somebody_else() {
    for strategy in strategies() {
        let app = App::with(config().with_session(strategy));
        app.browser().sign_in("victim@example.com").await;
        let mut attacker = app.browser();
        let link = attacker.ask_for_link("attacker@example.com").await;

        let answer = attacker.redeem(&link.replace("attacker", "victim")).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=Verification"));
        assert_eq!(attacker.session_token(), None);
    }
}

/// Upstash's adapter looked for the address alone, and took any token.
#[tokio::test]
async fn ghsa_4rxr_27mm_mxq9_an_address_for_which_a_token_waits_is_not_enough() {
    for strategy in strategies() {
        let app = App::with(config().with_session(strategy));
        let link = app.browser().ask_for_link("victim@example.com").await;
        let token = link.split("token=").nth(1).unwrap().split('&').next().unwrap();
        let mut attacker = app.browser();

        let answer = attacker.redeem(&link.replace(token, &"0".repeat(token.len()))).await;

        assert_eq!(answer.location(), Some("http://localhost:3000/auth/error?error=Verification"));
        assert_eq!(attacker.session_token(), None);
        let mut victim = app.browser();
        victim.redeem(&link).await;
        assert!(victim.session_token().is_some(), "the token that waits is still good");
    }
}

/// What begins as the origin does was taken for the origin; and, in a later one, what is relative to it.
#[tokio::test]
async fn cve_2022_24858_and_cve_2022_29214_no_callback_url_leads_elsewhere() {
    for target in [
        "http://localhost:3000.evil.example/",
        "http://localhost:30001/",
        "http://localhost:3000@evil.example/",
        "https://evil.example/http://localhost:3000",
        "//evil.example/",
        "///evil.example",
    ] {
        let app = App::new();
        let mut browser = app.browser();
        browser.get(&format!("/auth/signin?callbackUrl={}", target.replace('@', "%40"))).await;
        let cookie = form_urlencoded::byte_serialize(target.as_bytes()).collect::<String>();
        browser.cookies.insert("authjs.callback-url".into(), cookie);

        for fields in [&[][..], &[("callbackUrl", target)]] {
            let answer = browser.post("/auth/signout", fields).await;

            let Some(to) = answer.location() else {
                assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{target}");
                continue;
            };
            let rest = to.strip_prefix(ORIGIN);
            assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')), "{target}: {to}");
        }
    }
}

/// The URL was parsed without catching what that throws, and the request hung.
#[tokio::test]
async fn ghsa_g5fm_jp9v_2432_a_callback_url_that_is_none_is_answered() {
    for target in ["http://[", "https:", "foo", "javascript:alert(1)", "http://a b"] {
        let app = App::new();
        let mut browser = app.browser();
        let query =
            form_urlencoded::Serializer::new(String::new()).append_pair("callbackUrl", target).finish();

        let page = browser.get(&format!("/auth/signin?{query}")).await;
        let posted = browser.post("/auth/signout", &[("callbackUrl", target)]).await;
        let cookie = form_urlencoded::byte_serialize(target.as_bytes()).collect::<String>();
        browser.cookies.insert("authjs.callback-url".into(), cookie);
        let remembered = browser.get("/auth/session").await;

        let statuses = [page.status(), posted.status(), remembered.status()].map(|status| status.as_u16());
        assert_eq!(statuses, [400, 400, 200], "{target}");
    }
}

/// The address was written into the mail as it came.
#[tokio::test]
async fn ghsa_pgjx_7f9g_9463_no_markup_gets_into_a_mail_by_way_of_an_address() {
    for text in [
        "ada@example.com, <a href=\"https://evil.example\">Claim your money!</a>@example.com",
        "<a href=https://evil.example>@example.com",
        "\"<b>\"@example.com",
    ] {
        is_no_address(text).await;
    }
    // What follows a comma is cut off, as in the original.
    let app = App::new();
    let text = "ada@example.com, <a href=\"https://evil.example\">Claim your money!</a>";
    app.browser().post("/auth/signin/email", &[("email", text)]).await;
    for mail in app.mailbox.mails() {
        assert_eq!(mail.to, "ada@example.com");
        let all = format!("{}{}{}{}", mail.subject, mail.text, mail.html, mail.link);
        assert!(!all.contains("evil") && !all.contains("Claim"), "{all}");
    }
}

/// Configuration and secrets were logged when something failed.
#[tokio::test]
async fn cve_2022_31186_a_failure_is_logged_without_the_providers_secrets() {
    let log = Log::default();
    let _guard = log.listen();
    let world = World::new(SessionStrategy::default()).await;
    let mut browser = world.app.browser();
    world.app.mailbox.close();
    let app = &world.app;

    browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await;
    app.store.fail(Fault::Refused);
    browser.post("/auth/signin/email", &[("email", "ada@example.com")]).await;
    app.store.recover();
    browser.get("/auth/callback/fake?code=1&state=2").await;

    let text = log.text();
    assert!(text.contains("a mail was not sent") && text.contains("the store failed"), "{text}");
    for secret in [SECRET, FakeProvider::CLIENT_SECRET, "ada@"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// A list of addresses got one mail each, and made a user whose address ends as a trusted one does.
#[tokio::test]
async fn ghsa_xv97_c62v_4587_a_list_of_addresses_is_none() {
    for text in [
        "attacker@evil.example,victim@example.com",
        "attacker@evil.example;victim@example.com",
        "attacker@evil.example victim@example.com",
        "attacker@evil.example\r\nvictim@example.com",
        "victim@example.com <attacker@evil.example>",
    ] {
        is_no_address(text).await;
    }
}

/// Without the cookies of the checks, an answer of somebody else's was taken.
#[tokio::test]
async fn cve_2023_27490_an_answer_needs_every_check_that_was_begun_with() {
    for strategy in strategies() {
        let world = World::new(strategy).await;
        world.fake.set_user(ada());
        let mut attacker = world.app.browser();
        let returned = world.fake.visit(&attacker.leave_for("fake").await);
        let sets: [&[&str]; 4] = [&CHECKS, &CHECKS[..1], &CHECKS[1..2], &CHECKS[2..]];
        for missing in sets {
            let (mut victim, user) = world.signed_in("victim@example.com").await;
            let kept = attacker.cookies.iter().filter(|(name, _)| !missing.contains(&name.as_str()));
            let kept = kept.filter(|(name, _)| CHECKS.contains(&name.as_str()));
            victim.cookies.extend(kept.map(|(name, value)| (name.clone(), value.clone())));

            let answer = victim.come_back(&returned).await;

            assert_eq!(answer.location(), Some(CONFIGURATION), "without {missing:?}");
            assert_eq!(world.accounts(&user.id).await, 0);
        }
        assert_eq!(world.account("ada-1").await, None);
    }
}

/// What was sealed for an interrupted sign-in was taken for the session of somebody without a name.
#[tokio::test]
async fn cve_2023_48309_a_state_is_no_session_of_anybody() {
    for strategy in [SessionStrategy::default(), JwtPolicy::default().with_nextauth_v4().into()] {
        let world = World::new(strategy).await;
        let mut left = world.app.browser();
        let to = left.leave_for("fake").await;
        let state = to.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let sealed = CHECKS.iter().map(|name| left.cookies[*name].clone());
        for value in sealed.chain([state]) {
            for name in ["authjs.session-token", "next-auth.session-token"] {
                let mut browser = world.app.browser();
                browser.cookies.insert(name.into(), value.clone());

                assert_eq!(who(&world.app, &cookies(&browser)).await, None, "{name}");
                assert_eq!(browser.get("/auth/session").await.text(), "null", "{name}");
            }
        }
    }
}

/// The mail went to the address in the quotes.
#[tokio::test]
async fn ghsa_5jpx_9hw9_2fx4_an_address_within_an_address_is_none() {
    for text in [
        "\"e@attacker.example\"@victim.example",
        "e@attacker.example(c)@victim.example",
        "\"e@attacker.example x\"@victim.example",
        "<e@attacker.example>@victim.example",
    ] {
        is_no_address(text).await;
    }
}

/// It was looked for one `@` before letters of other widths became the usual ones.
#[tokio::test]
async fn ghsa_7rqj_j65f_68wh_an_address_is_checked_as_it_is_kept() {
    for text in [
        "e@attacker.example＠victim.example",
        "e@attacker.example﹫victim.example",
        "e＠attacker.example@victim.example",
        "e@attacker.example，f@victim.example",
    ] {
        is_no_address(text).await;
    }
    let app = App::new();
    app.browser().post("/auth/signin/email", &[("email", "ａｄａ＠example.com")]).await;
    assert_eq!(
        app.mailbox.mails().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(),
        ["ada@example.com"]
    );
}

/// A header that cannot be decoded threw.
#[tokio::test]
async fn ghsa_xmf8_cvqr_rfgj_a_bearer_that_cannot_be_decoded_is_nobodys() {
    for strategy in strategies() {
        let app = App::with(config().with_session(strategy));
        for bearer in ["Bearer %E0%A4%A", "Bearer %", "Bearer", "Bearer %00", "Basic %ff"] {
            let headers = [(header::AUTHORIZATION, bearer.parse().unwrap())].into_iter().collect();

            assert_eq!(who(&app, &headers).await, None, "{bearer}");
            let answer = app.browser().send("GET", "/auth/session", &[("authorization", bearer)], "").await;
            assert_eq!((answer.status(), answer.text()), (StatusCode::OK, "null"), "{bearer}");
        }
    }
}

/// A state, nonce or verifier made for one provider was good for another, which could link an account of the attacker's.
#[tokio::test]
async fn ghsa_x445_f3h2_j279_the_checks_of_one_provider_are_not_those_of_another() {
    for strategy in strategies() {
        let world = World::configured(|fake, config| {
            config
                .with_provider(client_of(fake, "fake"))
                .with_provider(client_of(fake, "twin"))
                .with_session(strategy)
        })
        .await;
        world.fake.set_user(ada());
        let (mut victim, user) = world.signed_in("victim@example.com").await;
        let returned = world.fake.visit(&victim.leave_for("fake").await);
        let crossed = Returned { redirect_uri: format!("{ORIGIN}/auth/callback/twin"), ..returned };

        let answer = victim.come_back(&crossed).await;

        assert_eq!(answer.location(), Some(CONFIGURATION));
        assert_eq!(world.accounts(&user.id).await, 0);
    }
}

/// `auth()` answered an error as if it were a session.
#[tokio::test]
async fn ghsa_8fpg_xm3f_6cx3_what_is_wrong_is_an_error_and_no_session() {
    let app = App::new();
    let nowhere = Provider::new("x", "X", Kind::OAuth).with_client_id("x");
    let wrong = Config::new("").with_base_url("nowhere").with_provider(nowhere);
    assert!(Engine::new(wrong, app.engine.parts().clone()).is_err(), "it does not even start");

    let mut browser = app.browser();
    browser.sign_in("ada@example.com").await;
    for fault in [Fault::Unavailable, Fault::Refused, Fault::Corrupt] {
        app.store.fail(fault);

        let found = app.engine.session(&Uri::from_static("/"), &cookies(&browser)).await;
        let answer = browser.get("/auth/session").await;

        assert!(found.is_err(), "{fault:?}");
        assert!(answer.status().is_server_error(), "{fault:?}");
        app.store.recover();
    }
}
