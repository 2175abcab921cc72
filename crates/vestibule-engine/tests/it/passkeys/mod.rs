//! Passkeys, from the options to the session: the engine, browsers, and authenticators in software with real keys.

mod bound;
mod config;
mod options;
mod original;
mod outage;
mod own;
mod page;
mod races;
mod refusals;
mod rules;
mod table;

use http::{Uri, header};
use serde_json::Value;
use vestibule_core::{Account, Accounts, Authenticator, Authenticators, User, UserId};
use vestibule_engine::{
    Callbacks, Config, EmailProvider, Engine, Limits, PasskeyRegistration, SessionStrategy, WebAuthnProvider,
};
use vestibule_testkit::webauthn::{KeyKind, VirtualAuthenticator};

use crate::app::{Answer, App, Browser, ORIGIN, SECRET};
use crate::oauth::Diary;

pub(crate) const NOT_LINKED: &str = "http://localhost:3000/auth/signin?error=AccountNotLinked";
pub(crate) const WRONG: &str = "http://localhost:3000/auth/error?error=WebAuthnVerificationError";
pub(crate) const CONFIGURATION: &str = "http://localhost:3000/auth/error?error=Configuration";
pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const CHALLENGE: &str = "authjs.challenge";

/// An application with passkeys, and what it is told.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) app: App,
    pub(crate) diary: Diary,
    config: Config,
}

/// Anybody may register an address, as in Auth.js.
pub(crate) fn open() -> WebAuthnProvider {
    WebAuthnProvider::passkey().with_registration(PasskeyRegistration::ByAddress)
}

pub(crate) fn config_with(provider: WebAuthnProvider, session: SessionStrategy) -> Config {
    Config::new(SECRET)
        .with_base_url(ORIGIN)
        .with_provider(EmailProvider::new("App <no-reply@example.com>"))
        .with_provider(provider)
        .with_limits(Limits::off())
        .with_session(session)
}

impl Place {
    pub(crate) fn new(provider: WebAuthnProvider, session: SessionStrategy) -> Self {
        Self::with(config_with(provider, session))
    }

    pub(crate) fn with(config: Config) -> Self {
        let mut app = App::with(config.clone());
        let diary = Diary::default();
        let parts = app.engine.parts().clone().with_events(diary.clone());
        app.engine = Engine::new(config.clone(), parts).unwrap();
        Self { app, diary, config }
    }

    /// With callbacks of the application.
    pub(crate) fn asking(mut self, callbacks: impl Callbacks) -> Self {
        let parts = self.app.engine.parts().clone().with_callbacks(callbacks);
        self.app.engine = Engine::new(self.config.clone(), parts).unwrap();
        self
    }

    /// A browser in which somebody has registered an address with a passkey.
    pub(crate) async fn registered(&self, email: &str) -> (Browser, VirtualAuthenticator, User) {
        let (mut browser, mut key) = (self.app.browser(), new_key());
        let answer = browser.register(&mut key, &format!("email={email}")).await;
        assert_eq!(answer.location(), Some(ORIGIN), "{}", answer.text());
        self.diary.take();
        (browser, key, self.app.user(email).await.unwrap())
    }

    /// A browser that is signed in by a mail.
    pub(crate) async fn by_mail(&self, email: &str) -> (Browser, User) {
        let mut browser = self.app.browser();
        browser.sign_in(email).await;
        self.diary.take();
        (browser, self.app.user(email).await.unwrap())
    }

    pub(crate) async fn who(&self, browser: &Browser) -> Option<UserId> {
        let headers = [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
        let found = self.app.engine.session(&Uri::from_static("/"), &headers).await.unwrap();
        found.map(|session| session.user.id)
    }

    pub(crate) async fn keys(&self, user: &User) -> Vec<Authenticator> {
        self.app.memory.authenticators_of_user(&user.id).await.unwrap()
    }

    pub(crate) async fn accounts(&self, user: &User) -> Vec<Account> {
        self.app.memory.accounts_of_user(&user.id).await.unwrap()
    }
}

pub(crate) fn new_key() -> VirtualAuthenticator {
    VirtualAuthenticator::new(KeyKind::Es256)
}

impl Browser {
    /// Asks for options.
    pub(crate) async fn options(&mut self, query: &str) -> Answer {
        self.send("GET", &format!("/auth/webauthn-options/passkey?{query}"), &[], "").await
    }

    /// Asks for options that there have to be.
    pub(crate) async fn asked(&mut self, query: &str) -> Value {
        let answer = self.options(query).await;
        assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
        answer.json()
    }

    pub(crate) async fn answer(&mut self, action: &str, data: &Value) -> Answer {
        let data = data.to_string();
        self.post("/auth/callback/passkey", &[("action", action), ("data", &data)]).await
    }

    /// Registers, from the options to the answer of the callback.
    pub(crate) async fn register(&mut self, key: &mut VirtualAuthenticator, query: &str) -> Answer {
        let asked = self.asked(query).await;
        assert_eq!(asked["action"], "register", "{asked}");
        let data = key.register(ORIGIN, &asked["options"]);
        self.answer("register", &data).await
    }

    /// Signs in, from the options to the answer of the callback.
    pub(crate) async fn show(&mut self, key: &mut VirtualAuthenticator) -> Answer {
        let asked = self.asked("action=authenticate").await;
        let data = key.authenticate(ORIGIN, &asked["options"]);
        self.answer("authenticate", &data).await
    }
}
