//! What is malformed, replayed, crossed over or hostile, at every route and with sessions of both kinds: the public code,
//! a line in the log with the reason and no secret, nothing written, no 5xx, no way to elsewhere, no session.

mod forged;
mod routes;
mod sealed;

use std::collections::BTreeMap;

use async_trait::async_trait;
use http::StatusCode;
use vestibule_engine::oauth::ResponseMode;
use vestibule_engine::{
    Authorize, Codes, Credential, Credentials, CredentialsError, CredentialsProvider, EmailProvider, Limits,
    SessionStrategy, WebAuthnProvider,
};

use crate::app::{Answer, Browser, FORM, ORIGIN, RETURN, form, request};
use crate::oauth::{World, ada, client_of};
use crate::secrecy::Log;

const SESSION: &str = "authjs.session-token";
const CSRF: &str = "authjs.csrf-token";
const CHECKS: [&str; 3] = ["authjs.state", "authjs.pkce.code_verifier", "authjs.nonce"];
const TICKET: &str = "vestibule.code";

/// What the store does that changes something.
const WRITES: [&str; 16] = [
    "create_user",
    "update_user",
    "delete_user",
    "link_account",
    "unlink_account",
    "update_account",
    "create_session",
    "touch_session",
    "update_session",
    "delete_session",
    "delete_sessions_of_user",
    "create_verification_token",
    "consume_verification_token",
    "acquire_lease",
    "sign_up",
    "create_authenticator",
];

struct Nobody;

#[async_trait]
impl Authorize for Nobody {
    async fn authorize(&self, _: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        Ok(None)
    }
}

/// A browser that has begun to sign in in every way, and what others have.
struct Scene {
    world: World,
    /// The browser's cookies: the token against forged requests, the checks of `fake`, the ticket of `mail`.
    jar: BTreeMap<String, String>,
    csrf: String,
    /// What `fake` sends the browser back with.
    params: String,
    /// The link of the mail that the browser has asked for: its query.
    link: String,
    code: String,
    /// The cookies of a sign-in at `twin`.
    twin: BTreeMap<String, String>,
    /// The cookies of somebody who is signed in.
    other: BTreeMap<String, String>,
}

impl Scene {
    async fn set(strategy: SessionStrategy) -> Self {
        let world = World::configured(|fake, config| {
            let posting = client_of(fake, "posting").with_response_mode(ResponseMode::FormPost);
            let mail =
                EmailProvider::new("App <no-reply@example.com>").with_id("mail").with_codes(Codes::new());
            config
                .with_provider(client_of(fake, "fake"))
                .with_provider(client_of(fake, "twin"))
                .with_provider(posting)
                .with_provider(mail)
                .with_provider(CredentialsProvider::new(Nobody))
                .with_provider(WebAuthnProvider::passkey())
                .with_limits(Limits::off())
                .with_session(strategy)
        })
        .await;
        world.fake.set_user(ada());
        let mut other = world.app.browser();
        other.sign_in("grace@example.com").await;
        let mut twin = world.app.browser();
        twin.leave_for("twin").await;
        let mut browser = world.app.browser();
        let csrf = browser.csrf_token().await;
        browser.post("/auth/signin/mail", &[("email", "eve@example.com")]).await;
        let mail = world.app.mailbox.last_to("eve@example.com").unwrap();
        let to = browser.leave_for("fake").await;
        let params = world.fake.visit(&to).params;
        Self {
            jar: browser.cookies,
            csrf,
            params,
            link: mail.link.split_once('?').unwrap().1.to_owned(),
            code: mail.code.unwrap(),
            twin: twin.cookies,
            other: other.cookies,
            world,
        }
    }

    fn browser(&self) -> Browser {
        Browser { cookies: self.jar.clone(), ..self.world.app.browser() }
    }

    /// Everything that must not be in a log.
    fn secrets(&self) -> Vec<&str> {
        let jars = [&self.jar, &self.twin, &self.other].into_iter().flatten();
        let kept = jars.filter(|(name, _)| !name.contains("callback-url")).map(|(_, value)| value.as_str());
        let link = form_urlencoded::parse(self.link.as_bytes());
        assert!(link.into_iter().any(|(name, _)| name == "token"));
        let token = self.link.split("token=").nth(1).and_then(|rest| rest.split('&').next());
        let state = self.params.split("state=").nth(1).and_then(|rest| rest.split('&').next());
        kept.chain([self.csrf.as_str()])
            .chain(token)
            .chain(state)
            .chain(["hunter2", "eve@", "ada@"])
            .collect()
    }
}

/// A request to be refused.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
    cookies: BTreeMap<String, String>,
}

