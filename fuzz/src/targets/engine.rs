//! Requests of any kind go to the whole engine: none of them makes it fall over, signs anybody in, or leads away.
//!
//! An input is the text of a request: the method and the target, the headers, an empty line, the body. Words in braces
//! stand for what a browser would have got, such as `{csrf}`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use vestibule_core::Random;
use vestibule_engine::{
    Authorize, Config, Credential, Credentials, CredentialsError, CredentialsProvider, EmailProvider, Engine,
    Mail, MailError, Mailer, Parts,
};
use vestibule_http::Bytes;
use vestibule_http::http::{Method, Request, Response, header};
use vestibule_memory::Memory;

use crate::provider::{Answering, Stopped, at_once, provider};

const ORIGIN: &str = "https://app.example";
/// Where the provider's page is.
const PROVIDER: &str = "https://p.example/authorize?";

static DESK: LazyLock<Desk> = LazyLock::new(Desk::new);

pub(crate) fn run(data: &[u8]) {
    let Some(request) = DESK.request(&String::from_utf8_lossy(data)) else { return };
    let path = request.uri().path().to_owned();

    let answer = at_once(DESK.engine.handle(request));

    // The page that says that the configuration is wrong has that status, as in the original.
    let is_error_page = path.split('/').any(|part| part == "error") && answer.status() == 500;
    assert!(!answer.status().is_server_error() || is_error_page, "{} for {path}", answer.status());
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().expect("ASCII");
        let is_session = cookie.contains("authjs.session-token");
        assert!(
            !is_session || cookie.contains("session-token=;") || cookie.contains("Max-Age=0"),
            "{cookie}"
        );
    }
    let told = answer.headers().get(header::LOCATION).map(|to| to.to_str().expect("ASCII").to_owned());
    for to in told.into_iter().chain(url_in(&answer)) {
        let rest = to.strip_prefix(ORIGIN);
        let is_ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        assert!(is_ours || to.starts_with(PROVIDER) && path.contains("signin"), "{path} leads to {to}");
    }
}

/// What a script is told instead of a redirect.
fn url_in(answer: &Response<Bytes>) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(answer.body()).ok()?;
    json.get("url")?.as_str().map(str::to_owned)
}

/// An engine, and what a browser has got from it.
struct Desk {
    engine: Engine,
    words: Vec<(&'static str, String)>,
}

impl Desk {
    fn new() -> Self {
        let provider = provider()
            .with_discovery(false)
            .with_authorization("https://p.example/authorize")
            .with_token("https://p.example/token")
            .with_user_info("https://p.example/userinfo")
            .with_jwks_uri("https://p.example/keys");
        let config = Config::new("a secret of at least 32 characters")
            .with_base_url(ORIGIN)
            .with_provider(EmailProvider::new("App <no-reply@example.com>"))
            .with_provider(provider)
            .with_provider(CredentialsProvider::new(Nobody));
        let parts = Parts::new(Arc::new(Memory::new()), Arc::new(Letterbox))
            .with_clock(Arc::new(Stopped))
            .with_random(Arc::new(Counting::default()))
            .with_http_client(Arc::new(Answering(Box::new(|_| br#"{"error":"invalid_grant"}"#.to_vec()))));
        let engine = Engine::new(config, parts).expect("a good configuration");
        let mut desk = Self { engine, words: Vec::new() };
        desk.words = desk.visit();
        desk
    }

    /// Asks for the CSRF token and leaves for the provider, as a browser would.
    fn visit(&self) -> Vec<(&'static str, String)> {
        let get = Request::get("/auth/csrf").body(Bytes::new()).expect("a request");
        let answer = at_once(self.engine.handle(get));
        let json: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
        let csrf = json["csrfToken"].as_str().expect("a token").to_owned();
        let csrf_cookie = cookie(&answer, "csrf-token");
        let leave = Request::post("/auth/signin/p")
            .header(header::COOKIE, format!("__Host-authjs.csrf-token={csrf_cookie}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("csrfToken={csrf}").into());
        let left = at_once(self.engine.handle(leave.expect("a request")));
        let to = left.headers()[header::LOCATION].to_str().expect("ASCII").to_owned();
        let state = to.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
        vec![
            ("{csrf}", csrf),
            ("{csrf-cookie}", csrf_cookie),
            ("{state}", state.to_owned()),
            ("{state-cookie}", cookie(&left, "authjs.state")),
            ("{pkce-cookie}", cookie(&left, "pkce.code_verifier")),
            ("{nonce-cookie}", cookie(&left, "authjs.nonce")),
        ]
    }

    fn request(&self, text: &str) -> Option<Request<Bytes>> {
        let mut text = text.to_owned();
        for (word, value) in &self.words {
            text = text.replace(word, value);
        }
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, target) = lines.next()?.split_once(' ')?;
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?).uri(target);
        for line in lines {
            let (name, value) = line.split_once(':')?;
            request = request.header(name, value.trim());
        }
        request.body(body.to_owned().into()).ok()
    }
}

fn cookie(answer: &Response<Bytes>, name: &str) -> String {
    let all = answer.headers().get_all(header::SET_COOKIE).into_iter();
    let line = all.map(|line| line.to_str().expect("ASCII")).find(|line| line.contains(name));
    let pair = line.and_then(|line| line.split(';').next()).expect("the cookie is set");
    pair.split_once('=').expect("a pair").1.to_owned()
}

/// Credentials that are nobody's.
struct Nobody;

#[async_trait]
impl Authorize for Nobody {
    async fn authorize(&self, _: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        Ok(None)
    }
}

/// Takes every mail and keeps none.
#[derive(Debug)]
struct Letterbox;

#[async_trait]
impl Mailer for Letterbox {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}

/// Numbers that are never the same twice, and the same each time that the program is run.
#[derive(Debug, Default)]
struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}
