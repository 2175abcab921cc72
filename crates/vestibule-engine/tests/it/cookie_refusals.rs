//! Cookies that cannot work, and are refused when the engine is made.

use std::time::Duration;

use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{
    Config, ConfigError, CookieOverride, Cookies, Engine, JwtPolicy, OAuthProvider, SameSite, TrustedHosts,
};

use crate::app::{App, SECRET, config};
use crate::secrecy::Log;

/// What is said of a configuration with this session cookie.
fn refusal(config: Config, session_token: CookieOverride) -> String {
    let config = config.with_cookies(Cookies { session_token, ..Cookies::default() });
    let made = Engine::new(config, App::new().engine.parts().clone());
    made.err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn what_browsers_would_not_keep_or_bring_back_is_refused() {
    let usual = CookieOverride::default;
    let named = |name: &str| CookieOverride { name: Some(name.into()), ..usual() };
    let https = || config().with_base_url("https://app.example.com");
    let none = || CookieOverride { same_site: Some(SameSite::None), ..usual() };
    let path = |path: &str| CookieOverride { path: Some(path.into()), ..usual() };
    let domain = |domain: &str| CookieOverride { domain: Some(domain.into()), ..usual() };
    let partitioned = || CookieOverride { partitioned: Some(true), ..usual() };
    let age = |age| CookieOverride { max_age: Some(age), ..usual() };
    let any = || Config::new(SECRET).with_trusted_hosts(TrustedHosts::Any);
    for (config, cookie, part) in vec![
        (config(), none(), "SameSite=None without Secure"),
        (https(), CookieOverride { secure: Some(false), name: Some("s".into()), ..none() }, "without Secure"),
        (https(), CookieOverride { path: Some("/auth".into()), ..named("__Host-s") }, "another path"),
        (
            https(),
            CookieOverride { domain: Some("example.com".into()), ..named("__Host-s") },
            "with a domain",
        ),
        (config(), named("__Host-s"), "without Secure"),
        (https(), path("auth"), "slash"),
        (https(), path("/a;b"), "slash"),
        (https(), path("/app"), "base path"),
        (https(), path("/aut"), "base path"),
        (https(), domain("example.org"), "the host is not in"),
        (https(), domain("ample.com"), "the host is not in"),
        (https(), domain("x.app.example.com"), "the host is not in"),
        (config().with_base_url("http://127.0.0.1"), domain("0.0.1"), "the host is not in"),
        (https(), age(Duration::ZERO), "a second or longer"),
        (https(), age(Duration::from_millis(999)), "a second or longer"),
        (https(), CookieOverride { path: Some("/auth".into()), ..named("__hOST-s") }, "another path"),
        (
            https(),
            CookieOverride { domain: Some("example.com".into()), ..named("__host-s") },
            "with a domain",
        ),
        (config(), named("__host-s"), "without Secure"),
        (config(), partitioned(), "Partitioned without Secure"),
        (
            https(),
            CookieOverride { secure: Some(false), name: Some("s".into()), ..partitioned() },
            "Partitioned",
        ),
        (config(), named("__SECURE-s"), "without Secure"),
        (config(), named("__Http-s"), "without Secure"),
        (https(), CookieOverride { http_only: Some(false), ..named("__Http-s") }, "without HttpOnly"),
        (https(), CookieOverride { http_only: Some(false), ..named("__hTTP-s") }, "without HttpOnly"),
        (https(), CookieOverride { http_only: Some(false), ..named("__Host-Http-s") }, "without HttpOnly"),
        (https(), CookieOverride { path: Some("/auth".into()), ..named("__Host-Http-s") }, "another path"),
        (
            https(),
            CookieOverride { domain: Some("example.com".into()), ..named("__host-http-s") },
            "with a domain",
        ),
    ] {
        let text = refusal(config, cookie);
        assert!(text.contains("cookie session_token: ") && text.contains(part), "{part}: {text}");
    }
    for (config, cookie) in vec![
        (https(), none()),
        (https(), partitioned()),
        (https(), CookieOverride { same_site: Some(SameSite::None), ..partitioned() }),
        (config(), CookieOverride { secure: Some(true), ..none() }),
        (https(), named("__Host-s")),
        (https(), named("__Host-Http-s")),
        (https(), CookieOverride { domain: Some("example.com".into()), ..named("__Http-s") }),
        (https(), CookieOverride { path: Some("/auth".into()), ..named("__Http-s") }),
        (https(), CookieOverride { http_only: Some(false), ..named("__Host-s") }),
        (https(), named("__host-s")),
        (https(), age(Duration::from_secs(1))),
        (https(), path("/auth")),
        (https(), path("/auth/")),
        (https(), domain("example.com")),
        (https(), domain(".app.example.com")),
        (any(), domain("example.com")),
    ] {
        assert_eq!(refusal(config, cookie.clone()), "", "{cookie:?}");
    }
}

#[test]
fn strict_cookies_of_a_sign_in_elsewhere_are_refused() {
    let strict = || CookieOverride { same_site: Some(SameSite::Strict), ..CookieOverride::default() };
    let cookies =
        || Cookies { csrf_token: strict(), state: strict(), session_token: strict(), ..Cookies::default() };
    let provider = Provider::new("other", "Other", Kind::Oidc)
        .with_client_id("app")
        .with_client_secret("secret")
        .with_issuer("https://id.example.com");
    let parts = App::new().engine.parts().clone();

    let elsewhere = config().with_provider(OAuthProvider::new(provider)).with_cookies(cookies());
    let error = Engine::new(elsewhere, parts.clone()).unwrap_err();

    let refused: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    let reason = "nobody who comes back from a provider would bring it: leave it at SameSite=Lax";
    assert_eq!(refused, [format!("cookie csrf_token: {reason}"), format!("cookie state: {reason}")]);
    Engine::new(config().with_cookies(cookies()), parts).unwrap();
}

#[test]
fn a_cookie_that_would_be_read_as_a_piece_of_the_session_is_refused() {
    let named = |name: &str| CookieOverride { name: Some(name.into()), ..CookieOverride::default() };
    let problems = |csrf: &str| -> Vec<String> {
        let cookies = Cookies { session_token: named("sid"), csrf_token: named(csrf), ..Cookies::default() };
        let made = Engine::new(config().with_cookies(cookies), App::new().engine.parts().clone());
        made.err().iter().flat_map(ConfigError::problems).map(ToString::to_string).collect()
    };

    for piece in ["sid.0", "sid.17", "sid.007"] {
        let reason = "cookie csrf_token: it would be read as a piece of the session: do not name it as the session \
                      cookie with a dot and digits";
        assert_eq!(problems(piece), [reason], "{piece}");
    }
    for other in ["sid.", "sid.a", "sid.1a", "sid-0", "Sid.0", "sid.0.csrf"] {
        assert_eq!(problems(other), [""; 0], "{other}");
    }
}

const V4: [&str; 2] = ["next-auth.session-token", "__Secure-next-auth.session-token"];

fn with_session_in_cookie(policy: JwtPolicy, name: &str) -> Result<Engine, ConfigError> {
    let session_token = CookieOverride { name: Some(name.into()), ..CookieOverride::default() };
    let config = config()
        .with_base_url("https://app.example.com")
        .with_session(policy)
        .with_cookies(Cookies { session_token, ..Cookies::default() });
    Engine::new(config, App::new().engine.parts().clone())
}

#[test]
fn a_session_cannot_have_the_cookie_of_version_4_and_take_over_from_it() {
    for name in V4 {
        let error = with_session_in_cookie(JwtPolicy::default().with_nextauth_v4(), name).unwrap_err();

        let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
        let reason = "cookie session_token: sessions of NextAuth v4 are taken over from the cookie of this name, which is \
                      deleted then: leave out the name, so that it is v5's";
        assert_eq!(problems, [reason]);
    }
}

const WARNING: &str = "no session of NextAuth v4 counts";

/// Auth.js v5 may have been given that name, and what it sealed is to count.
#[test]
fn sessions_in_a_cookie_named_as_version_4s_are_warned_of() {
    let log = Log::default();
    let _guard = log.listen();

    with_session_in_cookie(JwtPolicy::default(), "sid").unwrap();
    assert!(!log.text().contains(WARNING), "{}", log.text());

    for name in V4 {
        let log = Log::default();
        let _guard = log.listen();
        with_session_in_cookie(JwtPolicy::default(), name).unwrap();
        assert!(log.text().contains(WARNING), "{name}: {}", log.text());
    }
}

#[test]
fn rows_are_found_by_a_cookie_named_as_version_4s() {
    for name in V4 {
        let named = CookieOverride { name: Some(name.into()), ..CookieOverride::default() };
        assert_eq!(refusal(config().with_base_url("https://app.example.com"), named), "", "{name}");
    }
}
