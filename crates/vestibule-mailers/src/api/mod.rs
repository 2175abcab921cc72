//! Mail services that are asked over HTTP.

mod answer;
mod multipart;
mod service;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use vestibule_core::SecretToken;
use vestibule_engine::{Mail, MailError, Mailer};
use vestibule_http::http::HeaderValue;
use vestibule_http::http::header::USER_AGENT;
use vestibule_http::{HttpClient, Limits, Repeat, send_twice};

pub use self::answer::ServiceAnswer;
pub use self::service::{MailRegion, MailService};

/// How long a service may take; the browser waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most bytes of an answer. What is in it matters little.
const LARGEST: usize = 64 * 1024;
/// Some services refuse requests without it.
const AGENT: HeaderValue = HeaderValue::from_static("vestibule");

/// Hands each mail to a mail service, over an HTTP client that was given.
///
/// One request a mail; once more if it certainly never left. Links are not rewritten for counting clicks where the
/// service can be told so: a link that signs in is nobody else's business.
pub struct ApiMailer {
    service: MailService,
    key: SecretToken,
    endpoint: Option<Box<str>>,
    timeout: Duration,
    http: Arc<dyn HttpClient>,
}

impl ApiMailer {
    /// A mailer for an account at a service, of which `key` is the API key.
    pub fn new(service: MailService, key: impl Into<SecretToken>, http: Arc<dyn HttpClient>) -> Self {
        Self { service, key: key.into(), endpoint: None, timeout: TIMEOUT, http }
    }

    /// Sets the scheme and host in the place of the service's own, `https://api.example.com` for instance.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: impl Into<Box<str>>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// Sets how long the service may take, instead of 20 s.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The service.
    pub fn service(&self) -> &MailService {
        &self.service
    }
}

#[async_trait]
impl Mailer for ApiMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let request = self.service.request(self.endpoint.as_deref(), self.key.expose(), mail);
        let mut request = request.map_err(|reason| MailError::Refused(reason.into()))?;
        request.headers_mut().insert(USER_AGENT, AGENT);
        let limits = Limits::new(self.timeout, LARGEST);
        match send_twice(&*self.http, request, limits, Repeat::IfNotSent).await {
            Ok(answer) => answer::read(&answer),
            Err(error) => Err(MailError::Unavailable(Box::new(error))),
        }
    }
}

impl fmt::Debug for ApiMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiMailer").field("service", &self.service).finish_non_exhaustive()
    }
}
