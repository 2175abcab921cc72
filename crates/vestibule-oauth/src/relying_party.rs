//! The relying party.

use std::fmt;
use std::sync::Arc;

use vestibule_core::Clock;
use vestibule_http::HttpClient;

use crate::authorize::authorization_url;
use crate::{AuthorizationRequest, OAuthError, Provider};

/// Signs people in at providers, over an HTTP client that was handed in. Cheap to clone.
#[expect(dead_code, reason = "the callback is not here yet")]
#[derive(Clone)]
pub struct RelyingParty {
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
}

impl RelyingParty {
    /// A relying party. It does nothing yet.
    pub fn new(http: Arc<dyn HttpClient>, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock }
    }

    /// The URL to send the browser to.
    ///
    /// The parameters stand in the order of the originals: what the endpoint has already, `response_type`,
    /// `client_id`, `redirect_uri`, those of the provider's data, those of the browser that are allowed, `state`,
    /// `code_challenge`, `nonce`. Nothing is asked if the provider's data has the endpoint.
    ///
    /// # Errors
    ///
    /// [`OAuthError::CheckMissing`] if a check of the provider has no value; [`OAuthError::Misconfigured`].
    #[expect(clippy::unused_async, reason = "discovery is not here yet")]
    pub async fn authorization_url(
        &self,
        provider: &Provider,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, OAuthError> {
        let url = &provider.authorization().url;
        if url.is_empty() {
            return Err(OAuthError::Misconfigured("there is no authorization endpoint"));
        }
        authorization_url(provider, url, request)
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").finish_non_exhaustive()
    }
}
