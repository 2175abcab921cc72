//! What can go wrong, and what of it the outside learns.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use vestibule_core::AdapterError;

/// Why it is not known who is signed in. Never to be read as "nobody".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store refused, or holds a value that does not decode. Trying again will not help.
    #[error("the session cannot be read")]
    Store(#[source] AdapterError),

    /// The store could not be reached in time. Trying again may help.
    #[error("the session store is unavailable")]
    Unavailable(#[source] AdapterError),

    /// The request names a host that is not trusted, so that it is not known which cookies are meant.
    #[error("the request names a host that is not trusted")]
    UntrustedHost,
}

impl From<AdapterError> for SessionError {
    fn from(error: AdapterError) -> Self {
        match error {
            AdapterError::Unavailable(_) => Self::Unavailable(error),
            other => Self::Store(other),
        }
    }
}

impl SessionError {
    /// The response to answer with: 503 with `Retry-After` for an outage, 500 for a broken store, 400 for an
    /// untrusted host; a JSON body `{"message": …}` that tells no secrets, and no cookies.
    pub fn response(&self) -> Response<Bytes> {
        let (status, message) = match self {
            Self::Store(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "The session could not be read.",
            ),
            Self::Unavailable(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is unavailable for the moment. Please try again.",
            ),
            Self::UntrustedHost => (StatusCode::BAD_REQUEST, "This host is not served here."),
        };
        let mut response = Response::new(Bytes::from(serde_json::json!({ "message": message }).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        response
    }
}

/// Seconds after which an outage may be over.
pub(crate) const RETRY_AFTER: &str = "5";
