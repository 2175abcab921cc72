//! The engine: settings, parts, and the way in.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use vestibule_core::{Adapter, Clock, ProviderId, Random, SystemClock};
use vestibule_http::HttpClient;
use vestibule_oauth::RelyingParty;

use crate::access_token::Refreshing;
use crate::callback_url::MAX_LENGTH;
use crate::config::settings::Settings;
use crate::error::{Failure, with_query};
use crate::http::{Inbound, Method, failure, plain_failure, success};
use crate::limit::{Guards, RateLimiter, StoreRateLimiter};
use crate::no_store::{NoMailer, NoStore};
use crate::route::{self, Context, Failed};
use crate::session;
use crate::{
    Callbacks, Config, ConfigError, CurrentSession, Events, Mailer, OsRandom, Provider, Runtime, SessionError,
};

/// What the engine works with but does not own.
#[derive(Clone)]
#[non_exhaustive]
pub struct Parts {
    /// The store, or what refuses everything if there is none; `has_store` tells which.
    pub(crate) adapter: Arc<dyn Adapter>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The source of tokens.
    pub random: Arc<dyn Random>,
    /// The way mails go out.
    pub mailer: Arc<dyn Mailer>,
    /// The way to providers; none is needed as long as nobody signs in by one.
    pub http_client: Option<Arc<dyn HttpClient>>,
    /// What the application has a say in.
    pub callbacks: Option<Arc<dyn Callbacks>>,
    /// What the application is told.
    pub events: Option<Arc<dyn Events>>,
    /// What counts for the limits; none counts in the store.
    pub rate_limiter: Option<Arc<dyn RateLimiter>>,
    /// The runtime that the engine runs on; see [`Engine::access_token`].
    pub runtime: Option<Arc<dyn Runtime>>,
    has_store: bool,
}

impl Parts {
    /// A store and a mailer, with the clock and the random source of the operating system.
    pub fn new(adapter: Arc<dyn Adapter>, mailer: Arc<dyn Mailer>) -> Self {
        Self {
            adapter,
            clock: Arc::new(SystemClock),
            random: Arc::new(OsRandom),
            mailer,
            http_client: None,
            callbacks: None,
            events: None,
            rate_limiter: None,
            runtime: None,
            has_store: true,
        }
    }

    /// Neither a store nor a mailer: an Auth.js application without an adapter.
    ///
    /// Sessions are in the cookie ([`JwtPolicy`](crate::JwtPolicy)) unless the configuration says otherwise, which is then
    /// refused. Whoever comes from a provider is signed in as the user that the provider tells of: nobody is looked up, created
    /// or linked, and what the token says is all that is kept. [`UserId`](vestibule_core::UserId) is made of the provider and of
    /// the account's id there, so that it is the same each time. Credentials sign in whom [`Authorize`](crate::Authorize) names.
    ///
    /// [`Engine::new`] refuses what would need a store ([`ConfigProblem::MissingAdapter`](crate::ConfigProblem)): sign-in by
    /// e-mail, sessions in the store, and limits on credentials unless something else counts
    /// ([`with_rate_limiter`](Self::with_rate_limiter)). What the engine offers about users of a store, such as
    /// [`Engine::access_token`] or [`Engine::unlink`], answers [`AdapterError::Refused`](vestibule_core::AdapterError).
    ///
    /// ```
    /// use vestibule_engine::oauth::{Kind, Provider};
    /// use vestibule_engine::{Config, Engine, OAuthProvider, Parts};
    /// # use std::sync::Arc;
    /// # use vestibule_http::HyperClient;
    ///
    /// let provider = Provider::new("company", "Company", Kind::Oidc)
    ///     .with_issuer("https://id.example.com")
    ///     .with_client_id("app")
    ///     .with_client_secret("a secret that the provider gave");
    /// let config = Config::new("a secret of at least 32 characters")
    ///     .with_base_url("https://app.example.com")
    ///     .with_provider(OAuthProvider::new(provider));
    ///
    /// let parts = Parts::without_store().with_http_client(Arc::new(HyperClient::new()));
    /// let engine = Engine::new(config, parts)?;
    /// # Ok::<(), vestibule_engine::ConfigError>(())
    /// ```
    pub fn without_store() -> Self {
        Self { has_store: false, ..Self::new(Arc::new(NoStore), Arc::new(NoMailer)) }
    }

    /// The store. Without one it refuses everything ([`AdapterError::Refused`](vestibule_core::AdapterError)).
    pub fn adapter(&self) -> &Arc<dyn Adapter> {
        &self.adapter
    }

    /// Another store, or one where there was none.
    #[must_use]
    pub fn with_adapter(mut self, adapter: Arc<dyn Adapter>) -> Self {
        self.adapter = adapter;
        self.has_store = true;
        self
    }

    /// Whether there is a store.
    pub fn has_store(&self) -> bool {
        self.has_store
    }

    /// Another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another random source; whoever can predict it can sign in as anybody.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// A way to providers, such as `vestibule_http::HyperClient`.
    #[must_use]
    pub fn with_http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.http_client = Some(client);
        self
    }

    /// What the application has a say in.
    #[must_use]
    pub fn with_callbacks(mut self, callbacks: impl Callbacks) -> Self {
        self.callbacks = Some(Arc::new(callbacks));
        self
    }

    /// What the application is told.
    #[must_use]
    pub fn with_events(mut self, events: impl Events) -> Self {
        self.events = Some(Arc::new(events));
        self
    }

    /// Something that counts for the limits elsewhere than in the store. See [`Limits`](crate::Limits).
    #[must_use]
    pub fn with_rate_limiter(mut self, limiter: impl RateLimiter) -> Self {
        self.rate_limiter = Some(Arc::new(limiter));
        self
    }

    /// The runtime that the engine runs on, such as `vestibule_axum::TokioRuntime`. Only
    /// [`Engine::access_token`] asks for one.
    #[must_use]
    pub fn with_runtime(mut self, runtime: impl Runtime) -> Self {
        self.runtime = Some(Arc::new(runtime));
        self
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// The sign-in engine. Cloning it is cheap.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    settings: Settings,
    parts: Parts,
    relying_party: Option<RelyingParty>,
    refreshing: Refreshing,
    guards: Guards,
}

