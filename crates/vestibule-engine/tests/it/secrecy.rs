//! Secrets are in no log, whatever happens.

use std::io;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tracing_subscriber::fmt::MakeWriter;
use vestibule_engine::{
    CallbackError, Codes, Config, EmailProvider, Engine, Events, SignedInEvent, SignedOutEvent,
};
use vestibule_testkit::Fault;
use vestibule_testkit::webauthn::Defect;

use crate::app::{App, ORIGIN, PAGE, SECRET, config};
use crate::passkeys::{new_key, open};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes down everything that this thread logs, until the guard is dropped.
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let all = tracing_subscriber::fmt()
            .without_time()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(self.clone());
        tracing::subscriber::set_default(all.finish())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_trace_of_everything_holds_no_secret() {
    let log = Log::default();
    let _guard = log.listen();

    let codes = EmailProvider::new("App <no-reply@example.com>").with_codes(Codes::new());
    let app = App::with(Config::new(SECRET).with_base_url(ORIGIN).with_provider(codes).with_provider(open()));
    let mut browser = app.browser_at("203.0.113.77");
    browser.sign_in("ada@example.com").await;
    let csrf = browser.csrf_token().await;
    let session = browser.session_token().unwrap();
    let link = browser.ask_for_link("bob@example.com").await;
    let token = link[link.find("token=").unwrap() + 6..][..64].to_owned();
    let code = app.mailbox.last().unwrap().code.unwrap();
    let ticket = browser.cookies["vestibule.code"].clone();
    browser.enter(&code[1..]).await;
    let (mut keys, mut key) = (app.browser_at("203.0.113.78"), new_key());
    keys.register(&mut key, "email=dan@example.com").await;
    let keys_session = keys.session_token().unwrap();
    keys.show(key.misbehave(Defect::SignatureFlipped)).await;
    keys.show(key.misbehave(Defect::CounterBack)).await;
    let asked = keys.asked("action=authenticate").await;
    let challenge = keys.cookies["authjs.challenge"].clone();
    let shown = key.authenticate(ORIGIN, &asked["options"]);
    let told = asked["options"]["challenge"].as_str().unwrap().to_owned();
    for fault in [Fault::Unavailable, Fault::Refused, Fault::Corrupt] {
        app.store.fail(fault);
        keys.clone().answer("authenticate", &shown).await;
        keys.options("email=dan@example.com").await;
        browser.get("/auth/session").await;
        browser.post("/auth/signin/email", &[("email", "Eve@example.com")]).await;
        browser.redeem(&link).await;
        browser.enter(&code).await;
        browser.post("/auth/signout", &[]).await;
    }
    app.store.recover();
    app.mailbox.close();
    browser.post("/auth/signin/email", &[("email", "eve@example.com")]).await;
    browser.send("POST", "/auth/signout", &[PAGE], "").await;
    browser.get("/auth/signin?callbackUrl=javascript:hunter3").await;
    browser.redeem(&link).await;
    browser.redeem(&link).await;

    let text = log.text();
    for expected in [
        "the store is unavailable",
        "the store failed",
        "nothing can be counted",
        "a mail was not sent",
        "Verification",
        "the answer of a passkey was refused",
        "there may be a copy of it",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    for secret in [
        SECRET,
        &csrf,
        session.expose(),
        &token,
        &code,
        &ticket,
        &challenge,
        &told,
        keys_session.expose(),
        "dan@",
        "203.0.113",
        "hunter3",
        "ada@",
        "bob@",
        "eve@",
        "Eve@",
        "hunter2",
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

/// Fails at everything, and tells all that it was told.
struct Talkative;

#[async_trait]
impl Events for Talkative {
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        Err(format!("no room for {:?}", event.user.email).into())
    }

    async fn sign_out(&self, event: &SignedOutEvent<'_>) -> Result<(), CallbackError> {
        let SignedOutEvent::Database(Some(session)) = event else { return Ok(()) };
        Err(format!("no row \"{}\"", session.token.expose()).into())
    }
}

#[tokio::test]
async fn what_an_event_fails_with_is_logged_without_what_came_with_the_request() {
    let log = Log::default();
    let _guard = log.listen();
    let app = App::new();
    let parts = app.engine.parts().clone().with_events(Talkative);
    let app = App { engine: Engine::new(config(), parts).unwrap(), ..app };
    let mut browser = app.browser();

    browser.sign_in("ada@example.com").await;
    let session = browser.session_token().unwrap();
    browser.post("/auth/signout", &[]).await;

    let text = log.text();
    for told in ["no room for", "no row", "the application failed to take in an event"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    for secret in ["ada@", session.expose()] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

#[tokio::test]
async fn no_response_holds_the_secret_or_a_hash_of_a_link() {
    let app = App::new();
    let mut browser = app.browser();
    let link = browser.ask_for_link("ada@example.com").await;
    let token = &link[link.find("token=").unwrap() + 6..][..64];
    let hash = {
        use sha2::{Digest, Sha256};
        hex::encode(Sha256::digest(format!("{token}{SECRET}")))
    };

    for path in
        ["/auth/signin", "/auth/session", "/auth/providers", "/auth/verify-request", "/auth/error", &link]
    {
        let answer = browser.get(path).await;
        let all = format!("{:?}{}", answer.headers(), answer.text());
        assert!(!all.contains(SECRET) && !all.contains(&hash), "{path}");
        assert_eq!(all.contains(token), path == link, "{path}");
    }
}
