//! The layer: one look-up a request, and the renewed cookie on the way back.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use tower::{Layer, Service};

use crate::Auth;
use crate::lookup::Lookup;
use crate::routes::NO_STORE;

/// Gives the handlers beneath it one shared look-up of the session, and sets the cookie of a session that was
/// extended. Made by [`Auth::layer`].
///
/// The store is not asked before somebody asks: a route that uses no [`SignedIn`](crate::SignedIn) costs
/// nothing. A response that carries a session cookie is marked `Cache-Control: private, no-store`. A response
/// that sets the session's cookie itself is left alone. Handlers whose [`Auth`] has another engine are not
/// concerned.
#[derive(Clone, Debug)]
pub struct SessionLayer {
    auth: Auth,
}

impl SessionLayer {
    pub(crate) fn new(auth: Auth) -> Self {
        Self { auth }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { auth: self.auth.clone(), inner }
    }
}

/// A service under a [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    auth: Auth,
    inner: S,
}

impl<S> Service<Request> for SessionService<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let lookup = Lookup::new(self.auth.clone());
        request.extensions_mut().insert(lookup.clone());
        let response = self.inner.call(request);
        Box::pin(async move {
            let mut response = response.await?;
            renew(response.headers_mut(), lookup.set_cookies());
            Ok(response)
        })
    }
}

fn renew(headers: &mut HeaderMap, cookies: &[HeaderValue]) {
    let is_set = |cookie| headers.get_all(header::SET_COOKIE).iter().any(|other| name(other) == name(cookie));
    if cookies.is_empty() || cookies.iter().any(is_set) {
        return;
    }
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie.clone());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(NO_STORE));
}

/// The name of the cookie that a `Set-Cookie` value sets.
fn name(cookie: &HeaderValue) -> Option<&[u8]> {
    cookie.as_bytes().split(|byte| *byte == b'=').next()
}