impl Engine {
    /// Checks the configuration and puts the engine together. Opens nothing.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every problem of the configuration.
    pub fn new(config: Config, parts: Parts) -> Result<Self, ConfigError> {
        let settings = Settings::new(config, &parts)?;
        let client = parts.http_client.as_ref();
        let relying_party =
            client.map(|client| RelyingParty::new(Arc::clone(client), Arc::clone(&parts.clock)));
        let in_the_store =
            || Arc::new(StoreRateLimiter::new(Arc::clone(&parts.adapter), Arc::clone(&parts.random))) as _;
        let guards = Guards::new(parts.rate_limiter.clone().unwrap_or_else(in_the_store));
        let refreshing = Refreshing::default();
        Ok(Self(Arc::new(Inner { settings, parts, relying_party, refreshing, guards })))
    }

    /// The path below which the engine answers, `/auth` unless configured; empty for the whole origin.
    pub fn base_path(&self) -> &str {
        &self.0.settings.base_path
    }

    /// How long a body may be, in bytes; a longer one need not be read, since the answer is 413 anyhow.
    pub fn body_limit(&self) -> usize {
        self.0.settings.body_limit
    }

    /// The ways to sign in, in the order of the configuration.
    pub fn providers(&self) -> &[Provider] {
        &self.0.settings.providers
    }

    /// The way to sign in with this id.
    pub fn provider(&self, id: &ProviderId) -> Option<&Provider> {
        self.0.settings.provider(id.as_str())
    }

    /// What the engine was made with.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    pub(crate) fn relying_party(&self) -> Option<&RelyingParty> {
        self.0.relying_party.as_ref()
    }

    pub(crate) fn refreshing(&self) -> &Refreshing {
        &self.0.refreshing
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn guards(&self) -> &Guards {
        &self.0.guards
    }

    /// Answers any request below the base path; the URI is the full one, with the base path in it.
    ///
    /// Every failure is a defined response: 4xx for what the client got wrong, 503 with `Retry-After` while
    /// the store cannot be reached. A future that is dropped leaves each step of a flow done or not done.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let settings = &self.0.settings;
        let inbound = match Inbound::read(&request, settings) {
            Ok(inbound) => inbound,
            Err(unreadable) => return refused_unread(&unreadable),
        };
        let Ok(origin) = settings.origin.origin(inbound.uri, inbound.headers) else {
            return refused_unread(&Failure::UntrustedHost);
        };
        let parts = &self.0.parts;
        let (relying_party, guards) = (self.0.relying_party.as_ref(), &self.0.guards);
        let context =
            Context::new(&inbound, Arc::clone(&origin), settings, parts, relying_party, guards).await;
        let outcome = match context {
            Ok(context) => route::answer(&context).await.map(|reply| (reply, context.first_cookies())),
            Err(failure) => Err(failure.into()),
        };
        let mut response = match outcome {
            Ok((reply, cookies)) => success(reply, cookies, &inbound),
            Err(Failed { failure: problem, cookies }) => {
                problem.log(&inbound);
                let answer = problem.answer(settings, &origin, &inbound);
                failure(answer, cookies, &inbound)
            }
        };
        if inbound.method == Method::Head {
            let body = std::mem::take(response.body_mut());
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        response
    }

    /// Says who is signed in, by the cookies of a request; `None` is nobody.
    ///
    /// A session that has expired is deleted and is nobody's; one that is due is extended, and then
    /// [`CurrentSession::set_cookies`] belong into the response. Without a session cookie the store is not
    /// asked; otherwise one round trip, two if the session has expired or is due. A JWT session costs no round
    /// trip, and is made anew once a day. One whose token has no `sub`, which an application's own callback may have taken
    /// out, is nobody's here, although `GET /session` shows it as in Auth.js.
    ///
    /// # Errors
    ///
    /// [`SessionError`] if it is not known: the answer is then neither "nobody" nor "somebody", and
    /// [`SessionError::response`] is what to send.
    pub async fn session(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Option<CurrentSession>, SessionError> {
        let Inner { settings, parts, .. } = &*self.0;
        let origin = settings.origin.origin(uri, headers)?;
        session::read(headers, &origin, settings, parts).await
    }

    /// The page to sign in that leads back to `callback_url` (a path or an absolute URL): a path on this
    /// origin, or the application's own page as it is configured. A callback URL that is too long to be taken
    /// back is left out.
    pub fn sign_in_url(&self, callback_url: &str) -> String {
        let settings = &self.0.settings;
        let own = || format!("{}/signin", settings.base_path);
        let page = settings.pages.sign_in.clone().unwrap_or_else(own);
        if callback_url.len() > MAX_LENGTH {
            return page;
        }
        with_query(&page, &[("callbackUrl", callback_url)])
    }
}

/// The answer to a request that no route has seen.
fn refused_unread(failure: &Failure) -> Response<Bytes> {
    tracing::debug!(?failure, "a request was refused");
    plain_failure(failure.bare_answer())
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("base_path", &self.0.settings.base_path).finish_non_exhaustive()
    }
}
