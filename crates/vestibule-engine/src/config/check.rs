//! The checks of a configuration, one setting each.

use std::time::Duration;

use url::{Host, Url};

use crate::Secret;
use crate::config::endpoints;
use crate::config::{Config, ConfigProblem, Limits, Pages, Provider, SessionStrategy, Theme};
use crate::http::Origin;
use crate::limit::{Limit, Topic};

/// Each place that is taken may be looked at before a request is refused.
const MOST: u32 = 10_000;

type Problems = Vec<ConfigProblem>;

pub(super) fn secrets(secrets: &[Secret], problems: &mut Problems) {
    if secrets.is_empty() || secrets.iter().any(|secret| secret.expose().is_empty()) {
        problems.push(ConfigProblem::SecretMissing);
    }
}

pub(super) fn base_url(text: &str, problems: &mut Problems) -> Option<Url> {
    let mut refuse = |reason| {
        problems.push(url_problem("base URL (AUTH_URL)", text, reason));
        None
    };
    let Ok(url) = Url::parse(text) else {
        return refuse("not an absolute URL, such as https://app.example.com");
    };
    if Origin::of(&url).is_none() {
        return refuse("its scheme is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("it has a user name or password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("it has a query or a fragment");
    }
    Some(url)
}

pub(super) fn base_path(path: &str, problems: &mut Problems) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let good = path.is_empty()
        || path.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|segment| {
                !segment.is_empty() && segment != "." && segment != ".." && segment.chars().all(plain)
            })
        });
    if !good {
        problems.push(url_problem(
            "base path",
            path,
            "write it as /auth or /api/auth, with letters, digits and -_.~ only",
        ));
    }
}

/// The URL of the redirect proxy without a slash at its end.
pub(super) fn redirect_proxy(text: &str, problems: &mut Problems) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| Origin::of(url).is_some());
    let good =
        url.filter(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    if good.is_none() {
        let reason = "not an http(s) URL without a query, such as https://app.example.com/auth";
        problems.push(url_problem("redirect proxy (AUTH_REDIRECT_PROXY_URL)", text, reason));
    }
    good.map(|_| text.trim_end_matches('/').to_owned())
}

