//! Configurations that cannot be used, and those that can.

use std::sync::Arc;
use std::time::Duration;

use vestibule_core::TouchPolicy;
use vestibule_engine::oauth::{ClientAuth, Kind, Provider};
use vestibule_engine::{
    Config, ConfigError, ConfigProblem, CookieOverride, Cookies, EmailProvider, Engine, OAuthProvider, Pages,
    Parts, Secret, Theme, TrustedHosts,
};
use vestibule_memory::Memory;
use vestibule_testkit::Mailbox;

use crate::app::{App, ORIGIN, SECRET, config, request};

fn make(config: Config) -> Result<Engine, ConfigError> {
    Engine::new(config, Parts::new(Arc::new(Memory::new()), Arc::new(Mailbox::new())))
}

fn problems(config: Config) -> String {
    make(config).unwrap_err().to_string()
}

#[test]
fn every_problem_is_named_at_once() {
    let config = Config::with_secrets([])
        .with_base_path("auth x")
        .with_provider(EmailProvider::new("nobody"))
        .with_provider(EmailProvider::new("a@example.com"));

    let error = make(config).unwrap_err();

    assert_eq!(error.problems().len(), 5);
    assert_eq!(
        error.to_string(),
        "the configuration cannot be used:\n\
         - no secret: set AUTH_SECRET to at least 32 random characters, or pass them to Config::new\n\
         - neither a base URL nor trusted hosts: set AUTH_URL to the URL that browsers use, such as \
         https://app.example.com, or list the hosts that requests may name\n\
         - base path is `auth x`: write it as /auth or /api/auth, with letters, digits and -_.~ only\n\
         - provider `email`: `from` must be an address, such as `App <no-reply@example.com>`\n\
         - two providers have the id `email`: give one of them another with `with_id`"
    );
}

#[test]
fn each_bad_setting_is_found() {
    let good = config;
    let theme = |change: fn(&mut Theme)| {
        let mut theme = Theme::default();
        change(&mut theme);
        good().with_theme(theme)
    };
    let page = |page: &str| good().with_pages(Pages { error: Some(page.into()), ..Pages::default() });
    let cookie = |name: &str, domain: Option<&str>| {
        good().with_cookies(Cookies {
            csrf_token: CookieOverride {
                name: Some(name.into()),
                domain: domain.map(Into::into),
                ..CookieOverride::default()
            },
            ..Cookies::default()
        })
    };
    for (config, part) in vec![
        (Config::new("").with_base_url("http://localhost"), "no secret"),
        (Config::with_secrets([Secret::from(SECRET), Secret::from("")]), "no secret"),
        (good().with_base_url("localhost:3000"), "neither http nor https"),
        (good().with_base_url("/auth"), "not an absolute URL"),
        (good().with_base_url("https://a.example/?x"), "query"),
        (good().with_base_path("/a//b"), "base path"),
        (good().with_base_path("/a/../b"), "base path"),
        (good().with_base_path("/a?b"), "base path"),
        (good().with_allowed_redirect("https://a.example/path"), "allowed redirect"),
        (good().with_allowed_redirect("*"), "allowed redirect"),
        (good().with_session(TouchPolicy { max_age: Duration::ZERO, update_age: Duration::ZERO }), "max_age"),
        (good().with_mailbox_url("javascript:alert(1)"), "mailbox URL"),
        (good().with_provider(EmailProvider::new("a@b.example\r\nBcc: x@y.example").with_id("x")), "`from`"),
        (good().with_provider(EmailProvider::new("a@b.example").with_id("a/b")), "its id"),
        (good().with_provider(EmailProvider::new("a@b.example").with_id("undefined")), "its id"),
        (theme(|theme| theme.brand_color = "red;}body{display:none".into()), "theme.brand_color"),
        (theme(|theme| theme.button_text = "url(x)".into()), "theme.button_text"),
        (theme(|theme| theme.logo = Some("javascript:x".into())), "theme.logo"),
        (theme(|theme| theme.logo = Some("https://a.example/x; script-src *".into())), "theme.logo"),
        (page("error"), "pages.error"),
        (page("//evil.example"), "pages.error"),
        (page("/a\r\nb"), "pages.error"),
        (cookie("a b", None), "cookie csrf_token"),
        (cookie("", None), "cookie csrf_token"),
        (cookie("__Host-x", Some("example.com")), "__Host-"),
        (cookie("x", Some("a; Path=/")), "domain"),
        (cookie("authjs.session-token", None), "two cookies"),
    ] {
        let text = problems(config);
        assert!(text.contains(part), "{part}: {text}");
    }
    let listed = TrustedHosts::Listed(vec!["a/b".into()]);
    assert!(problems(Config::new(SECRET).with_trusted_hosts(listed)).contains("trusted host"));
    let empty = TrustedHosts::Listed(vec![]);
    assert!(problems(Config::new(SECRET).with_trusted_hosts(empty)).contains("neither a base URL"));
}

#[test]
fn no_problem_shows_a_secret_or_password() {
    let text = problems(Config::new(SECRET).with_base_url("https://ada:hunter2@app.example.com"));

    assert!(text.contains("user name or password"));
    assert!(!text.contains("hunter2"));
    assert!(!format!("{:?}", config()).contains(SECRET));
}

#[tokio::test]
async fn the_base_path_is_the_one_of_the_url_or_the_one_that_is_set() {
    let path = |config: Config| make(config).unwrap().base_path().to_owned();
    let url = |url: &str| Config::new(SECRET).with_base_url(url);

    assert_eq!(path(url("https://a.example")), "/auth");
    assert_eq!(path(url("https://a.example/")), "/auth");
    assert_eq!(path(url("https://a.example/api/auth/")), "/api/auth");
    assert_eq!(path(url("https://a.example/x").with_base_path("/sso/")), "/sso");
    assert_eq!(path(url("https://a.example").with_base_path("/")), "");
}

