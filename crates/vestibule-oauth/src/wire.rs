//! Requests to a provider, and what is asked of their answers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use url::{Host, Url};
use vestibule_http::http::header::{ACCEPT, USER_AGENT};
use vestibule_http::http::{HeaderValue, Request, Response, StatusCode};
use vestibule_http::{Bytes, HttpClient, HttpError, Limits, Repeat, send_twice};

use crate::{OAuthError, Provider, ProviderEndpoint};

/// Some providers refuse requests without it.
const AGENT: HeaderValue = HeaderValue::from_static("vestibule");
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The most bytes of any answer.
const LARGEST: usize = 1024 * 1024;

/// Sends requests to providers.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) timeout: Duration,
}

impl Wire {
    /// Sends a request and gives the answer back, whatever its status.
    pub(crate) async fn send(
        &self,
        from: ProviderEndpoint,
        mut request: Request<Bytes>,
        repeat: Repeat,
    ) -> Result<Response<Bytes>, OAuthError> {
        request.headers_mut().entry(USER_AGENT).or_insert(AGENT);
        request.headers_mut().entry(ACCEPT).or_insert(JSON);
        let limits = Limits::new(self.timeout, LARGEST);
        send_twice(&*self.http, request, limits, repeat).await.map_err(|error| match error {
            HttpError::TooLarge { limit } => OAuthError::TooLarge { from, limit },
            error => OAuthError::Unreachable { from, source: Arc::new(error) },
        })
    }

    /// The JSON object at a URL.
    pub(crate) async fn object(
        &self,
        from: ProviderEndpoint,
        url: &Url,
    ) -> Result<Map<String, Value>, OAuthError> {
        let request = get(from, url)?;
        object(from, &self.send(from, request, Repeat::IfUnanswered).await?)
    }
}

/// A `GET` of a URL.
pub(crate) fn get(from: ProviderEndpoint, url: &Url) -> Result<Request<Bytes>, OAuthError> {
    Request::get(url.as_str()).body(Bytes::new()).map_err(|_| OAuthError::InsecureUrl(from))
}

/// The JSON object of an answer with the status 200.
pub(crate) fn object(
    from: ProviderEndpoint,
    answer: &Response<Bytes>,
) -> Result<Map<String, Value>, OAuthError> {
    if answer.status() != StatusCode::OK {
        return Err(OAuthError::Status { from, status: answer.status().as_u16() });
    }
    serde_json::from_slice(answer.body()).map_err(|_| OAuthError::NotJson { from })
}

/// A URL of the provider's data: `https`, or `http` on this machine.
pub(crate) fn own_url(provider: &Provider, endpoint: ProviderEndpoint, url: &str) -> Result<Url, OAuthError> {
    checked(endpoint, url, provider.allows_plain_http(), true)
}

/// A URL that a document of the provider has. Only a provider on this machine can name an endpoint on it, with or
/// without TLS, and an address in the place of a name has to be the one that the document is at: else the document
/// could lead into the network that we stand in.
pub(crate) fn foreign_url(
    provider: &Provider,
    endpoint: ProviderEndpoint,
    url: &str,
    document: &Url,
) -> Result<Url, OAuthError> {
    let url = checked(endpoint, url, provider.allows_plain_http(), is_here(document))?;
    let is_named = matches!(url.host(), Some(Host::Domain(_))) && !is_here(&url);
    if is_named || (is_here(&url) && is_here(document)) || url.host() == document.host() {
        return Ok(url);
    }
    Err(OAuthError::ForeignAddress(endpoint))
}

fn checked(
    endpoint: ProviderEndpoint,
    url: &str,
    plain_http: bool,
    plain_http_here: bool,
) -> Result<Url, OAuthError> {
    let mut url = Url::parse(url).map_err(|_| OAuthError::InsecureUrl(endpoint))?;
    let plain_is_fine = plain_http || (plain_http_here && is_here(&url));
    let scheme_is_fine = url.scheme() == "https" || (url.scheme() == "http" && plain_is_fine);
    if !scheme_is_fine || !url.username().is_empty() || url.password().is_some() {
        return Err(OAuthError::InsecureUrl(endpoint));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether a URL is of this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    const AT: ProviderEndpoint = ProviderEndpoint::Token;

    fn provider() -> Provider {
        Provider::new("p", "P", Kind::Oidc)
    }

    #[test]
    fn without_tls_there_is_only_this_machine() {
        let fine = |url| own_url(&provider(), AT, url).is_ok();

        for url in ["https://p.example/t", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost:8080/"] {
            assert!(fine(url), "{url}");
        }
        for url in [
            "http://p.example/",
            "http://localhost.p.example/",
            "http://127.0.0.1.p.example/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://user:secret@p.example/",
            "/token",
            "",
        ] {
            assert!(!fine(url), "{url}");
        }
    }

    #[test]
    fn a_provider_elsewhere_cannot_point_at_this_machine() {
        let here = Url::parse("http://127.0.0.1:1/").unwrap();
        let elsewhere = Url::parse("https://p.example/").unwrap();
        let fine = |url, document: &Url| foreign_url(&provider(), AT, url, document).is_ok();

        assert!(fine("http://127.0.0.1:2/token", &here));
        assert!(!fine("http://127.0.0.1:2/token", &elsewhere));
        assert!(!fine("https://127.0.0.1:2/token", &elsewhere));
        assert!(!fine("https://localhost/token", &elsewhere));
        assert!(fine("https://q.example/token", &elsewhere));
    }

    #[test]
    fn a_provider_cannot_point_at_an_address_but_its_own() {
        let (named, inside) =
            (Url::parse("https://p.example/").unwrap(), Url::parse("https://10.0.0.1/").unwrap());
        let plain = provider().with_plain_http();
        let answer = |url, document: &Url| foreign_url(&plain, AT, url, document);

        for url in [
            "http://169.254.169.254/latest",
            "https://10.0.0.1/token",
            "https://[fd00::1]/",
            "https://1.1.1.1/",
        ] {
            assert!(matches!(answer(url, &named), Err(OAuthError::ForeignAddress(AT))), "{url}");
        }
        assert!(answer("https://10.0.0.1:8443/token", &inside).is_ok());
        assert!(answer("https://10.0.0.2/token", &inside).is_err());
        assert!(answer("https://p.example/token", &inside).is_ok());
    }

    #[test]
    fn plain_http_can_be_allowed() {
        let provider = provider().with_plain_http();

        assert!(own_url(&provider, AT, "http://p.internal/").is_ok());
        assert!(own_url(&provider, AT, "ftp://p.internal/").is_err());
    }
}
