//! The configuration once it is checked: what the engine reads while it works.

use std::collections::HashSet;
use std::sync::Arc;

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use url::Url;
use vestibule_token::SessionKeys;

use crate::code;
use crate::config::check;
use crate::config::check_cookies::{self, Surroundings};
use crate::config::check_webauthn;
use crate::config::{
    Config, ConfigError, ConfigProblem, EmailProvider, JwtPolicy, Limits, LinkRedemption, Pages, Provider,
    SessionStrategy, Theme, TrustedHosts,
};
use crate::cookie::{CookieSet, SealedCookie};
use crate::http::{Origin, OriginPolicy};
use crate::language::{self, Language, Texts};
use crate::limit;
use crate::pages::Style;
use crate::secrets::HashSecrets;
use crate::session::jwt;
use crate::{Parts, Secret};

const DEFAULT_BASE_PATH: &str = "/auth";
/// No token of a session that lives in the store is longer.
const MAX_STORED_TOKEN: usize = 512;

/// A configuration that has no problems.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) secrets: HashSecrets,
    pub(crate) origin: OriginPolicy,
    /// Begins with a slash and does not end with one, or is empty.
    pub(crate) base_path: String,
    pub(crate) providers: Vec<Provider>,
    pub(crate) session: SessionSettings,
    pub(crate) link_redemption: LinkRedemption,
    pub(crate) pages: Pages,
    pub(crate) theme: Theme,
    pub(crate) style: Style,
    pub(crate) allowed_redirects: Vec<Origin>,
    pub(crate) mailbox_url: Option<String>,
    /// The longest body, in bytes.
    pub(crate) body_limit: usize,
    /// Seals the state that goes to a provider, as Auth.js does it.
    pub(crate) state_keys: SessionKeys,
    /// Seals the challenges of passkeys, as Auth.js does it.
    pub(crate) challenge_keys: SessionKeys,
    /// Seals the tickets of codes.
    pub(crate) code_keys: SessionKeys,
    /// Seals the cookie of browsers that are known.
    pub(crate) known_keys: SessionKeys,
    pub(crate) limits: Limits,
    /// How many proxies are in front, if anybody has said so.
    pub(crate) trusted_proxies: Option<u8>,
    /// Where providers send browsers back to, if not here: a URL that ends before `/callback/…`.
    pub(crate) redirect_proxy: Option<String>,
    /// The languages of pages and mails; the first is for those who read none of them. There is one at least.
    languages: Vec<Language>,
    https: CookieSettings,
    http: CookieSettings,
}

/// How sessions are kept.
#[derive(Debug)]
pub(crate) struct SessionSettings {
    pub(crate) strategy: SessionStrategy,
    /// How long the token in a session cookie may be, in bytes.
    pub(crate) longest_token: usize,
}

/// The cookies of an origin by https or by http, with what is derived from their names.
#[derive(Debug)]
struct CookieSettings {
    names: CookieSet,
    jwt: JwtKeys,
    checks: CheckCookies,
}

/// The keys of session tokens.
#[derive(Debug)]
pub(crate) struct JwtKeys {
    pub(crate) v5: SessionKeys,
    /// Those of NextAuth v4, if its tokens are read.
    pub(crate) v4: Option<SessionKeys>,
}

/// The cookies by which a browser is known again when it comes back from a provider, or with a key.
#[derive(Debug)]
pub(crate) struct CheckCookies {
    pub(crate) pkce: SealedCookie,
    pub(crate) state: SealedCookie,
    pub(crate) nonce: SealedCookie,
    pub(crate) challenge: SealedCookie,
}

impl CookieSettings {
    fn new(names: CookieSet, secrets: &[&str], strategy: &SessionStrategy) -> Self {
        let jwt = JwtKeys {
            v5: SessionKeys::new(secrets, &names.session_token.name),
            v4: reads_nextauth_v4(strategy).then(|| SessionKeys::nextauth_v4(secrets, "")),
        };
        let checks = CheckCookies {
            pkce: SealedCookie::new(names.pkce.clone(), secrets, true),
            state: SealedCookie::new(names.state.clone(), secrets, true),
            nonce: SealedCookie::new(names.nonce.clone(), secrets, false),
            challenge: SealedCookie::new(names.challenge.clone(), secrets, true),
        };
        Self { names, jwt, checks }
    }
}

