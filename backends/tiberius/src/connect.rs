//! Makes connections, and looks at them before they are used again.

use std::io;
use std::sync::Arc;

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme};
use tiberius::Client;
use tiberius::error::Error;
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};
use vestibule_sql::sqlserver;

use crate::settings::{Settings, SettingsError, Tls};
use crate::wire::Wire;

/// Makes the connections of a [`deadpool`] pool.
///
/// A connection that was left in the middle of something is not used again. One whose client somebody else has
/// used is settled first: a transaction left open is rolled back.
#[derive(Debug)]
pub struct Manager {
    settings: Settings,
    tls: Option<Arc<ClientConfig>>,
}

/// A connection of a pool.
#[derive(Debug)]
pub struct Connection {
    pub(crate) client: Client<Compat<Wire>>,
    /// A request is under way; if nobody is there to see it end, the connection is of no more use.
    pub(crate) is_midway: bool,
    was_lent: bool,
}

impl Connection {
    /// The client, for an application's own requests.
    ///
    /// Whatever is left behind on it, such as an open transaction, is cleared away before its next use. A request
    /// whose future is dropped spoils the connection; tell the pool by [`deadpool::managed::Object::take`].
    pub fn client(&mut self) -> &mut Client<Compat<Wire>> {
        self.was_lent = true;
        &mut self.client
    }
}

impl Manager {
    /// Reads the certificates, and connects nowhere yet.
    ///
    /// # Errors
    ///
    /// If the certificates cannot be read.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let tls = match &settings.tls {
            Tls::Off => None,
            Tls::Verified { root_certificates } => Some(verified(root_certificates.as_deref())?),
            Tls::Unverified => Some(unverified()?),
        };
        Ok(Self { settings, tls: tls.map(Arc::new) })
    }

    async fn open(&self) -> Result<Connection, Error> {
        let mut config = self.settings.config();
        let (mut host, mut port) = (self.settings.host.clone(), self.settings.port);
        // Azure SQL may send a client elsewhere, once.
        for _ in 0..2 {
            match self.open_at(config.clone(), &host, port).await {
                Err(Error::Routing { host: there, port: at }) => {
                    // A named instance behind the host is for tools, not for addresses.
                    there.split('\\').next().unwrap_or_default().clone_into(&mut host);
                    port = at;
                    config.host(&host);
                    config.port(port);
                }
                result => return result,
            }
        }
        Err(Error::Protocol("the server sends its clients in circles".into()))
    }

    async fn open_at(&self, config: tiberius::Config, host: &str, port: u16) -> Result<Connection, Error> {
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        let tls = match &self.tls {
            None => None,
            Some(tls) => {
                let name = ServerName::try_from(host.to_owned());
                let name =
                    name.map_err(|_| io::Error::other("the host has no name that a certificate could have"))?;
                Some((Arc::clone(tls), name))
            }
        };
        let wire = Wire::greet(tcp, tls).await?;
        let client = Client::connect(config, wire.compat()).await?;
        let mut connection = Connection { client, is_midway: false, was_lent: false };
        self.settle(&mut connection).await?;
        Ok(connection)
    }

    async fn settle(&self, connection: &mut Connection) -> Result<(), Error> {
        connection.is_midway = true;
        let text = sqlserver::settle(self.settings.answer_timeout);
        connection.client.simple_query(text).await?.into_results().await?;
        (connection.is_midway, connection.was_lent) = (false, false);
        Ok(())
    }
}

impl managed::Manager for Manager {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection, Error> {
        // Boxed, so that the future of every request does not have room for a connection in the making.
        Box::pin(self.open()).await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<Error> {
        if connection.is_midway {
            return Err(RecycleError::message("the connection was left in the middle of a request"));
        }
        if connection.was_lent {
            Box::pin(self.settle(connection)).await?;
        }
        Ok(())
    }
}

/// TLS before version 1.3, which SQL Server knows only in another order of messages.
fn versions() -> [&'static rustls::SupportedProtocolVersion; 1] {
    [&rustls::version::TLS12]
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn verified(root_certificates: Option<&std::path::Path>) -> Result<ClientConfig, SettingsError> {
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
    let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&versions());
    let config = config.map_err(|error| SettingsError::Tls(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn unverified() -> Result<ClientConfig, SettingsError> {
    let config = ClientConfig::builder_with_provider(provider()).with_protocol_versions(&versions());
    let config = config.map_err(|error| SettingsError::Tls(error.to_string()))?;
    let anybody = Arc::new(Anybody(provider()));
    Ok(config.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth())
}

/// Takes every certificate, whoever it names; that the server has its key is still checked.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
