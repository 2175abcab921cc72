//! What `serve` needs, and what it refuses to start with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use url::{Host, Url};
use vestibule_core::SecretToken;
use vestibule_engine::{Cookies, Limits, Provider, SessionStrategy};

use super::merge::{Found, Problems, duration, first};
use super::{Database, LogSettings, Mail, Sources, StoreSettings};
use crate::args::ServeArgs;
use crate::failure::Failure;

/// Whether things that are only fit for development are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// On a loopback address, and nobody said otherwise.
    Development,
    /// Asked for, or listening where others can reach it.
    Production,
}

/// Where the secrets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// `AUTH_SECRET` and its companions; the first one signs.
    Given(Vec<SecretToken>),
    /// A generated one in a private file.
    Generated,
}

/// `AUTH_URL`: where browsers reach the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SiteUrl {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The path, unless it is `/`.
    pub(crate) path: Option<String>,
    /// Whether it is this machine by name.
    pub(crate) is_here: bool,
}

/// What `serve` needs.
#[derive(Clone, Debug)]
pub(crate) struct ServeSettings {
    pub(crate) mode: Mode,
    pub(crate) listen: SocketAddr,
    /// Where browsers reach the program; `None` goes by the request's `Host`.
    pub(crate) origin: Option<String>,
    /// Whether `Host` and `X-Forwarded-*` may be believed when `origin` is `None`.
    pub(crate) trust_host: bool,
    /// Where the routes are, such as `/auth`.
    pub(crate) base_path: String,
    pub(crate) secrets: Secrets,
    pub(crate) mail: Mail,
    /// How long a link in an e-mail is good.
    pub(crate) email_max_age: Duration,
    pub(crate) session: SessionStrategy,
    /// What differs from the usual names and attributes of cookies.
    pub(crate) cookies: Cookies,
    /// Ways to sign in beside e-mail.
    pub(crate) providers: Vec<Provider>,
    /// Whether providers may be at addresses that are not of the public Internet.
    pub(crate) private_providers: bool,
    /// Where providers send browsers back to, if not here.
    pub(crate) redirect_proxy: Option<String>,
    /// How long a code beside the link is good; `None` sends no codes.
    pub(crate) code_max_age: Option<Duration>,
    pub(crate) limits: Limits,
    /// How many proxies every request comes through, if anybody says so.
    pub(crate) trusted_proxies: Option<u8>,
    /// How long from one sweep to the next, about.
    pub(crate) sweep_interval: Duration,
    pub(crate) store: StoreSettings,
    pub(crate) log: LogSettings,
}

impl ServeSettings {
    /// Whether mails are caught and shown on this machine. Without a database there are no mails.
    pub(crate) fn has_mailbox(&self) -> bool {
        self.mail == Mail::DevelopmentMailbox && self.store.database != Database::None
    }

    /// Whether one can sign in by passkeys.
    pub(crate) fn has_passkeys(&self) -> bool {
        self.providers.iter().any(|provider| matches!(provider, Provider::WebAuthn(_)))
    }
}

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_BASE_PATH: &str = "/auth";
/// In seconds, as in the file.
const DEFAULT_LINK_AGE: u32 = 24 * 60 * 60;
const DEFAULT_CODE_AGE: u32 = 10 * 60;
const MIN_SECRET: usize = 32;

