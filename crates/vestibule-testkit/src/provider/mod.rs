//! An OpenID provider of a test's own, which does what the standards say until it is told not to.

mod answers;
mod defects;
mod keys;
mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value};
use url::Url;

pub use self::defects::Signing;
pub use self::state::Page;
use self::state::State;
use crate::{HttpServer, TestClock};

/// A provider of OpenID Connect on this machine.
///
/// It has a discovery document, keys, an authorization endpoint at which one user always agrees, a token endpoint that
/// insists on PKCE where a challenge was sent, on the `redirect_uri`, on the client's secret and on codes and refresh
/// tokens that were not used yet, a userinfo endpoint, and GitHub's list of e-mail addresses. Without `openid` in the
/// scope there is no ID token.
///
/// The methods `alter…`, [`answer`](Self::answer) and [`sign`](Self::sign) make it misbehave until it is
/// [healed](Self::heal). Clones of it are not needed: all methods take `&self`.
pub struct FakeProvider {
    server: HttpServer,
    state: Arc<Mutex<State>>,
}

/// What a browser brings back from the authorization endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Where it goes: the `redirect_uri`.
    pub redirect_uri: String,
    /// The parameters, URL-encoded: the query, or with `form_post` the form.
    pub params: String,
    /// Whether they come in the form of a `POST`.
    pub posted: bool,
}

impl FakeProvider {
    /// The id of the one client.
    pub const CLIENT_ID: &'static str = "the-client";
    /// Its secret.
    pub const CLIENT_SECRET: &'static str = "the secret of the client, 40 bytes of it";

    /// Starts a provider that signs with ES256, by this clock.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub async fn start(clock: &TestClock) -> Self {
        let state = Arc::new(Mutex::new(State::new(clock.clone())));
        let answering = Arc::clone(&state);
        let server = HttpServer::start(move |request| {
            let answer = lock(&answering).answer(&request);
            async move { answer }
        })
        .await;
        lock(&state).issuer = format!("http://{}", server.address());
        Self { server, state }
    }

    /// The issuer.
    pub fn issuer(&self) -> String {
        lock(&self.state).issuer.clone()
    }

    /// The URL of a path on it.
    pub fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// Sets who agrees: the claims of the ID token and of the userinfo endpoint, `sub` among them.
    pub fn set_user(&self, claims: Value) {
        lock(&self.state).user = claims;
    }

    /// Has ID tokens signed with another algorithm, by a new key.
    ///
    /// # Panics
    ///
    /// If it is none of the RS, PS, ES256, ES384 and `EdDSA`.
    pub fn set_alg(&self, alg: &str) {
        lock(&self.state).keys.set_alg(alg);
    }

    /// Signs with a new key from now on. The old one is published still.
    pub fn rotate_keys(&self) {
        lock(&self.state).keys.rotate();
    }

    /// Stops publishing all keys but the newest.
    pub fn retire_keys(&self) {
        lock(&self.state).keys.retire();
    }

    /// Goes to the authorization endpoint as a browser would, and says what it is sent back with.
    ///
    /// # Panics
    ///
    /// If the endpoint does not know the client, or sends no one back.
    pub fn visit(&self, authorization_url: &str) -> Returned {
        let request = Request::get(authorization_url).body(Bytes::new()).expect("a URL");
        let answer = lock(&self.state).answer(&request);
        if let Some(location) = answer.headers().get("location") {
            let url = Url::parse(location.to_str().expect("ASCII")).expect("a URL to be sent back to");
            let params = url.query().unwrap_or_default().to_owned();
            let redirect_uri = url[..url::Position::AfterPath].to_owned();
            return Returned { redirect_uri, params, posted: false };
        }
        let state = lock(&self.state);
        assert!(answer.status() == 200, "{}: {:?}", answer.status(), answer.body());
        state.posted.clone().expect("a form")
    }

    /// Changes the JSON of a page before it is sent.
    pub fn alter(&self, page: Page, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        lock(&self.state).defects.answers.push((page, Box::new(change)));
    }

    /// Answers something else altogether at a page.
    pub fn answer(&self, page: Page, answer: impl Fn() -> Response<Bytes> + Send + Sync + 'static) {
        lock(&self.state).defects.replaced.push((page, Box::new(answer)));
    }

    /// Changes the parameters with which the browser is sent back.
    pub fn alter_return(&self, change: impl Fn(&mut Vec<(String, String)>) + Send + Sync + 'static) {
        lock(&self.state).defects.returns.push(Box::new(change));
    }

    /// Changes the claims of ID tokens before they are signed.
    pub fn alter_claims(&self, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) {
        lock(&self.state).defects.claims.push(Box::new(change));
    }

    /// Changes the header of ID tokens before they are signed.
    pub fn alter_header(&self, change: impl Fn(&mut Map<String, Value>) + Send + Sync + 'static) {
        lock(&self.state).defects.headers.push(Box::new(change));
    }

    /// Signs ID tokens and signed userinfo answers in a way of one's own.
    pub fn sign(&self, signing: Signing) {
        lock(&self.state).defects.signing = signing;
    }

    /// Has the userinfo endpoint sign its answers, with these claims added.
    pub fn sign_user_info(&self, added: Value) {
        lock(&self.state).signed_user_info = Some(added);
    }

    /// Behaves again.
    pub fn heal(&self) {
        lock(&self.state).defects = defects::Defects::default();
    }

    /// How many requests a page had.
    pub fn requests(&self, page: Page) -> usize {
        lock(&self.state).seen.iter().filter(|(seen, _)| *seen == page).count()
    }

    /// The last request to a page.
    pub fn last_request(&self, page: Page) -> Option<Request<Bytes>> {
        let state = lock(&self.state);
        state.seen.iter().rev().find(|(seen, _)| *seen == page).map(|(_, request)| request.clone())
    }

    /// What it publishes at a page, as it is without the changes of [`alter`](Self::alter): the discovery document, or
    /// the keys.
    pub fn document(&self, page: Page) -> Value {
        let state = lock(&self.state);
        match page {
            Page::Keys => state.keys.published(),
            _ => state.discovery(),
        }
    }

    /// A token as it would sign it, for tests that need one without the ways around it.
    pub fn signed(&self, claims: &Value) -> String {
        lock(&self.state).sign(claims.as_object().cloned().unwrap_or_default())
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for FakeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeProvider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}
