//! Signing in at a provider, from the button to the session: the engine, a provider on this machine, and browsers.

mod attacks;
mod checks;
mod faults;
mod form_post;
mod hostile;
mod linking;
mod proxy;
mod races;
mod rules;
mod secrets;
mod table;
mod wire;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{StatusCode, Uri, header};
use serde_json::{Value, json};
use vestibule_core::{Account, Accounts, NewAccount, NewUser, ProviderId, User, UserId, Users};
use vestibule_engine::oauth::{Kind, Provider};
use vestibule_engine::{
    CallbackError, Callbacks, Config, Engine, Events, JwtPolicy, LinkedEvent, OAuthProvider, SessionEvent,
    SessionStrategy, SignedInEvent, SignedOutEvent,
};
use vestibule_testkit::{FakeProvider, Returned, TestClock};

use crate::app::{Answer, App, Browser, FORM, ORIGIN, config};

/// Where a refused sign-in leads.
pub(crate) const NOT_LINKED: &str = "http://localhost:3000/auth/signin?error=OAuthAccountNotLinked";
pub(crate) const REFUSED: &str = "http://localhost:3000/auth/signin?error=OAuthCallbackError";
pub(crate) const DENIED: &str = "http://localhost:3000/auth/error?error=AccessDenied";
pub(crate) const CONFIGURATION: &str = "http://localhost:3000/auth/error?error=Configuration";

/// Both ways to keep sessions.
pub(crate) fn strategies() -> [SessionStrategy; 2] {
    [SessionStrategy::default(), JwtPolicy::default().into()]
}

/// The engine's side of a provider.
pub(crate) fn client_of(provider: &FakeProvider, id: &str) -> Provider {
    Provider::new(id, "Fake", Kind::Oidc)
        .with_issuer(provider.issuer())
        .with_client_id(FakeProvider::CLIENT_ID)
        .with_client_secret(FakeProvider::CLIENT_SECRET)
}

/// An application, a provider with the id `fake`, and what the application is told.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) fake: FakeProvider,
    pub(crate) diary: Diary,
    config: Config,
}

impl World {
    pub(crate) async fn new(session: SessionStrategy) -> Self {
        Self::with(session, |fake| fake).await
    }

    /// With something else about the provider.
    pub(crate) async fn with(
        session: SessionStrategy,
        change: impl FnOnce(OAuthProvider) -> OAuthProvider,
    ) -> Self {
        Self::configured(|fake, config| {
            config.with_provider(change(client_of(fake, "fake").into())).with_session(session)
        })
        .await
    }

    pub(crate) async fn configured(change: impl FnOnce(&FakeProvider, Config) -> Config) -> Self {
        let clock = TestClock::default();
        let fake = FakeProvider::start(&clock).await;
        let config = change(&fake, config());
        let app = App::at(config.clone(), clock);
        let world = Self { app, fake, diary: Diary::default(), config };
        let diary = world.diary.clone();
        world.telling(diary)
    }

    fn telling(mut self, diary: Diary) -> Self {
        let parts = self.app.engine.parts().clone().with_events(diary);
        self.app.engine = Engine::new(self.config.clone(), parts).unwrap();
        self
    }

    /// With callbacks of the application.
    pub(crate) fn asking(mut self, callbacks: impl Callbacks) -> Self {
        let parts = self.app.engine.parts().clone().with_callbacks(callbacks);
        self.app.engine = Engine::new(self.config.clone(), parts).unwrap();
        self
    }

    /// A browser that is signed in as the user of an address, who may be new. The diary is empty then.
    pub(crate) async fn signed_in(&self, email: &str) -> (Browser, User) {
        let mut browser = self.app.browser();
        browser.sign_in(email).await;
        self.diary.take();
        (browser, self.app.user(email).await.unwrap())
    }