impl Settings {
    /// Checks everything, and names every problem at once.
    pub(crate) fn new(config: Config, parts: &Parts) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        check::secrets(&config.secrets, &mut problems);
        let base_url = config.base_url.as_deref().and_then(|text| check::base_url(text, &mut problems));
        let origin = origin_policy(&config, base_url.as_ref(), &mut problems);
        let base_path = base_path(&config, base_url.as_ref(), &mut problems);
        let https_cookies = CookieSet::new(&config.cookies, true);
        let http_cookies = CookieSet::new(&config.cookies, false);
        let strategy = config.session.unwrap_or_else(|| strategy_for(parts));
        let around = Surroundings {
            origin: origin.as_ref(),
            base_path: &base_path,
            leaves_for_providers: config.providers.iter().any(|one| matches!(one, Provider::OAuth(_))),
            reads_nextauth_v4: reads_nextauth_v4(&strategy),
        };
        check_cookies::cookies(&https_cookies, &http_cookies, &around, &mut problems);
        check::providers(&config.providers, parts.http_client.is_some(), &mut problems);
        check_webauthn::webauthn(&config.providers, origin.as_ref(), parts, &mut problems);
        check::session(&strategy, &mut problems);
        if !parts.has_store() {
            check::without_store(&config, &strategy, parts.rate_limiter.is_some(), &mut problems);
        }
        let redirect_proxy =
            config.redirect_proxy.as_deref().and_then(|url| check::redirect_proxy(url, &mut problems));
        check::pages(&config.pages, config.mailbox_url.as_deref(), &mut problems);
        check::theme(&config.theme, &mut problems);
        check::limits(&config.limits, &mut problems);
        let allowed_redirects = config
            .allowed_redirects
            .iter()
            .filter_map(|text| check::origin("allowed redirect", text, &mut problems))
            .collect();
        if redirect_proxy.is_some() && matches!(origin, Some(OriginPolicy::Named)) {
            problems.push(ConfigProblem::Value {
                setting: "redirect proxy (AUTH_REDIRECT_PROXY_URL)",
                reason: "it leads to whatever host a request names; set the base URL, or list the hosts",
            });
        }
        let Some(origin) = origin.filter(|_| problems.is_empty()) else {
            problems.dedup();
            return Err(ConfigError { problems });
        };
        warn(&config, &origin, &strategy);
        let secrets: Vec<&str> = config.secrets.iter().map(Secret::expose).collect();
        let session = SessionSettings {
            strategy,
            longest_token: match strategy {
                SessionStrategy::Database(_) => MAX_STORED_TOKEN,
                SessionStrategy::Jwt(_) => jwt::MAX_TOKEN,
            },
        };
        Ok(Self {
            state_keys: SessionKeys::new(&secrets, "encodedState"),
            challenge_keys: SessionKeys::new(&secrets, "encodedWebauthnChallenge"),
            code_keys: SessionKeys::new(&secrets, code::SALT),
            known_keys: SessionKeys::new(&secrets, limit::KNOWN_SALT),
            limits: config.limits,
            trusted_proxies: config.trusted_proxies,
            redirect_proxy,
            languages: config.languages,
            https: CookieSettings::new(https_cookies, &secrets, &strategy),
            http: CookieSettings::new(http_cookies, &secrets, &strategy),
            secrets: HashSecrets::new(&config.secrets),
            origin,
            base_path,
            providers: config.providers,
            session,
            link_redemption: config.link_redemption,
            pages: config.pages,
            style: Style::new(&config.theme),
            theme: config.theme,
            allowed_redirects,
            mailbox_url: config.mailbox_url,
            body_limit: config.body_limit,
        })
    }

    /// The texts in the language that whoever sends these headers reads best.
    pub(crate) fn texts(&self, headers: &HeaderMap) -> &Texts {
        let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        language::choose(&self.languages, wanted).unwrap_or(&self.languages[0]).texts()
    }

    /// The cookies for an origin.
    pub(crate) fn cookies(&self, origin: &Origin) -> &CookieSet {
        &self.cookie_settings(origin).names
    }

    /// The cookies that a sign-in at a provider leaves in the browser.
    pub(crate) fn checks(&self, origin: &Origin) -> &CheckCookies {
        &self.cookie_settings(origin).checks
    }

    /// The keys of session tokens in the cookies of an origin.
    pub(crate) fn jwt_keys(&self, origin: &Origin) -> &JwtKeys {
        &self.cookie_settings(origin).jwt
    }

    fn cookie_settings(&self, origin: &Origin) -> &CookieSettings {
        if origin.is_https() { &self.https } else { &self.http }
    }

    /// The provider with this id.
    pub(crate) fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id().as_str() == id)
    }

    /// What a provider's tokens are hashed with.
    pub(crate) fn token_secrets(&self, provider: &EmailProvider) -> HashSecrets {
        match &provider.secret {
            Some(secret) => HashSecrets::new(std::slice::from_ref(secret)),
            None => self.secrets.clone(),
        }
    }
}

