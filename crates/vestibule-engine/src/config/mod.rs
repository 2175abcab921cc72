//! What an installation can choose. [`Engine::new`](crate::Engine::new) checks it all at once.

mod check;
mod check_cookies;
mod check_webauthn;
mod codes;
mod cookies;
mod credentials;
mod email;
mod endpoints;
mod limits;
mod oauth;
mod pages;
mod problem;
mod provider;
mod session;
pub(crate) mod settings;
mod webauthn;

pub use codes::Codes;
pub use cookies::{CookieOverride, CookiePriority, Cookies, SameSite};
pub use credentials::{Authorize, Credential, Credentials, CredentialsError, CredentialsProvider, Field};
pub use email::{EmailProvider, LinkRedemption};
pub use limits::Limits;
pub use oauth::{KeptTokens, Linking, OAuthProvider};
pub use pages::{ColorScheme, Pages, Theme};
pub use problem::{ConfigError, ConfigProblem};
pub use provider::Provider;
pub use session::{JwtPolicy, SessionStrategy};
pub use webauthn::{PasskeyRegistration, WebAuthnProvider};

use crate::{Language, Secret};

/// The configuration of an [`Engine`](crate::Engine).
///
/// Nothing is checked until the engine is made, which then names every problem at once.
///
/// ```
/// use vestibule_engine::{Config, EmailProvider};
///
/// let config = Config::new("a secret of at least 32 characters")
///     .with_base_url("https://app.example.com")
///     .with_provider(EmailProvider::new("App <no-reply@example.com>"));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) secrets: Vec<Secret>,
    pub(crate) base_url: Option<String>,
    pub(crate) base_path: Option<String>,
    pub(crate) trusted_hosts: TrustedHosts,
    pub(crate) providers: Vec<Provider>,
    /// What was chosen; else it goes by whether there is a store.
    pub(crate) session: Option<SessionStrategy>,
    pub(crate) link_redemption: LinkRedemption,
    pub(crate) pages: Pages,
    pub(crate) theme: Theme,
    pub(crate) cookies: Cookies,
    pub(crate) allowed_redirects: Vec<String>,
    pub(crate) mailbox_url: Option<String>,
    pub(crate) body_limit: usize,
    pub(crate) redirect_proxy: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) trusted_proxies: Option<u8>,
    pub(crate) languages: Vec<Language>,
}

impl Config {
    /// How long the body of a request may be, unless configured: the forms and updates of browsers are far
    /// smaller.
    pub const DEFAULT_BODY_LIMIT: usize = 64 * 1024;

