//! `vestibule serve`.

mod health;
mod limits;
mod listener;
mod request_log;
mod routes;
mod signals;

use std::error::Error as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use vestibule_axum::{Auth, TokioRuntime};
use vestibule_core::{Random, SystemClock};
use vestibule_engine::{Codes, Config, EmailProvider, Engine, Mailer, OsRandom, Parts, Secret, TrustedHosts};
use vestibule_http::HyperClient;
use vestibule_mailers::ApiMailer;
use vestibule_mailers::smtp::{SmtpMailer, SmtpServer};

use crate::args::ServeArgs;
use crate::config::{Database, Mail, Mode, Secrets, ServeSettings, Sources};
use crate::connect::{self, Missing};
use crate::failure::{Exit, Failure};
use crate::mailbox::{self, DevelopmentMailbox};
use crate::sweeper::Sweeper;
use crate::{logging, say, secret_file};

/// How long the sweeper may take to end its batch.
const SWEEPER_GRACE: Duration = Duration::from_secs(5);

/// Serves until the program is told to stop.
///
/// # Errors
///
/// If it cannot start.
pub(crate) async fn run(args: ServeArgs) -> Result<(), Failure> {
    let sources = Sources::gather(&args.common)?;
    let settings = sources.serve(&args)?;
    logging::start(&settings.log)?;
    let stop = signals::stop()?;
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let secrets = secrets(&settings, &*random)?;
    let store = match settings.store.database {
        Database::None => None,
        _ => Some(connect::store(&settings.store, Missing::CreateDefault).await?),
    };
    let (listener, address) = listen(settings.listen).await?;

    let http = HyperClient::new();
    let (mailer, mailbox): (Arc<dyn Mailer>, _) = match &settings.mail {
        Mail::DevelopmentMailbox => {
            let mailbox = DevelopmentMailbox::default();
            (Arc::new(mailbox.clone()), Some(mailbox))
        }
        Mail::Smtp { server, .. } => (Arc::new(smtp(server, Arc::clone(&random))?), None),
        Mail::Service { service, key, .. } => {
            (Arc::new(ApiMailer::new(service.clone(), key.clone(), Arc::new(http.clone()))), None)
        }
    };
    let mailbox = mailbox.filter(|_| settings.has_mailbox());
    let parts = match &store {
        Some(store) => Parts::new(Arc::clone(store), mailer),
        None => Parts::without_store(),
    };
    let parts = parts
        .with_random(Arc::clone(&random))
        .with_http_client(Arc::new(if settings.private_providers {
            http
        } else {
            http.deny_private_addresses()
        }))
        .with_runtime(TokioRuntime);
    let engine = Engine::new(config(&settings, secrets, address), parts)
        .map_err(|error| Failure::new(Exit::Usage, format!("{error}")))?;
    let app = routes::app(&Auth::new(engine), &settings.base_path, store.as_ref(), mailbox.as_ref());

    let (ending, ended) = watch::channel(false);
    let (batch, interval) = (settings.store.sweep_batch, settings.sweep_interval);
    let sweeper = store.map(|store| {
        let sweeper = Sweeper { store, clock: Arc::new(SystemClock), random, batch };
        tokio::spawn(sweeper.run(interval, ended))
    });

    if settings.mode == Mode::Production && site_is_in_clear(&settings) {
        tracing::warn!("AUTH_URL begins with http://, so cookies and links travel in clear; use https://");
    }
    say(&invitation(&settings, address));
    listener::serve(listener, app, stop).await;
    ending.send_replace(true);
    // The sweeper ends between two batches; if it does not, its lease runs out by itself.
    if let Some(sweeper) = sweeper {
        let _ = tokio::time::timeout(SWEEPER_GRACE, sweeper).await;
    }
    tracing::info!("stopped");
    Ok(())
}

fn smtp(server: &SmtpServer, random: Arc<dyn Random>) -> Result<SmtpMailer, Failure> {
    SmtpMailer::new(server, random).map_err(|error| {
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        Failure::new(
            Exit::Usage,
            format!("TLS to the mail server {} cannot be set up: {reason}.", server.host()),
        )
    })
}

