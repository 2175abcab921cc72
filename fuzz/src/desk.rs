//! An engine, and what a browser has got from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use vestibule_core::{Clock, Random};
use vestibule_engine::{
    Authorize, Codes, Config, Credential, Credentials, CredentialsError, CredentialsProvider, EmailProvider,
    Engine, JwtPolicy, Mail, MailError, Mailer, Parts, SessionStrategy,
};
use vestibule_http::Bytes;
use vestibule_http::http::{Method, Request, Response, header};
use vestibule_memory::Memory;
use vestibule_oauth::{Provider, ResponseMode};
use vestibule_token::{Claims, SessionKeys};

use crate::provider::{Answering, Stopped, at_once, provider, provider_of};

pub(crate) const ORIGIN: &str = "https://app.example";
/// Where the providers' pages are.
pub(crate) const PAGES: [&str; 2] = ["https://p.example/authorize?", "https://f.example/authorize?"];

/// The word for the cookie of somebody who is signed in.
pub(crate) const SESSION: &str = "{session-cookie}";

const SECRET: &str = "a secret of at least 32 characters";
const SESSION_COOKIE: &str = "__Secure-authjs.session-token";
const FORM: &str = "application/x-www-form-urlencoded";
/// An engine is made anew for inputs with one of these, since each is good once or counted.
const USED_UP: [&str; 3] = ["{state-cookie}", "{form-state-cookie}", "{code-cookie}"];

/// An engine, and what a browser has got from it.
pub(crate) struct Desk {
    pub(crate) engine: Engine,
    /// The cookie of somebody who is signed in, where sessions are in the cookie.
    pub(crate) session: Option<String>,
    strategy: SessionStrategy,
    words: Vec<(&'static str, String)>,
}

impl Desk {
    pub(crate) fn new(strategy: SessionStrategy) -> Self {
        let email = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
        let posting =
            at("f", provider_of("f", "https://f.example")).with_response_mode(ResponseMode::FormPost);
        let config = Config::new(SECRET)
            .with_base_url(ORIGIN)
            .with_session(strategy)
            .with_provider(email)
            .with_provider(at("p", provider()))
            .with_provider(posting)
            .with_provider(CredentialsProvider::new(Nobody));
        let parts = Parts::new(Arc::new(Memory::new()), Arc::new(Letterbox))
            .with_clock(Arc::new(Stopped))
            .with_random(Arc::new(Counting::default()))
            .with_http_client(Arc::new(Answering(Box::new(|_| br#"{"error":"invalid_grant"}"#.to_vec()))));
        let engine = Engine::new(config, parts).expect("a good configuration");
        let session = matches!(strategy, SessionStrategy::Jwt(_)).then(session);
        let mut desk = Self { engine, session, strategy, words: Vec::new() };
        desk.words = desk.visit();
        desk
    }

    /// The strategy with sessions in the cookie, those of NextAuth 4 as well.
    pub(crate) fn in_the_cookie() -> Self {
        Self::new(JwtPolicy::default().with_nextauth_v4().into())
    }

    /// An engine that no input has changed, if this one could.
    pub(crate) fn anew(&self, text: &str) -> Option<Self> {
        let is_used_up = text.contains("/callback") && USED_UP.iter().any(|word| text.contains(word));
        is_used_up.then(|| Self::new(self.strategy))
    }

    /// Asks for the CSRF token, leaves for the providers, and asks for a code, as a browser would.
    fn visit(&self) -> Vec<(&'static str, String)> {
        let get = Request::get("/auth/csrf").body(Bytes::new()).expect("a request");
        let answer = at_once(self.engine.handle(get));
        let json: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
        let csrf = json["csrfToken"].as_str().expect("a token").to_owned();
        let csrf_cookie = cookie(&answer, "csrf-token");
        let post = |path: &str, fields: &str| {
            let request = Request::post(path)
                .header(header::COOKIE, format!("__Host-authjs.csrf-token={csrf_cookie}"))
                .header(header::CONTENT_TYPE, FORM)
                .body(format!("csrfToken={csrf}{fields}").into());
            at_once(self.engine.handle(request.expect("a request")))
        };
        let left = post("/auth/signin/p", "");
        let posting = post("/auth/signin/f", "");
        let asked = post("/auth/signin/email", "&email=ada%40example.com");
        let mut words = vec![
            ("{state}", state(&left)),
            ("{state-cookie}", cookie(&left, "authjs.state")),
            ("{pkce-cookie}", cookie(&left, "pkce.code_verifier")),
            ("{nonce-cookie}", cookie(&left, "authjs.nonce")),
            ("{form-state}", state(&posting)),
            ("{form-state-cookie}", cookie(&posting, "authjs.state")),
            ("{form-pkce-cookie}", cookie(&posting, "pkce.code_verifier")),
            ("{form-nonce-cookie}", cookie(&posting, "authjs.nonce")),
            ("{form-browser-cookie}", cookie(&posting, "vestibule.browser")),
            ("{code-cookie}", cookie(&asked, "vestibule.code")),
            (SESSION, self.session.clone().unwrap_or_default()),
        ];
        words.extend([("{csrf}", csrf), ("{csrf-cookie}", csrf_cookie)]);
        words
    }

    /// The request that an input is the text of, if it is one.
    pub(crate) fn request(&self, text: &str) -> Option<Request<Bytes>> {
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

/// A provider whose endpoints need no discovery.
fn at(host: &str, provider: Provider) -> Provider {
    provider
        .with_discovery(false)
        .with_authorization(format!("https://{host}.example/authorize"))
        .with_token(format!("https://{host}.example/token"))
        .with_user_info(format!("https://{host}.example/userinfo"))
        .with_jwks_uri(format!("https://{host}.example/keys"))
}

/// The cookie of somebody who is signed in.
fn session() -> String {
    let claims = Claims::from_json(r#"{"name":"Ada","email":"ada@example.com","sub":"1"}"#).expect("claims");
    SessionKeys::new(&[SECRET], SESSION_COOKIE).seal(&claims, Stopped.now().as_secs(), 600, &[7; 32])
}

fn state(answer: &Response<Bytes>) -> String {
    let to = answer.headers()[header::LOCATION].to_str().expect("ASCII");
    to.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state").to_owned()
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