    /// A configuration with this secret, and Auth.js' default for everything else.
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self::with_secrets([secret.into()])
    }

    /// A configuration with a list of secrets, newest first: the first makes, all of them accept.
    ///
    /// To rotate, put the new secret in front; drop the old one when nothing made with it is in use any more.
    pub fn with_secrets(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self {
            secrets: secrets.into_iter().collect(),
            base_url: None,
            base_path: None,
            trusted_hosts: TrustedHosts::None,
            providers: Vec::new(),
            session: None,
            link_redemption: LinkRedemption::default(),
            pages: Pages::default(),
            theme: Theme::default(),
            cookies: Cookies::default(),
            allowed_redirects: Vec::new(),
            mailbox_url: None,
            body_limit: Self::DEFAULT_BODY_LIMIT,
            redirect_proxy: None,
            limits: Limits::new(),
            trusted_proxies: None,
            languages: Language::built_in(),
        }
    }

    /// The URL under which browsers reach the installation (`AUTH_URL`): its scheme and host are used for
    /// every link and redirect, whatever a request claims. A path in it is the base path, unless
    /// [`with_base_path`](Self::with_base_path) says otherwise.
    #[must_use]
    pub fn with_base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The path below which the engine answers; `/auth` if not set, `/` for the whole origin.
    #[must_use]
    pub fn with_base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = Some(path.into());
        self
    }

    /// Which `Host` headers count where there is no base URL. See [`TrustedHosts`].
    #[must_use]
    pub fn with_trusted_hosts(mut self, hosts: TrustedHosts) -> Self {
        self.trusted_hosts = hosts;
        self
    }

    /// Another limit for the bodies of requests, in bytes; 0 takes none at all.
    ///
    /// This is the one rule there is: the engine answers a longer body with 413, and a face such as
    /// `vestibule-axum` asks [`Engine::body_limit`](crate::Engine::body_limit) and stops reading there.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Adds a way to sign in. They are listed in the order in which they were added.
    #[must_use]
    pub fn with_provider(mut self, provider: impl Into<Provider>) -> Self {
        self.providers.push(provider.into());
        self
    }

    /// How sessions are kept and how long they live; Auth.js' default if not set: rows of the store if there is one, else
    /// tokens in the cookie.
    #[must_use]
    pub fn with_session(mut self, session: impl Into<SessionStrategy>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// What opening a link from a mail does. See [`LinkRedemption`].
    #[must_use]
    pub fn with_link_redemption(mut self, redemption: LinkRedemption) -> Self {
        self.link_redemption = redemption;
        self
    }

    /// The application's own pages, in place of the built-in ones.
    #[must_use]
    pub fn with_pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// The looks of the built-in pages.
    #[must_use]
    pub fn with_theme(mut self, theme: Theme) -> Self {
        self.theme = theme;
        self
    }

    /// Other names and attributes for the cookies.
    #[must_use]
    pub fn with_cookies(mut self, cookies: Cookies) -> Self {
        self.cookies = cookies;
        self
    }

    /// Another origin (`https://app.example.com`) that a sign-in may lead to, and whose pages may post here.
    /// The installation's own origin is always allowed.
    #[must_use]
    pub fn with_allowed_redirect(mut self, origin: impl Into<String>) -> Self {
        self.allowed_redirects.push(origin.into());
        self
    }

    /// The base of another installation of this application, such as `https://app.example.com/auth`, to which
    /// providers send browsers back (`AUTH_REDIRECT_PROXY_URL`); it leads them on to here. For previews whose
    /// own URL no provider knows. Both need the same secrets, and the other has itself as its proxy.
    #[must_use]
    pub fn with_redirect_proxy(mut self, url: impl Into<String>) -> Self {
        self.redirect_proxy = Some(url.into());
        self
    }

    /// A language of the built-in pages and mails, in place of the one with the same tag, or beside those there are.
    #[must_use]
    pub fn with_language(mut self, language: Language) -> Self {
        match self.languages.iter_mut().find(|other| other.tag() == language.tag()) {
            Some(other) => *other = language,
            None => self.languages.push(language),
        }
        self
    }

    /// The language for visitors who read none of those there are, by its tag; English unless this is said. A tag that
    /// no language has changes nothing.
    #[must_use]
    pub fn with_default_language(mut self, tag: &str) -> Self {
        self.languages.sort_by_key(|language| language.tag() != tag);
        self
    }

    /// How often mails may be asked for, and credentials and codes be wrong. See [`Limits`].
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How many proxies every request comes through, each of which appends to `X-Forwarded-For` whom it was asked by; 0 if
    /// clients connect to this program themselves.
    ///
    /// Not set, the header says nothing, since anybody can send it. The other end of a connection then is the client, but
    /// on a private network, where it is taken for a proxy, and clients cannot be told apart.
    #[must_use]
    pub fn with_trusted_proxies(mut self, proxies: u8) -> Self {
        self.trusted_proxies = Some(proxies);
        self
    }

    /// Where the mails of a development mailbox can be read: a path or URL, which the page "check your mail"
    /// then links to. For development only: whoever reads the mails can sign in as anybody.
    #[must_use]
    pub fn with_mailbox_url(mut self, url: impl Into<String>) -> Self {
        self.mailbox_url = Some(url.into());
        self
    }
}

/// Which hosts a request may name where there is no base URL (`AUTH_TRUST_HOST`).
///
/// Links in mails point to the host of the request that asked for them. A forged `Host` header that counts
/// makes a mail with a valid link to somebody else's server; so without a base URL, list the hosts, or be sure
/// that the proxy in front sets the header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustedHosts {
    /// No host counts: a base URL is needed.
    #[default]
    None,
    /// These hosts count, written as in a URL: `app.example.com`, `localhost:3000`. `X-Forwarded-Host` and
    /// `X-Forwarded-Proto` are read. They are reached by https, and on this machine by http as well; for anything else set a
    /// base URL.
    Listed(Vec<String>),
    /// Any host counts, because the proxy in front sees to it. `X-Forwarded-Host` and `X-Forwarded-Proto` are
    /// read.
    Any,
}
