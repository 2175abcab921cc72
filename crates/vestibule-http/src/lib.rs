//! The HTTP client that Vestibule asks for.
//!
//! A database that is reached over HTTP, or a provider of identities, needs somebody to send requests. Which client
//! that is, and on which runtime, is the application's choice: [`HttpClient`] is one method over the types of the
//! [`http`] crate. With the feature `hyper` there is a ready-made one, `HyperClient`.
//!
//! A client sends what it is given, once. It follows no redirect, keeps no cookie, retries nothing that may have
//! arrived, and decides nothing by the status of an answer: all that is up to the caller.

#[cfg(feature = "hyper")]
mod hyper;
mod twice;

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
pub use bytes::Bytes;
pub use http;
use http::{Request, Response};

#[cfg(feature = "hyper")]
pub use crate::hyper::HyperClient;
pub use crate::twice::{Repeat, send_twice};

/// What some other library said was wrong.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Sends HTTP requests.
#[async_trait]
pub trait HttpClient: fmt::Debug + Send + Sync + 'static {
    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// The URI is absolute, `http` or `https`; the client adds `Host` and `Content-Length`. A redirect is an answer
    /// like any other. A future that is dropped leaves it open whether the request arrived.
    ///
    /// # Errors
    ///
    /// [`HttpError`], by what is known about the request's fate.
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, HttpError>;
}

#[async_trait]
impl<C: HttpClient + ?Sized> HttpClient for Arc<C> {
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, HttpError> {
        (**self).send(request, limits).await
    }
}

/// How long an answer may take, and how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// From the call until the last byte of the answer is there, connecting included.
    pub timeout: Duration,
    /// The most bytes that the body of the answer may have.
    pub response_bytes: usize,
}

impl Limits {
    /// Waits at most `timeout` for a body of at most `response_bytes`.
    pub fn new(timeout: Duration, response_bytes: usize) -> Self {
        Self { timeout, response_bytes }
    }
}

/// Why there is no answer, by what it means for whoever wants to try again.
///
/// The sources name hosts and reasons, and nothing of the request's headers or body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The request never left: no connection, no agreement on TLS, a URI that makes no sense. It is safe to send it
    /// again.
    #[error("the request was not sent")]
    NotSent(#[source] BoxError),

    /// The request, or a part of it, left, and no whole answer came. What it asks for may have been done.
    #[error("no answer came to the request")]
    Unanswered(#[source] BoxError),

    /// The answer is larger than was allowed. What the request asks for has probably been done.
    #[error("the answer has more than {limit} bytes")]
    TooLarge {
        /// The limit that was given.
        limit: usize,
    },
}

impl HttpError {
    /// Whether it is certain that the request did not arrive.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::NotSent(_))
    }
}
