//! Makes connections, plain or with TLS by rustls.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use vestibule_sql::postgres;

use crate::settings::{Settings, SettingsError, Tls};

/// Knows where the database is and how to get there.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) config: Config,
    tls: Option<MakeRustlsConnect>,
    /// For how long the server may run a statement; `None` where a setting would reach other people's sessions.
    statement_timeout: Option<Duration>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Connector {
    pub(crate) fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let tls = match &settings.tls {
            Tls::Off => None,
            Tls::Verified { root_certificates } => Some(tls(root_certificates.as_deref())?),
        };
        let statement_timeout = (!settings.unnamed_statements).then_some(settings.answer_timeout);
        Ok(Self { config: settings.config(), tls, statement_timeout })
    }

    /// Connects, and has the server give up on a statement when we do, where that can be said for this session alone.
    pub(crate) async fn open(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, task) = match &self.tls {
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                (client, tokio::spawn(async { drop(connection.await) }))
            }
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                (client, tokio::spawn(async { drop(connection.await) }))
            }
        };
        if let Some(limit) = self.statement_timeout {
            client.batch_execute(&format!("SET statement_timeout = {}", limit.as_millis())).await?;
        }
        Ok((client, task))
    }

    /// Connects for reads that many share. They are planned once: an array's length, which PostgreSQL looks at
    /// otherwise, makes it plan look-ups of a few keys anew every time, and that takes longer than to run them.
    pub(crate) async fn open_for_reads(&self) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, task) = self.open().await?;
        if self.statement_timeout.is_some() {
            match client.batch_execute(postgres::PLAN_ONCE).await {
                // A relative of PostgreSQL that has no such thing does well without.
                Err(refused) if refused.as_db_error().is_some() => {}
                result => result?,
            }
        }
        Ok((client, task))
    }
}

impl Connect for Connector {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        Box::pin(self.open())
    }
}

fn tls(root_certificates: Option<&std::path::Path>) -> Result<MakeRustlsConnect, SettingsError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = root_certificates {
        let unreadable = |problem: String| SettingsError::RootCertificates { path: path.to_owned(), problem };
        roots.roots.clear();
        let found = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
        for certificate in found {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|error| SettingsError::Tls(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}