impl Sent {
    fn get(scene: &Scene, path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
            cookies: scene.jar.clone(),
        }
    }

    /// A form of a page of ours, with the token.
    fn post(scene: &Scene, path: &str, fields: &[(&str, &str)]) -> Self {
        let fields = [&[("csrfToken", scene.csrf.as_str())], fields].concat();
        Self { method: "POST", body: form(&fields), ..Self::get(scene, path) }
            .with("content-type", FORM.1)
            .with("origin", ORIGIN)
    }

    fn json(scene: &Scene, path: &str, body: String) -> Self {
        Self { method: "POST", body, ..Self::get(scene, path) }
            .with("content-type", "application/json")
            .with("origin", ORIGIN)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Where the browser says no more than that it comes from elsewhere.
    fn by_a_script_elsewhere(mut self) -> Self {
        self.headers.retain(|(known, _)| *known != "origin");
        self.with("sec-fetch-site", "cross-site")
    }

    fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.insert(name.to_owned(), value.to_owned());
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.cookies.remove(name);
        self
    }
}

/// What a refusal looks like.
#[derive(Clone, Copy, Debug)]
enum Is {
    Status(u16),
    /// A redirect to a path on the origin.
    To(&'static str),
    /// This status for programs, and for clients of Auth.js a path on the origin.
    Told(u16, &'static str),
    /// 200 with `null`.
    Null,
    /// 400 with `null`.
    NoUpdate,
}

const CONFIGURATION: Is = Is::To("/auth/error?error=Configuration");
const VERIFICATION: Is = Is::To("/auth/error?error=Verification");
const WRONG_KEY: Is = Is::To("/auth/error?error=WebAuthnVerificationError");
const MISSING: Is = Is::To("/auth/signin?error=MissingCSRF");
const REFUSED: &str = "a request was refused";
const NOT_THE_PROVIDERS: &str = "the provider's answer was refused";
const NOT_THE_BROWSERS: &str = "a sign-in is not the browser's";

fn has_outcome(answer: &Answer, expected: Is, is_script: bool, name: &str) {
    let status = answer.status().as_u16();
    match (expected, is_script) {
        (Is::Status(expected), _) | (Is::Told(expected, _), false) => assert_eq!(status, expected, "{name}"),
        (Is::To(path), false) => {
            assert_eq!(
                (status, answer.location()),
                (302, Some(format!("{ORIGIN}{path}").as_str())),
                "{name}"
            );
        }
        (Is::To(path) | Is::Told(_, path), true) => {
            assert_eq!((status, answer.location()), (200, None), "{name}");
            assert_eq!(answer.json()["url"], format!("{ORIGIN}{path}").as_str(), "{name}");
        }
        (Is::Null, _) => assert_eq!((status, answer.text()), (200, "null"), "{name}"),
        (Is::NoUpdate, _) => assert_eq!((status, answer.text()), (400, "null"), "{name}"),
    }
}

async fn is_refused(scene: &Scene, sent: Sent, expected: Is, reason: &str, writes: &[&str], name: &str) {
    for is_script in [false, true] {
        let log = Log::default();
        let guard = log.listen();
        let cookies: Vec<_> = sent.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers: Vec<_> = sent.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("cookie", &cookies));
        headers.extend(is_script.then_some(RETURN));
        scene.world.app.store.take_calls();
        let mails = scene.world.app.mailbox.mails().len();

        let answer = scene.world.app.send(request(sent.method, &sent.path, &headers, &sent.body)).await;

        drop(guard);
        let name = format!("{name} (script: {is_script})");
        has_outcome(&answer, expected, is_script, &name);
        assert!(answer.status() < StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        let begins = |line: &&str| line.contains("session-token") && !line.contains("Max-Age=0");
        assert_eq!(answer.set_cookies().iter().find(|line| begins(line)), None, "{name}");
        if let Some(to) = answer.location() {
            let rest = to.strip_prefix(ORIGIN);
            assert!(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])), "{name}: {to}");
        }
        let calls = scene.world.app.store.take_calls();
        let written: Vec<_> = calls.into_iter().filter(|call| WRITES.contains(call)).collect();
        assert_eq!(written, writes, "{name}");
        assert_eq!(scene.world.app.mailbox.mails().len(), mails, "{name}");
        let text = log.text();
        assert!(text.contains(reason), "{name}: {reason}: {text}");
        for secret in scene.secrets() {
            assert!(!text.contains(secret), "{name}: {secret} is in {text}");
        }
        assert_eq!(scene.world.app.user("ada@example.com").await, None, "{name}");
    }
}
