//! A client on hyper and rustls.

mod public;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use self::public::{NOT_PUBLIC, Reach, Resolver};
use crate::{BoxError, HttpClient, HttpError, Limits};

/// How long it may take until a connection is there, TLS included.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Less than the minute after which servers and balancers usually drop one.
const KEEP_IDLE: Duration = Duration::from_secs(50);

/// Sends requests with hyper over HTTP/1.1, on tokio, and keeps connections open for the next one.
///
/// TLS is rustls with ring and the root certificates of `webpki-roots`, whatever the process has installed as its
/// default. Connecting may take 5 s. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct HyperClient {
    client: Client<Connector, Full<Bytes>>,
    /// What another client like this one is made of.
    tls: Arc<ClientConfig>,
    connect_within: Duration,
}

impl HyperClient {
    /// A client that trusts the roots of `webpki-roots`.
    ///
    /// It does nothing yet, and may be made outside of a runtime.
    ///
    /// # Panics
    ///
    /// Never: ring speaks the versions of TLS that rustls calls safe.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions of TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self::with_tls(config)
    }

    /// A client with TLS as the application wants it: other roots, a certificate of its own. ALPN is set by hyper.
    pub fn with_tls(config: ClientConfig) -> Self {
        Self::build(Arc::new(config), CONNECT_WITHIN, Reach::Anywhere)
    }

    /// As [`with_tls`](Self::with_tls), with another time for connecting than 5 s.
    pub fn with_tls_and_connect_timeout(config: ClientConfig, connect_within: Duration) -> Self {
        Self::build(Arc::new(config), connect_within, Reach::Anywhere)
    }

    /// A client like this one that connects to addresses of the public Internet alone, with connections of its own.
    ///
    /// It is for URLs that strangers have a say in, such as those of an issuer's discovery document: a name that leads
    /// into the network that the server stands in, or to the server itself, is met with [`HttpError::NotSent`]. What
    /// is looked at is the address that is connected to, so a name cannot mean something else in between.
    #[must_use]
    pub fn deny_private_addresses(&self) -> Self {
        Self::build(Arc::clone(&self.tls), self.connect_within, Reach::Public)
    }

    fn build(tls: Arc<ClientConfig>, connect_within: Duration, reach: Reach) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(reach));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(ClientConfig::clone(&tls))
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_IDLE)
            .build(Connector { inner, patience: connect_within, reach });
        Self { client, tls, connect_within }
    }

    async fn send_without_clock(
        &self,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        let response = self.client.request(request.map(Full::new)).await.map_err(|error| {
            if error.is_connect() {
                HttpError::NotSent(error.into())
            } else {
                HttpError::Unanswered(error.into())
            }
        })?;
        let (parts, body) = response.into_parts();
        match Limited::new(body, limit).collect().await {
            Ok(body) => Ok(Response::from_parts(parts, body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(HttpError::TooLarge { limit }),
            Err(error) => Err(HttpError::Unanswered(error)),
        }
    }
}

impl Default for HyperClient {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl HttpClient for HyperClient {
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, HttpError> {
        let uri = request.uri();
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.authority().is_none() {
            return Err(HttpError::NotSent("the URI is not an absolute one of http or https".into()));
        }
        let sent = self.send_without_clock(request, limits.response_bytes);
        match tokio::time::timeout(limits.timeout, sent).await {
            Ok(result) => result,
            Err(elapsed) => Err(HttpError::Unanswered(elapsed.into())),
        }
    }
}

/// Connects within a time that counts TLS as well, so that whoever is late is known not to have sent anything.
#[derive(Clone, Debug)]
struct Connector {
    inner: HttpsConnector<HttpConnector<Resolver>>,
    patience: Duration,
    reach: Reach,
}

type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector<Resolver>> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if !uri.host().is_some_and(|host| self.reach.allows_host(host)) {
            return Box::pin(std::future::ready(Err(NOT_PUBLIC.into())));
        }
        let connecting = self.inner.call(uri);
        let patience = self.patience;
        Box::pin(async move {
            match tokio::time::timeout(patience, connecting).await {
                Ok(result) => result,
                Err(_) => Err("timed out connecting".into()),
            }
        })
    }
}
