//! The engine as a service: a request's body is read, its URI is made whole, the engine answers.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::response::Response;
use bytes::Bytes;
use http::{Extensions, HeaderValue, StatusCode, header};
use tower::Service;
use vestibule_engine::{ClientAddress, SessionError};

use crate::Auth;

/// Answers whatever it is asked.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    auth: Auth,
}

impl Routes {
    pub(crate) fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl Service<Request> for Routes {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let auth = self.auth.clone();
        // Below a nested router the request's own URI lacks the prefix.
        if let Some(OriginalUri(uri)) = request.extensions_mut().remove::<OriginalUri>() {
            *request.uri_mut() = uri;
        }
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            say_where_from(&mut head.extensions);
            let engine = match auth.engine_for(&head.uri, &head.headers).await {
                Ok(engine) => engine,
                Err(error) => return Ok(SessionError::from(error).response().map(Body::from)),
            };
            let body = if body.size_hint().exact() == Some(0) {
                Bytes::new()
            } else {
                // Boxed, since most requests have no body and the future is moved.
                match Box::pin(read(body, engine.body_limit())).await {
                    Ok(body) => body,
                    Err(refusal) => return Ok(refusal),
                }
            };
            Ok(engine.handle(Request::from_parts(head, body)).await.map(Body::from))
        })
    }
}

/// Tells the engine the other end of the connection, if axum knows it and the application has said nothing else.
fn say_where_from(extensions: &mut Extensions) {
    if extensions.get::<ClientAddress>().is_none()
        && let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>().copied()
    {
        extensions.insert(ClientAddress::Peer(peer.ip()));
    }
}

/// Reads a body up to the limit, which a body that says its length need not even reach.
async fn read(body: Body, limit: usize) -> Result<Bytes, Response> {
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    to_bytes(body, limit).await.map_err(|problem| {
        let is_limit = std::error::Error::source(&problem)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_limit { too_large() } else { refusal(StatusCode::BAD_REQUEST, "The body is broken off.") }
    })
}

fn too_large() -> Response {
    refusal(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.")
}

fn refusal(status: StatusCode, message: &'static str) -> Response {
    let mut response = Response::new(Body::from(message));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
    response
}

/// For responses that are one person's only.
pub(crate) const NO_STORE: &str = "private, no-store";
