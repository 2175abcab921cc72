//! Which engine answers a request: one for all, or one that depends on the request.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::{HeaderMap, Uri};

use crate::{CallbackError, ConfigError, Engine};

/// Why there is no engine for a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The request is nobody's here: no tenant has this host, for instance. The answer is 404.
    #[error("no installation answers this request")]
    Unknown,
    /// The engine could not be made. The answer is 503: nobody is let in, and nobody is signed out.
    #[error("the engine could not be made")]
    Failed(#[source] CallbackError),
}

impl EngineError {
    /// The engine could not be made, because of any error.
    pub fn failed(error: impl Into<CallbackError>) -> Self {
        Self::Failed(error.into())
    }
}

impl From<CallbackError> for EngineError {
    fn from(error: CallbackError) -> Self {
        Self::Failed(error)
    }
}

impl From<ConfigError> for EngineError {
    fn from(error: ConfigError) -> Self {
        Self::failed(error)
    }
}

/// Says which engine answers a request: the configuration as a function of the request, like Auth.js'
/// `NextAuth(() => …)`.
///
/// Give each installation a secret of its own. What is sealed in cookies depends on the secret and on the cookie's name, and on
/// nothing else: with one secret a session in the cookie of one tenant is good at every other, for the user whose id it names, and
/// so is whatever else one of them has sealed. Whoever owns a tenant's secret can make sessions for all who share it. Browsers
/// keep cookies of different hosts apart, but people may carry them over.
///
/// An [`Engine`] is one that answers all. [`PerRequest`] makes one for each request, for where nothing may be kept between
/// requests; [`Tenants`] makes one for each tenant and keeps it.
#[async_trait]
pub trait Engines: Send + Sync + 'static {
    /// The engine for a request, by its URI and headers. Asked once a request.
    ///
    /// # Errors
    ///
    /// [`EngineError`], by which the request is answered.
    async fn engine(&self, uri: &Uri, headers: &HeaderMap) -> Result<Engine, EngineError>;
}

#[async_trait]
impl Engines for Engine {
    async fn engine(&self, _: &Uri, _: &HeaderMap) -> Result<Engine, EngineError> {
        Ok(self.clone())
    }
}

type Making = Pin<Box<dyn Future<Output = Result<Engine, EngineError>> + Send>>;
type Make<K> = dyn Fn(K) -> Making + Send + Sync;

/// Makes an engine for each request and keeps nothing: no pool, no cached key, no discovery document.
///
/// That is what a function at the edge wants, where a connection must not outlive its request. Making an engine derives
/// keys, some ten microseconds of work; a server that lives on has better use for them.
pub struct PerRequest(Arc<Make<(Uri, HeaderMap)>>);

impl PerRequest {
    /// Asks `make` for every request.
    pub fn new<F, M>(make: M) -> Self
    where
        M: Fn(Uri, HeaderMap) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Engine, EngineError>> + Send + 'static,
    {
        Self(Arc::new(move |(uri, headers)| Box::pin(make(uri, headers))))
    }
}

impl fmt::Debug for PerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerRequest")
    }
}

#[async_trait]
impl Engines for PerRequest {
    async fn engine(&self, uri: &Uri, headers: &HeaderMap) -> Result<Engine, EngineError> {
        (self.0)((uri.clone(), headers.clone())).await
    }
}

type Key = dyn Fn(&Uri, &HeaderMap) -> Option<String> + Send + Sync;

/// Makes an engine for each tenant, when it is first asked for, and keeps it.
///
/// Tenants need a secret each; see [`Engines`]. That two of those which are kept have the same is logged as a warning when the
/// second one is made.
///
/// ```
/// use vestibule_engine::{Engine, EngineError, Tenants};
///
/// # async fn engine_of(tenant: String) -> Result<Engine, EngineError> { Err(EngineError::Unknown) }
/// let tenants = Tenants::new(
///     // Only hosts that are known: whoever sends a request chooses what stands in it.
///     |_, headers| match headers.get("host")?.to_str().ok()? {
///         "a.example.com" => Some("a".to_owned()),
///         "b.example.com" => Some("b".to_owned()),
///         _ => None,
///     },
///     engine_of,
/// );
/// ```
pub struct Tenants {
    key: Box<Key>,
    make: Box<Make<String>>,
    made: Mutex<Made>,
    most: usize,
}

/// What has been made, and how often something was forgotten.
#[derive(Default)]
struct Made {
    engines: HashMap<String, Engine>,
    forgotten: u64,
}

impl Tenants {
    /// So many engines are kept unless [`with_most`](Self::with_most) says otherwise.
    pub const DEFAULT_MOST: usize = 1024;

    /// Takes the tenant from the request by `key`, which answers `None` for a request of no tenant, and asks `make` for the
    /// engine of a tenant that has none yet.
    ///
    /// Of several requests that come first at once each may make one; the first that is there is kept. What could not be
    /// made is tried again with the next request.
    pub fn new<F, M>(
        key: impl Fn(&Uri, &HeaderMap) -> Option<String> + Send + Sync + 'static,
        make: M,
    ) -> Self
    where
        M: Fn(String) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Engine, EngineError>> + Send + 'static,
    {
        Self {
            key: Box::new(key),
            make: Box::new(move |tenant| Box::pin(make(tenant))),
            made: Mutex::default(),
            most: Self::DEFAULT_MOST,
        }
    }

    /// Keeps at most so many engines; one of them makes room for the next.
    #[must_use]
    pub fn with_most(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }

    /// Forgets the engine of a tenant whose configuration has changed, also one that is being made; requests under way keep
    /// theirs.
    pub fn forget(&self, tenant: &str) {
        let mut made = self.made();
        made.engines.remove(tenant);
        made.forgotten += 1;
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants").field("most", &self.most).finish_non_exhaustive()
    }
}

#[async_trait]
impl Engines for Tenants {
    async fn engine(&self, uri: &Uri, headers: &HeaderMap) -> Result<Engine, EngineError> {
        let tenant = (self.key)(uri, headers).ok_or(EngineError::Unknown)?;
        let forgotten = {
            let made = self.made();
            if let Some(engine) = made.engines.get(&tenant) {
                return Ok(engine.clone());
            }
            made.forgotten
        };
        let engine = (self.make)(tenant.clone()).await?;
        let mut made = self.made();
        if made.forgotten != forgotten {
            // It may be of a configuration that is not in force any more: good for this request alone.
            return Ok(engine);
        }
        if made.engines.len() >= self.most
            && !made.engines.contains_key(&tenant)
            && let Some(other) = made.engines.keys().next().cloned()
        {
            made.engines.remove(&other);
        }
        let secrets = &engine.settings().secrets;
        if made
            .engines
            .iter()
            .any(|(name, other)| *name != tenant && other.settings().secrets.shares_one(secrets))
        {
            tracing::warn!(
                tenant,
                "a tenant has the secret of another one: what one seals in a cookie, sessions too, is good at the other; \
                 give each a secret of its own"
            );
        }
        Ok(made.engines.entry(tenant).or_insert(engine).clone())
    }
}