    /// A user who owns an account at the provider. The diary is empty then.
    pub(crate) async fn owner(&self, email: &str, subject: &str) -> User {
        let user = self.app.memory.create_user(&NewUser::with_email(email), None).await.unwrap();
        let account = NewAccount::new("oidc".into(), "fake", subject);
        self.app.memory.link_account(&user.id, &account).await.unwrap();
        user
    }

    /// From the button to the answer of the callback.
    pub(crate) async fn sign_in(&self, browser: &mut Browser) -> Answer {
        let to = browser.leave_for("fake").await;
        browser.come_back(&self.fake.visit(&to)).await
    }

    /// Who is signed in in a browser.
    pub(crate) async fn who(&self, browser: &Browser) -> Option<UserId> {
        let headers = [(header::COOKIE, browser.cookie_header().parse().unwrap())].into_iter().collect();
        let found = self.app.engine.session(&Uri::from_static("/"), &headers).await.unwrap();
        found.map(|session| session.user.id)
    }

    /// Whose the account at the provider is.
    pub(crate) async fn account(&self, subject: &str) -> Option<Account> {
        self.app.memory.account(&ProviderId::from("fake"), &subject.into()).await.unwrap()
    }

    pub(crate) async fn accounts(&self, user: &UserId) -> usize {
        self.app.memory.accounts_of_user(user).await.unwrap().len()
    }
}

/// What the provider tells of Ada.
pub(crate) fn ada() -> Value {
    json!({"sub": "ada-1", "name": "Ada", "email": "ada@example.com", "email_verified": true})
}

impl Browser {
    /// Presses the button of a provider, and says where that leads.
    pub(crate) async fn leave_for(&mut self, provider: &str) -> String {
        self.leave_with(provider, &[]).await
    }

    pub(crate) async fn leave_with(&mut self, provider: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(&format!("/auth/signin/{provider}"), fields).await;
        assert_eq!(answer.status(), StatusCode::FOUND, "{}", answer.text());
        answer.location().unwrap().to_owned()
    }

    /// Comes back from the provider.
    pub(crate) async fn come_back(&mut self, returned: &Returned) -> Answer {
        let path = returned.redirect_uri.strip_prefix(ORIGIN).unwrap();
        if returned.posted {
            let headers = [FORM, ("origin", "null"), ("sec-fetch-site", "cross-site")];
            self.send("POST", path, &headers, &returned.params).await
        } else {
            self.get(&format!("{path}?{}", returned.params)).await
        }
    }
}

/// Writes down what the application is told.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn note(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }
}

fn name(user: &User) -> &str {
    user.email.as_deref().unwrap_or("nobody")
}

#[async_trait]
impl Events for Diary {
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        let new = if event.is_new_user { " new" } else { "" };
        self.note(format!("signIn {} {}{new}", name(event.user), event.account.provider.as_str()));
        Ok(())
    }

    async fn sign_out(&self, _: &SignedOutEvent<'_>) -> Result<(), CallbackError> {
        self.note("signOut".into());
        Ok(())
    }

    async fn create_user(&self, user: &User) -> Result<(), CallbackError> {
        self.note(format!("createUser {}", name(user)));
        Ok(())
    }

    async fn update_user(&self, user: &User) -> Result<(), CallbackError> {
        self.note(format!("updateUser {}", name(user)));
        Ok(())
    }

    async fn link_account(&self, event: &LinkedEvent<'_>) -> Result<(), CallbackError> {
        let LinkedEvent { user, account, profile, .. } = event;
        let there = account.provider_account_id.as_str();
        let told = profile.email.as_deref().filter(|told| *told != name(user));
        let told = told.map(|told| format!(" as {told}")).unwrap_or_default();
        self.note(format!("linkAccount {} {}:{there}{told}", name(user), account.provider.as_str()));
        Ok(())
    }

    async fn session(&self, _: &SessionEvent<'_>) -> Result<(), CallbackError> {
        self.note("session".into());
        Ok(())
    }
}
