//! An application to test, and a browser that remembers its cookies.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use vestibule_core::{Clock, SecretToken, Session, Timestamp, User, Users};
use vestibule_engine::{ClientAddress, Config, EmailProvider, Engine, Parts, Provider};
use vestibule_http::HyperClient;
use vestibule_memory::Memory;
use vestibule_testkit::{FaultyAdapter, Mailbox, SeededRandom, TestClock};

pub(crate) const SECRET: &str = "test-secret-0123456789abcdef";
pub(crate) const ORIGIN: &str = "http://localhost:3000";

/// An engine with everything that was handed in.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) memory: Memory,
    pub(crate) store: FaultyAdapter,
    pub(crate) clock: TestClock,
    pub(crate) mailbox: Mailbox,
}

/// What most tests use.
pub(crate) fn config() -> Config {
    Config::new(SECRET).with_base_url(ORIGIN).with_provider(EmailProvider::new("App <no-reply@example.com>"))
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    /// With a provider beside e-mail, over an HTTP client.
    pub(crate) fn with_oauth(provider: impl Into<Provider>) -> Self {
        Self::with(config().with_provider(provider))
    }

    pub(crate) fn with(config: Config) -> Self {
        Self::at(config, TestClock::default())
    }

    /// By a clock that others go by too.
    pub(crate) fn at(config: Config, clock: TestClock) -> Self {
        let memory = Memory::new();
        let store = FaultyAdapter::new(Arc::new(memory.clone()));
        let mailbox = Mailbox::new();
        let parts = Parts::new(Arc::new(store.clone()), Arc::new(mailbox.clone()))
            .with_clock(Arc::new(clock.clone()))
            .with_random(Arc::new(SeededRandom::default()))
            .with_http_client(Arc::new(HyperClient::new()));
        Self { engine: Engine::new(config, parts).unwrap(), memory, store, clock, mailbox }
    }

    /// Another process of the same installation: the same store and clock, and nothing else in common.
    pub(crate) fn another_process(&self, config: Config) -> Self {
        let parts = self.engine.parts().clone().with_random(Arc::new(SeededRandom::new(2)));
        Self { engine: Engine::new(config, parts).unwrap(), ..self.clone() }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { app: self.clone(), from: None, cookies: BTreeMap::new() }
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        Answer(self.engine.handle(request).await)
    }

    /// A browser whose connections come from this address.
    pub(crate) fn browser_at(&self, address: &str) -> Browser {
        Browser { from: Some(ClientAddress::Peer(address.parse().unwrap())), ..self.browser() }
    }

    /// A GET without cookies.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path, &[], "")).await
    }

    /// The link of the newest mail to an address, from its path on.
    pub(crate) fn link_to(&self, address: &str) -> String {
        let link = self.mailbox.last_to(address).unwrap().link;
        let start = link.find("/auth").unwrap();
        link[start..].to_owned()
    }

    pub(crate) async fn user(&self, email: &str) -> Option<User> {
        self.memory.user_by_email(email).await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

/// Text as an HTML form sends it.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
pub(crate) const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml");
pub(crate) const RETURN: (&str, &str) = ("x-auth-return-redirect", "1");

/// A browser with its cookies, names to values as sent.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) app: App,
    /// Where its requests come from, if anybody says so.
    pub(crate) from: Option<ClientAddress>,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let cookie = self.cookie_header();
        let mut headers = headers.to_vec();
        if !cookie.is_empty() {
            headers.push(("cookie", &cookie));
        }
        let mut request = request(method, path, &headers, body);
        if let Some(from) = self.from {
            request.extensions_mut().insert(from);
        }
        let answer = self.app.send(request).await;
        for line in answer.set_cookies() {
            let (pair, attributes) = line.split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        answer
    }

    pub(crate) fn cookie_header(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[PAGE], "").await
    }

    pub(crate) async fn csrf_token(&mut self) -> String {
        let answer = self.get("/auth/csrf").await;
        answer.json()["csrfToken"].as_str().unwrap().to_owned()
    }

    /// Posts a form with the CSRF token, as a page does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, &[], fields).await
    }

    pub(crate) async fn post_with(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let token = self.csrf_token().await;
        let mut fields = fields.to_vec();
        fields.push(("csrfToken", &token));
        let headers = [&[FORM, ("origin", ORIGIN)], headers].concat();
        self.send("POST", path, &headers, &form(&fields)).await
    }

    /// Asks for a link, and gives its path and query.
    pub(crate) async fn ask_for_link(&mut self, email: &str) -> String {
        let answer = self.post("/auth/signin/email", &[("email", email)]).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{}", answer.text());
        self.app.link_to(email)
    }

    /// Presses the button of the page behind a link.
    pub(crate) async fn redeem(&mut self, link: &str) -> Answer {
        let (path, query) = link.split_once('?').unwrap();
        self.send("POST", path, &[PAGE, FORM, ("origin", ORIGIN)], query).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str) {
        let link = self.ask_for_link(email).await;
        let answer = self.redeem(&link).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{}", answer.text());
        assert!(self.session_token().is_some());
    }

    pub(crate) fn session_token(&self) -> Option<SecretToken> {
        let value = self.cookies.get("authjs.session-token")?;
        Some(SecretToken::from(value.as_str()))
    }

    pub(crate) async fn stored_session(&self) -> Option<Session> {
        use vestibule_core::Sessions;
        let token = self.session_token()?;
        let found = self.app.memory.session_and_user(&token).await.unwrap();
        found.map(|(session, _)| session)
    }
}

/// A response to look into.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Response<Bytes>);

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        Some(self.0.headers().get(name)?.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header(header::LOCATION.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.0.body()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.0.body()).unwrap()
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        let lines = self.0.headers().get_all(header::SET_COOKIE).into_iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }
}