impl Sources {
    /// What `serve` needs.
    ///
    /// # Errors
    ///
    /// With every problem there is, and, in production, everything that is fit for development only.
    pub(crate) fn serve(&self, args: &ServeArgs) -> Result<ServeSettings, Failure> {
        let log = self.log()?;
        let mut problems = Problems::default();
        let listen = first([
            Found::flag("--listen", args.listen.as_deref()),
            Found::file("server.listen", self.file.server.listen.as_deref()),
        ])
        .and_then(|found| problems.parse(&found, parse_listen))
        .unwrap_or(DEFAULT_LISTEN);
        let mode = self.mode(args, listen, &mut problems);
        let url = first([
            Found::env(&self.env, "AUTH_URL"),
            Found::file("server.url", self.file.server.url.as_deref()),
        ])
        .and_then(|found| problems.parse(&found, SiteUrl::parse));
        let configured_path = Found::file("server.base_path", self.file.server.base_path.as_deref())
            .and_then(|found| problems.parse(&found, parse_base_path));
        let store = self.store_settings(&mut problems);
        let is_elsewhere = url.as_ref().is_some_and(|url| !url.is_here);
        let settings = ServeSettings {
            mode,
            listen,
            trust_host: self.trust_host(&mut problems),
            base_path: configured_path
                .or_else(|| url.as_ref().and_then(|url| url.path.clone()))
                .unwrap_or_else(|| DEFAULT_BASE_PATH.into()),
            origin: url.map(|url| url.origin),
            secrets: self.secrets(),
            mail: self.mail(&mut problems),
            email_max_age: duration(
                &mut problems,
                "email.max_age",
                self.file.email.max_age,
                DEFAULT_LINK_AGE,
            ),
            code_max_age: self.code_max_age(&mut problems),
            limits: self.limits(mode, &mut problems),
            trusted_proxies: self.trusted_proxies(&mut problems),
            session: self.session(&store.database, &mut problems),
            cookies: self.cookies(&mut problems),
            providers: self.providers(&mut problems),
            private_providers: self.private_providers(mode),
            redirect_proxy: self.env.get("AUTH_REDIRECT_PROXY_URL").map(str::to_owned),
            sweep_interval: duration(&mut problems, "sweep.interval", self.file.sweep.interval, 600),
            store,
            log,
        };
        if settings.store.database == Database::None {
            self.fit_without_a_store(&settings, &mut problems);
        }
        let settings = problems.end(settings)?;
        match settings.mode {
            Mode::Development if is_elsewhere => fit_for_a_proxy(settings),
            Mode::Development => Ok(settings),
            Mode::Production => fit_for_production(settings),
        }
    }

    /// What needs a database, where it was said that there is none.
    fn fit_without_a_store(&self, settings: &ServeSettings, problems: &mut Problems) {
        let email = &self.file.email;
        let says_of_mail = email.codes.is_some() || email.max_age.is_some() || email.code_max_age.is_some();
        if settings.mail != Mail::DevelopmentMailbox || says_of_mail {
            problems.add(
                "sign-in by e-mail",
                "links and codes are kept in a database, and it was said that there is none; name one, or leave out the \
                 mail server or service and the section [email]",
            );
        }
        if settings.providers.is_empty() {
            problems.add(
                "providers",
                "without a database people sign in at providers alone, and there is none; set AUTH_<ID>_ID and \
                 AUTH_<ID>_SECRET, or write a section [[provider]]",
            );
        }
    }

    fn mode(&self, args: &ServeArgs, listen: SocketAddr, problems: &mut Problems) -> Mode {
        let from_env = Found::env(&self.env, "AUTH_ENV").and_then(|found| {
            problems.parse(&found, |text| match text {
                "production" => Ok(true),
                "development" => Ok(false),
                _ => Err("write production or development".to_owned()),
            })
        });
        let asked = args.production || from_env.or(self.file.server.production).unwrap_or(false);
        if asked || !listen.ip().to_canonical().is_loopback() { Mode::Production } else { Mode::Development }
    }

    /// `false` means false, unlike in Auth.js.
    fn trust_host(&self, problems: &mut Problems) -> bool {
        Found::env(&self.env, "AUTH_TRUST_HOST")
            .and_then(|found| {
                problems.parse(&found, |text| match text.to_ascii_lowercase().as_str() {
                    "true" | "1" | "yes" => Ok(true),
                    "false" | "0" | "no" => Ok(false),
                    _ => Err("write true or false".to_owned()),
                })
            })
            .or(self.file.server.trust_host)
            .unwrap_or(false)
    }

    /// The order of Auth.js: the highest number first, `AUTH_SECRET` last.
    fn secrets(&self) -> Secrets {
        let given: Vec<SecretToken> = ["AUTH_SECRET_3", "AUTH_SECRET_2", "AUTH_SECRET_1", "AUTH_SECRET"]
            .into_iter()
            .filter_map(|name| self.env.get(name))
            .map(SecretToken::from)
            .collect();
        if given.is_empty() { Secrets::Generated } else { Secrets::Given(given) }
    }