/// The origins that a listed host stands for: by https, and on this machine by http as well. Elsewhere whoever sends a
/// header could have a link lead through the clear.
pub(super) fn host(host: &str, problems: &mut Problems) -> Option<Vec<Origin>> {
    let https = Origin::from_host("https", host);
    let http = Origin::from_host("http", host);
    if let (Some(https), Some(http)) = (https, http) {
        let is_here = Url::parse(http.as_str()).ok().is_some_and(|url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        return Some(if is_here { vec![https, http] } else { vec![https] });
    }
    let reason = "not a host with or without a port, such as app.example.com or localhost:3000";
    problems.push(url_problem("trusted host", host, reason));
    None
}

pub(super) fn origin(setting: &'static str, text: &str, problems: &mut Problems) -> Option<Origin> {
    let origin = Origin::parse(text);
    if origin.is_none() {
        problems.push(url_problem(setting, text, "not an origin, such as https://app.example.com"));
    }
    origin
}

pub(super) fn providers(providers: &[Provider], has_client: bool, problems: &mut Problems) {
    for (index, provider) in providers.iter().enumerate() {
        let id = provider.id().as_str();
        let mut refuse = |reason| {
            problems.push(ConfigProblem::Provider { id: id.to_owned(), reason });
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if id.is_empty() || id == "undefined" || !id.chars().all(plain) {
            refuse("its id must consist of letters, digits and -_. and not be `undefined`");
        }
        match provider {
            Provider::Email(email) => {
                if !email.from.contains('@') || email.from.contains(char::is_control) {
                    refuse("`from` must be an address, such as `App <no-reply@example.com>`");
                }
                if let Some(codes) = &email.codes {
                    if codes.max_age < Duration::from_secs(1) || codes.max_age > email.max_age {
                        refuse("its codes must count for at least a second, and no longer than its links");
                    }
                    if !(1..=10).contains(&codes.tries) {
                        refuse("its codes may be tried between once and ten times");
                    }
                }
                if email.secret.as_ref().is_some_and(|secret| secret.expose().is_empty()) {
                    refuse("its secret is empty");
                }
            }
            Provider::Credentials(credentials) => {
                if credentials.fields.iter().any(|field| field.name == "csrfToken") {
                    refuse("a field has the name `csrfToken`, which is taken");
                }
            }
            Provider::WebAuthn(_) => {}
            Provider::OAuth(oauth) => {
                if !has_client {
                    refuse("it needs an HTTP client: hand one in with `Parts::with_http_client`");
                }
                if oauth.provider.client_id().is_empty() {
                    refuse("it has no client id: set it with `with_client_id`");
                }
                if endpoints::lacks_secret(&oauth.provider) {
                    refuse(
                        "it has no client secret: set it with `with_client_secret`, or make it a public client with \
                         `ClientAuth::None`",
                    );
                }
                for (missing, remedy) in endpoints::missing(&oauth.provider) {
                    problems.push(ConfigProblem::InvalidEndpoints { id: id.to_owned(), missing, remedy });
                }
            }
        }
        if providers[..index].iter().any(|earlier| earlier.id().as_str() == id) {
            problems.push(ConfigProblem::ProviderTwice { id: id.to_owned() });
        }
    }
}

/// What there must not be without a store.
pub(super) fn without_store(
    config: &Config,
    strategy: &SessionStrategy,
    counts_elsewhere: bool,
    problems: &mut Problems,
) {
    let mut miss = |feature: String, instead| {
        problems.push(ConfigProblem::MissingAdapter { feature, instead });
    };
    if matches!(strategy, SessionStrategy::Database(_)) {
        miss("sessions that are rows of it".into(), "or keep them in the cookie with `JwtPolicy`");
    }
    let mut takes_credentials = false;
    for provider in &config.providers {
        match provider {
            Provider::Email(email) => {
                miss(format!("provider `{}`, which signs in by e-mail", email.id), "or leave it out");
            }
            Provider::WebAuthn(keys) => {
                miss(format!("provider `{}`, which signs in by passkeys", keys.id), "or leave it out");
            }
            Provider::Credentials(_) => takes_credentials = true,
            Provider::OAuth(_) => {}
        }
    }
    let limited =
        |(per_name, per_network): (Option<Limit>, Option<Limit>)| per_name.or(per_network).is_some();
    if takes_credentials && !counts_elsewhere && limited(config.limits.of(Topic::Credentials)) {
        miss(
            "counting wrong credentials".into(),
            "or something else that counts with `Parts::with_rate_limiter`, or set `Limits::off()`",
        );
    }
}

pub(super) fn limits(limits: &Limits, problems: &mut Problems) {
    if limits.all().any(|limit| !(1..=MOST).contains(&limit.count())) {
        problems.push(ConfigProblem::Value {
            setting: "limits",
            reason: "a limit must be between 1 and 10,000; `None` is no limit",
        });
    }
    if limits.all().any(|limit| limit.window() < Duration::from_secs(1)) {
        problems.push(ConfigProblem::Value {
            setting: "limits",
            reason: "a window must last a second or longer",
        });
    }
}

pub(super) fn session(strategy: &SessionStrategy, problems: &mut Problems) {
    let ages = match strategy {
        SessionStrategy::Database(policy) => [Some(policy.max_age), None, None],
        SessionStrategy::Jwt(policy) => [Some(policy.max_age), policy.token_max_age, policy.absolute_age],
    };
    if ages.into_iter().flatten().any(|age| age < Duration::from_secs(1)) {
        problems.push(ConfigProblem::Value {
            setting: "session max_age",
            reason: "a session that lives for no time signs nobody in",
        });
    }
}

pub(super) fn pages(pages: &Pages, mailbox_url: Option<&str>, problems: &mut Problems) {
    let settings = [
        ("pages.sign_in", pages.sign_in.as_deref()),
        ("pages.sign_out", pages.sign_out.as_deref()),
        ("pages.error", pages.error.as_deref()),
        ("pages.verify_request", pages.verify_request.as_deref()),
        ("pages.new_user", pages.new_user.as_deref()),
        ("mailbox URL", mailbox_url),
    ];
    for (setting, page) in settings {
        if let Some(page) = page {
            path_or_url(setting, page, problems);
        }
    }
}

pub(super) fn theme(theme: &Theme, problems: &mut Problems) {
    for (setting, color) in
        [("theme.brand_color", &theme.brand_color), ("theme.button_text", &theme.button_text)]
    {
        if !is_color(color) {
            let reason = "not a color: write it as #346df1 or as a CSS color name";
            problems.push(ConfigProblem::Value { setting, reason });
        }
    }
    if let Some(logo) = &theme.logo {
        path_or_url("theme.logo", logo, problems);
    }
}

fn path_or_url(setting: &'static str, text: &str, problems: &mut Problems) {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"'<>;,#".contains(&byte));
    let path = text.starts_with('/') && !text.starts_with("//");
    let url = || Url::parse(text).ok().is_some_and(|url| Origin::of(&url).is_some());
    if !visible || !(path || url()) {
        let reason = "neither a path, such as /login, nor an http(s) URL, in ASCII";
        problems.push(url_problem(setting, text, reason));
    }
}

fn is_color(text: &str) -> bool {
    match text.strip_prefix('#') {
        Some(hex) => matches!(hex.len(), 3 | 4 | 6 | 8) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => (3..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
    }
}

fn url_problem(setting: &'static str, value: &str, reason: &'static str) -> ConfigProblem {
    ConfigProblem::Url { setting, value: without_password(value), reason }
}

/// The value as it may be shown: what stands before an `@` in it may be a password.
fn without_password(value: &str) -> String {
    match value.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => value.to_owned(),
    }
}