fn secrets(settings: &ServeSettings, random: &dyn Random) -> Result<Vec<Secret>, Failure> {
    let tokens = match &settings.secrets {
        Secrets::Given(tokens) => tokens.clone(),
        Secrets::Generated => vec![secret_file::load_or_create(Path::new(secret_file::FILE_NAME), random)?],
    };
    Ok(tokens.iter().map(|token| Secret::from(token.expose())).collect())
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::new(
            Exit::System,
            format!(
                "cannot listen on {address}: {error}. If something else listens there, stop it or choose another \
                 address with --listen 127.0.0.1:0 (any free port)."
            ),
        )
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    Ok((listener, bound))
}

fn config(settings: &ServeSettings, secrets: Vec<Secret>, address: SocketAddr) -> Config {
    let provider = match &settings.mail {
        Mail::DevelopmentMailbox => EmailProvider::new("Vestibule <no-reply@localhost>"),
        Mail::Smtp { from, .. } => EmailProvider::new(from),
        // Under the id that it has in Auth.js.
        Mail::Service { from, service, .. } => {
            EmailProvider::new(from).with_id(service.id()).with_name(service.name())
        }
    };
    let mut provider = provider.with_max_age(settings.email_max_age);
    if let Some(max_age) = settings.code_max_age {
        provider = provider.with_codes(Codes::new().with_max_age(max_age));
    }
    let mut config = Config::with_secrets(secrets)
        .with_base_path(settings.base_path.clone())
        .with_session(settings.session)
        .with_cookies(settings.cookies.clone());
    if settings.store.database != Database::None {
        config = config.with_provider(provider);
    }
    for provider in &settings.providers {
        config = config.with_provider(provider.clone());
    }
    config = config.with_limits(settings.limits.clone());
    if let Some(proxies) = settings.trusted_proxies {
        config = config.with_trusted_proxies(proxies);
    }
    if let Some(proxy) = &settings.redirect_proxy {
        config = config.with_redirect_proxy(proxy.clone());
    }
    if settings.has_mailbox() {
        config = config.with_mailbox_url(mailbox::PATH);
    }
    match (&settings.origin, settings.mode) {
        (Some(origin), _) => config.with_base_url(origin.clone()),
        (None, _) if settings.trust_host => config.with_trusted_hosts(TrustedHosts::Any),
        (None, Mode::Development) => {
            let hosts = if settings.has_passkeys() { vec![by_name(address)] } else { own_hosts(address) };
            config.with_trusted_hosts(TrustedHosts::Listed(hosts))
        }
        (None, Mode::Production) => config,
    }
}

fn site_is_in_clear(settings: &ServeSettings) -> bool {
    settings.origin.as_deref().is_some_and(|origin| origin.starts_with("http://"))
}

/// The names of this machine for itself, as a browser's `Host` has them.
fn own_hosts(address: SocketAddr) -> Vec<String> {
    let names = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned);
    let own = match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    let mut hosts: Vec<String> = names.into_iter().chain([own]).collect();
    hosts.dedup();
    if address.port() != 80 {
        for host in &mut hosts {
            *host = format!("{host}:{}", address.port());
        }
    }
    hosts
}

/// This machine by the one name that passkeys are for: browsers have none for addresses.
fn by_name(address: SocketAddr) -> String {
    match address.port() {
        80 => "localhost".to_owned(),
        port => format!("localhost:{port}"),
    }
}

/// The line that says what to open.
fn invitation(settings: &ServeSettings, address: SocketAddr) -> String {
    let named = settings.has_passkeys() && settings.mode == Mode::Development;
    let own = if named { format!("http://{}", by_name(address)) } else { format!("http://{address}") };
    let site = settings.origin.as_deref().unwrap_or(&own);
    if settings.has_mailbox() {
        format!("Open {site} to sign in; e-mail is caught at {own}{}", mailbox::PATH)
    } else {
        format!("Open {site} to sign in; listening on {address}")
    }
}