/// Auth.js' default.
fn strategy_for(parts: &Parts) -> SessionStrategy {
    if parts.has_store() { SessionStrategy::default() } else { JwtPolicy::default().into() }
}

fn reads_nextauth_v4(strategy: &SessionStrategy) -> bool {
    matches!(strategy, SessionStrategy::Jwt(policy) if policy.reads_nextauth_v4)
}

fn origin_policy(
    config: &Config,
    base_url: Option<&Url>,
    problems: &mut Vec<ConfigProblem>,
) -> Option<OriginPolicy> {
    if config.base_url.is_some() {
        return Some(OriginPolicy::Fixed(Arc::new(Origin::of(base_url?)?)));
    }
    match &config.trusted_hosts {
        TrustedHosts::Listed(hosts) if !hosts.is_empty() => {
            let mut listed = HashSet::new();
            for host in hosts {
                listed.extend(check::host(host, problems).into_iter().flatten());
            }
            Some(OriginPolicy::Listed(listed))
        }
        TrustedHosts::Any => Some(OriginPolicy::Named),
        TrustedHosts::None | TrustedHosts::Listed(_) => {
            problems.push(ConfigProblem::OriginUnknown);
            None
        }
    }
}

fn base_path(config: &Config, base_url: Option<&Url>, problems: &mut Vec<ConfigProblem>) -> String {
    let in_url = base_url.map(|url| url.path().trim_end_matches('/')).filter(|path| !path.is_empty());
    let path = match (config.base_path.as_deref(), in_url) {
        (Some(path), _) => path.trim_end_matches('/'),
        (None, Some(path)) => path,
        (None, None) => DEFAULT_BASE_PATH,
    };
    check::base_path(path, problems);
    path.to_owned()
}

/// Says what works but had better be different.
fn warn(config: &Config, origin: &OriginPolicy, strategy: &SessionStrategy) {
    if config.secrets.iter().any(|secret| secret.expose().len() < 32) {
        tracing::warn!("a secret is shorter than 32 characters; make one with `openssl rand -base64 33`");
    }
    if matches!(origin, OriginPolicy::Named) && !config.providers.is_empty() {
        tracing::warn!(
            "any host is trusted: without a base URL (AUTH_URL), whoever can set the Host header of a request \
             decides where the links in mails lead to"
        );
    }
    if matches!(strategy, SessionStrategy::Jwt(_))
        && config.cookies.session_token.name.as_deref().is_some_and(check_cookies::is_nextauth_v4)
    {
        tracing::warn!(
            "the session cookie has the name of NextAuth v4's, and sessions are in the cookie: no session of NextAuth v4 counts, \
             only what Auth.js v5 has sealed under that name; to keep people of v4 signed in leave out the name, and set \
             `JwtPolicy::with_nextauth_v4` (`session.reads_nextauth_v4`)"
        );
    }
    let in_url = config.base_url.as_deref().and_then(|text| Url::parse(text).ok());
    if let (Some(url), Some(path)) = (in_url, &config.base_path)
        && url.path() != "/"
        && url.path().trim_end_matches('/') != path.trim_end_matches('/')
    {
        tracing::warn!("the path of the base URL is not used, because the base path is set to another one");
    }
}