#[tokio::test]
async fn the_engine_can_have_the_whole_origin() {
    let app = App::with(config().with_base_path("/"));

    assert_eq!(app.get("/session").await.text(), "null");
    assert!(app.get("/providers").await.text().contains("\"http://localhost:3000/signin/email\""));
}

#[tokio::test]
async fn any_host_counts_if_the_proxy_sees_to_it() {
    let config = Config::new(SECRET)
        .with_trusted_hosts(TrustedHosts::Any)
        .with_provider(EmailProvider::new("a@example.com"));
    let app = App::with(config);
    let headers = [("host", "inner"), ("x-forwarded-host", "a.example"), ("x-forwarded-proto", "https")];

    let answer = app.send(request("GET", "/auth/providers", &headers, "")).await;

    assert!(answer.text().contains("\"https://a.example/auth/signin/email\""));
}

#[tokio::test]
async fn a_base_url_is_stronger_than_any_header() {
    let app = App::with(config().with_trusted_hosts(TrustedHosts::Any));
    let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];

    let answer = app.send(request("GET", "/auth/providers", &headers, "")).await;

    assert!(!answer.text().contains("evil"));
}

#[test]
fn the_page_to_sign_in_is_known() {
    let own = Pages { sign_in: Some("/login?x=1".into()), ..Pages::default() };

    assert_eq!(
        make(config()).unwrap().sign_in_url("/private?a=b"),
        "/auth/signin?callbackUrl=%2Fprivate%3Fa%3Db"
    );
    assert_eq!(
        make(config().with_pages(own)).unwrap().sign_in_url("/private"),
        "/login?x=1&callbackUrl=%2Fprivate"
    );
}

fn refused(provider: Provider) -> Vec<String> {
    let parts = App::new().engine.parts().clone();
    let error = Engine::new(config().with_provider(OAuthProvider::new(provider)), parts).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

fn client(kind: Kind) -> Provider {
    Provider::new("other", "Other", kind).with_client_id("app").with_client_secret("secret")
}

#[test]
fn a_provider_without_its_endpoints_is_refused_with_what_to_do() {
    const OR: &str = "or an issuer that publishes it and `with_discovery(true)`";

    assert_eq!(
        refused(client(Kind::OAuth)),
        [
            format!("provider `other` has no authorization endpoint: set it with `with_authorization`, {OR}"),
            format!("provider `other` has no token endpoint: set it with `with_token`, {OR}"),
            format!("provider `other` has no userinfo endpoint: set it with `with_user_info`, {OR}"),
        ]
    );
    let by_hand = client(Kind::Oidc).with_discovery(false).with_issuer("https://a.example");
    assert_eq!(
        refused(by_hand.with_authorization("https://a.example/a").with_token("https://a.example/t")),
        [format!(
            "provider `other` has no keys to check ID tokens with: set their URL with `with_jwks_uri`, {OR}"
        )]
    );
    let unnamed = refused(client(Kind::Oidc).with_authorization("https://a.example/a"));
    assert!(
        unnamed[0].starts_with("provider `other` has no issuer: set it with `with_issuer`"),
        "{unnamed:?}"
    );
    let discovering = client(Kind::OAuth).with_discovery(true);
    assert!(refused(discovering)[0].starts_with("provider `other` has no issuer"));
}

#[test]
fn a_provider_that_knows_its_endpoints_is_taken() {
    let parts = App::new().engine.parts().clone();
    let public = Provider::new("other", "Other", Kind::Oidc)
        .with_client_id("app")
        .with_client_auth(ClientAuth::None)
        .with_issuer("https://a.example");
    for provider in [
        public,
        client(Kind::Oidc).with_issuer("https://a.example"),
        client(Kind::OAuth).with_issuer("https://a.example").with_discovery(true),
        client(Kind::OAuth)
            .with_authorization("https://a.example/a")
            .with_token("https://a.example/t")
            .with_user_info("https://a.example/u"),
    ] {
        Engine::new(config().with_provider(OAuthProvider::new(provider)), parts.clone()).unwrap();
    }
}

#[test]
fn a_client_without_the_secret_that_it_has_to_show_is_refused() {
    let provider =
        Provider::new("other", "Other", Kind::Oidc).with_client_id("app").with_issuer("https://a.example");

    assert_eq!(
        refused(provider),
        [
            "provider `other`: it has no client secret: set it with `with_client_secret`, or make it a public client \
          with `ClientAuth::None`"
        ]
    );
}

#[test]
fn what_the_original_checks_too_has_the_name_that_it_has_there() {
    let names = |config: Config, parts: Parts| -> Vec<_> {
        let error = Engine::new(config, parts).unwrap_err();
        error.problems().iter().map(ConfigProblem::auth_js_name).collect()
    };
    let parts = || App::new().engine.parts().clone();

    assert_eq!(names(Config::with_secrets([]), parts()), [Some("MissingSecret"), Some("UntrustedHost")]);
    let by_mail =
        Config::new(SECRET).with_base_url(ORIGIN).with_provider(EmailProvider::new("a@example.com"));
    assert_eq!(names(by_mail, Parts::without_store()), [Some("MissingAdapter")]);
    let endless = client(Kind::Oidc).with_discovery(true);
    let endless = config().with_provider(OAuthProvider::new(endless));
    assert_eq!(names(endless, parts())[0], Some("InvalidEndpoints"));
    assert_eq!(names(config().with_base_path("a b"), parts()), [None]);
}