    fn code_max_age(&self, problems: &mut Problems) -> Option<Duration> {
        let email = &self.file.email;
        let no_longer_than_the_link = DEFAULT_CODE_AGE.min(email.max_age.unwrap_or(DEFAULT_LINK_AGE));
        let max_age = duration(problems, "email.code_max_age", email.code_max_age, no_longer_than_the_link);
        email.codes.unwrap_or(false).then_some(max_age)
    }
}

/// With a URL that is not this machine's, something passes requests on to here. Not every proxy says so in a
/// header, and then the development mailbox would answer everybody.
fn fit_for_a_proxy(settings: ServeSettings) -> Result<ServeSettings, Failure> {
    let mut problems = Problems::default();
    if settings.has_mailbox() {
        problems.add(
            "AUTH_URL",
            "is not on this machine, and the development mailbox would show everybody's links there; set \
             AUTH_EMAIL_SERVER and AUTH_EMAIL_FROM, or leave AUTH_URL out",
        );
    }
    problems.end(settings)
}

fn fit_for_production(settings: ServeSettings) -> Result<ServeSettings, Failure> {
    let mut problems = Problems::default();
    match &settings.secrets {
        Secrets::Generated => problems.add(
            "AUTH_SECRET",
            "is not set; set it to 32 or more random characters, such as the output of `openssl rand -hex 32`",
        ),
        Secrets::Given(secrets) => {
            if secrets.iter().any(|secret| secret.expose().len() < MIN_SECRET) {
                problems.add(
                    "AUTH_SECRET",
                    "it, or one of AUTH_SECRET_1 to _3, has fewer than 32 characters; take the output of \
                     `openssl rand -hex 32`",
                );
            }
        }
    }
    if settings.origin.is_none() && !settings.trust_host {
        problems.add(
            "AUTH_URL",
            "is not set; set it to the address that browsers use, such as https://app.example.com (or set \
             AUTH_TRUST_HOST=true behind a proxy that sets Host and X-Forwarded-* itself)",
        );
    }
    if settings.has_mailbox() {
        problems.add(
            "AUTH_EMAIL_SERVER",
            "is not set, and the development mailbox would show everybody's links; set it to \
             smtp://USER:PASSWORD@HOST:PORT, or set the key of a mail service, such as AUTH_RESEND_KEY; and set \
             AUTH_EMAIL_FROM to the sender",
        );
    }
    if settings.store.database == Database::Default {
        problems.add("DATABASE_URL", "is not set; name the database, if need be sqlite:vestibule.db");
    }
    problems.end_with(
        &format!(
            "refusing to start in production ({}):",
            if settings.listen.ip().to_canonical().is_loopback() {
                "asked for".to_owned()
            } else {
                format!("{} can be reached from other machines", settings.listen)
            }
        ),
        settings,
    )
}

fn parse_listen(text: &str) -> Result<SocketAddr, String> {
    if let Some(port) = text.strip_prefix("localhost:") {
        return parse_listen(&format!("127.0.0.1:{port}"));
    }
    text.parse().map_err(|_| format!("{text:?} is not an address with a port; write 127.0.0.1:3000"))
}

/// A base path: `/` and at least one segment of characters that need no escaping.
fn parse_base_path(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    let is_plain = |segment: &str| {
        !segment.is_empty()
            && !matches!(segment, "." | "..")
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let segments = path.strip_prefix('/').map(|rest| rest.split('/').collect::<Vec<_>>());
    match segments {
        Some(segments) if segments.iter().all(|segment| is_plain(segment)) => {
            if matches!(segments[0], "favicon.ico" | "healthz" | "mailbox" | "vestibule.css") {
                return Err(format!("/{} is taken by the program itself", segments[0]));
            }
            Ok(path.to_owned())
        }
        _ => Err("write a path such as /auth, of letters, digits and -._~".into()),
    }
}

impl SiteUrl {
    fn parse(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "write the address that browsers use, such as https://app.example.com";
        let url = Url::parse(text).map_err(|error| format!("this is not a URL ({error}); {SHAPE}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("it must begin with http:// or https://; {SHAPE}"));
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(format!("only scheme, host, port and path belong here; {SHAPE}"));
        }
        let path = match url.path() {
            "/" => None,
            path => Some(parse_base_path(path)?),
        };
        let is_here = is_this_machine(&url);
        Ok(Self { origin: url.origin().ascii_serialization(), path, is_here })
    }
}

/// Whether the host of a URL is this machine by name or address.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
