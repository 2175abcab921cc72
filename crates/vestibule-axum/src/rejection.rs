//! Why a handler was not reached.

use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::json;
use vestibule_engine::{Engine, SessionError};

use crate::lookup::full_uri;
use crate::routes::NO_STORE;

/// Why there is no [`SignedIn`](crate::SignedIn).
#[derive(Clone, Debug)]
pub enum SignedInRejection {
    /// Nobody is signed in.
    NotSignedIn(NotSignedIn),
    /// It is not known who is signed in.
    SessionUnknown(SessionUnknown),
}

impl SignedInRejection {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn(rejection) => rejection.status(),
            Self::SessionUnknown(rejection) => rejection.status(),
        }
    }

    /// What the response says to a reader.
    pub fn body_text(&self) -> String {
        match self {
            Self::NotSignedIn(rejection) => rejection.body_text(),
            Self::SessionUnknown(rejection) => rejection.body_text(),
        }
    }
}

impl IntoResponse for SignedInRejection {
    fn into_response(self) -> Response {
        match self {
            Self::NotSignedIn(rejection) => rejection.into_response(),
            Self::SessionUnknown(rejection) => rejection.into_response(),
        }
    }
}

impl fmt::Display for SignedInRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body_text())
    }
}

impl std::error::Error for SignedInRejection {}

impl From<NotSignedIn> for SignedInRejection {
    fn from(rejection: NotSignedIn) -> Self {
        Self::NotSignedIn(rejection)
    }
}

impl From<SessionUnknown> for SignedInRejection {
    fn from(rejection: SessionUnknown) -> Self {
        Self::SessionUnknown(rejection)
    }
}

/// Nobody is signed in.
///
/// A request for a page (`GET` or `HEAD` that accepts `text/html`) is redirected with 302 to the sign-in page,
/// which leads back; any other is answered with 401 and the JSON `{"error":"…"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSignedIn {
    sign_in_url: Option<String>,
}

impl NotSignedIn {
    pub(crate) fn of_request(parts: &Parts, engine: &Engine) -> Self {
        let is_page = matches!(parts.method, Method::GET | Method::HEAD) && accepts_html(&parts.headers);
        Self {
            sign_in_url: is_page.then(|| {
                let here = full_uri(parts).path_and_query().map_or("/", |here| here.as_str());
                engine.sign_in_url(here)
            }),
        }
    }

    /// The status of the response: 302 or 401.
    pub fn status(&self) -> StatusCode {
        if self.sign_in_url.is_some() { StatusCode::FOUND } else { StatusCode::UNAUTHORIZED }
    }

    /// What the response says to a reader.
    pub fn body_text(&self) -> String {
        "You are not signed in.".into()
    }

    /// Where a page request is redirected to.
    pub fn sign_in_url(&self) -> Option<&str> {
        self.sign_in_url.as_deref()
    }
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        let no_store = [(header::CACHE_CONTROL, NO_STORE)];
        let location = self.sign_in_url.as_deref().and_then(|url| HeaderValue::try_from(url).ok());
        match location {
            Some(location) => (StatusCode::FOUND, no_store, [(header::LOCATION, location)]).into_response(),
            None => (StatusCode::UNAUTHORIZED, no_store, Json(json!({ "error": self.body_text() })))
                .into_response(),
        }
    }
}

impl fmt::Display for NotSignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body_text())
    }
}

impl std::error::Error for NotSignedIn {}

/// It is not known who is signed in: 503 with `Retry-After` while the store is out, 500 if it is broken, 400 if
/// the request names a host that is not trusted. Never to be read as nobody.
#[derive(Clone, Debug)]
pub struct SessionUnknown(Arc<SessionError>);

impl SessionUnknown {
    pub(crate) fn new(error: Arc<SessionError>) -> Self {
        Self(error)
    }

    /// User or session do not fit the type that the handler wants.
    pub(crate) fn of_another_shape(error: serde_json::Error) -> Self {
        tracing::error!(%error, "user or session are of another shape than the handler expects");
        Self(Arc::new(SessionError::Shape(error.into())))
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        self.0.response().status()
    }

    /// What the response says to a reader: nothing about the cause, which is the error's source.
    pub fn body_text(&self) -> String {
        self.0.to_string()
    }

    /// The engine's error.
    pub fn error(&self) -> &SessionError {
        &self.0
    }
}

impl IntoResponse for SessionUnknown {
    fn into_response(self) -> Response {
        self.0.response().map(Body::from)
    }
}

impl fmt::Display for SessionUnknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body_text())
    }
}

impl std::error::Error for SessionUnknown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(self.0.as_ref())
    }
}

/// Whether a browser asks for a page: `text/html` is named in `Accept`. `*/*` alone is a program.
fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|range| range.trim().eq_ignore_ascii_case("text/html"))
}
