//! Whether an address or a name is somebody's is not told by how much there is to do: the store is asked the same, as much is
//! left to chance and so hashed, and the same mail is sent, all of it before the answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use vestibule_core::{
    Authenticator, Authenticators as _, CredentialId, DeviceType, NewUser, Random, UserId, Users,
};
use vestibule_engine::{
    Authorize, CallbackError, Callbacks, Codes, Config, Credential, Credentials, CredentialsError,
    CredentialsProvider, EmailProvider, Engine, Limits, Mail, SessionStrategy, SignInAttempt, SignInDecision,
    WebAuthnProvider,
};
use vestibule_testkit::SeededRandom;

use crate::app::{Answer, App, Browser, ORIGIN, PAGE, RETURN, SECRET};
use crate::oauth::strategies;

const KNOWN: &str = "some@example.com";
const UNKNOWN: &str = "none@example.com";

/// Counts how much is left to chance.
#[derive(Clone, Debug, Default)]
struct Counting(Arc<SeededRandom>, Arc<AtomicUsize>);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        self.1.fetch_add(buffer.len(), Ordering::SeqCst);
        self.0.fill(buffer);
    }
}

/// Is asked, and lets everybody in.
struct Asked;

#[async_trait]
impl Callbacks for Asked {
    async fn sign_in(&self, _: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        Ok(SignInDecision::Allow)
    }
}

/// Looks everybody up, and takes nobody's password. Counts what it is asked.
#[derive(Clone, Default)]
struct Refusing(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Authorize for Refusing {
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError> {
        self.0.lock().unwrap().push(fields.get("username").unwrap_or_default().to_owned());
        Ok(None)
    }
}

struct Place {
    app: App,
    random: Counting,
    refusing: Refusing,
}

impl Place {
    async fn new(strategy: SessionStrategy, has_codes: bool, is_asked: bool) -> Self {
        let email = EmailProvider::new("App <no-reply@example.com>");
        let email = if has_codes { email.with_codes(Codes::new()) } else { email };
        let refusing = Refusing::default();
        let config = Config::new(SECRET)
            .with_base_url(ORIGIN)
            .with_provider(email)
            .with_provider(CredentialsProvider::new(refusing.clone()))
            .with_provider(WebAuthnProvider::passkey())
            .with_limits(Limits::off())
            .with_session(strategy);
        let app = App::with(config.clone());
        let random = Counting::default();
        let parts = app.engine.parts().clone().with_random(Arc::new(random.clone()));
        let parts = if is_asked { parts.with_callbacks(Asked) } else { parts };
        let app = App { engine: Engine::new(config, parts).unwrap(), ..app };
        let user = NewUser { id: Some(UserId::from("1")), ..NewUser::with_email(KNOWN) };
        app.memory.create_user(&user, None).await.unwrap();
        Self { app, random, refusing }
    }

    /// All that was done since the last time, but for the words that differ.
    fn done(&self, answer: &Answer, address: &str) -> Done {
        let headers = answer.headers().iter().filter(|(name, _)| *name != "set-cookie");
        let headers = headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        let cookies = answer.set_cookies();
        let mail = self.app.mailbox.last_to(address).map(|mail| blank(&mail, address));
        Done {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            cookies: cookies
                .iter()
                .map(|line| (line.split('=').next().unwrap().to_owned(), line.len()))
                .collect(),
            text: without_tokens(&answer.text().replace(address, "")),
            calls: self.app.store.take_calls(),
            chance: self.random.1.swap(0, Ordering::SeqCst),
            mails: self.app.mailbox.mails().iter().filter(|mail| mail.to == address).count(),
            mail,
        }
    }
}

/// A mail without what is its own.
fn blank(mail: &Mail, address: &str) -> String {
    let code = mail.code.clone().unwrap_or_else(|| "no code".into());
    let token = mail.link.split("token=").nth(1).and_then(|rest| rest.split('&').next()).unwrap();
    let text = format!("{}\n{}\n{}", mail.subject, mail.text, mail.html);
    let encoded = address.replace('@', "%40");
    text.replace(token, "").replace(&code, "").replace(&encoded, "").replace(address, "")
}

/// A page without the tokens of the browser.
fn without_tokens(text: &str) -> String {
    let words =
        text.split('"').filter(|word| word.len() != 64 || !word.bytes().all(|byte| byte.is_ascii_hexdigit()));
    words.collect()
}

#[derive(Debug, PartialEq, Eq)]
struct Done {
    status: u16,
    headers: Vec<String>,
    /// The names, and how long they are.
    cookies: Vec<(String, usize)>,
    text: String,
    calls: Vec<&'static str>,
    chance: usize,
    mails: usize,
    mail: Option<String>,
}

/// A browser that has the token against forged requests already, so that all have done the same before.
async fn browser(place: &Place) -> Browser {
    let mut browser = place.app.browser();
    browser.csrf_token().await;
    place.app.store.take_calls();
    place.random.1.store(0, Ordering::SeqCst);
    browser
}

#[tokio::test]
async fn asking_for_a_mail_costs_the_same_for_anybody() {
    for strategy in strategies() {
        for (has_codes, is_asked) in [(false, false), (true, false), (false, true), (true, true)] {
            for header in [PAGE, RETURN] {
                let place = Place::new(strategy, has_codes, is_asked).await;
                let mut all = Vec::new();
                for address in [KNOWN, UNKNOWN] {
                    let mut browser = browser(&place).await;

                    let answer =
                        browser.post_with("/auth/signin/email", &[header], &[("email", address)]).await;

                    all.push(place.done(&answer, address));
                }

                assert_eq!(all[0], all[1], "codes: {has_codes}, asked: {is_asked}");
                let asked: &[_] = if is_asked { &["user_by_email"] } else { &[] };
                assert_eq!(all[0].calls, [asked, &["create_verification_token"]].concat());
                assert!(all[0].chance >= 32 && all[0].mails == 1, "{:?}", all[0]);
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_link_or_code_costs_the_same_for_anybody() {
    for strategy in strategies() {
        let place = Place::new(strategy, true, true).await;
        let mut all = Vec::new();
        for address in [KNOWN, UNKNOWN] {
            let mut browser = browser(&place).await;
            browser.post("/auth/signin/email", &[("email", address)]).await;
            let code = place.app.mailbox.last_to(address).unwrap().code.unwrap();
            let wrong = crate::codes::other(&code);
            place.app.store.take_calls();
            place.random.1.store(0, Ordering::SeqCst);

            let entered = browser.enter(&wrong).await;
            let entered = place.done(&entered, address);
            let path = format!(
                "/auth/callback/email?email={}&token={}",
                address.replace('@', "%40"),
                "0".repeat(64)
            );
            let redeemed = browser.redeem(&path).await;
            all.push((entered, place.done(&redeemed, address)));
        }

        assert_eq!(all[0], all[1]);
        assert_eq!(all[0].1.calls, ["consume_verification_token"]);
    }
}

/// What checking a password costs is the application's; that it is asked about everybody is ours.
#[tokio::test]
async fn a_wrong_password_costs_the_same_for_anybody() {
    for strategy in strategies() {
        let place = Place::new(strategy, false, true).await;
        let mut all = Vec::new();
        for name in [KNOWN, UNKNOWN] {
            let mut browser = browser(&place).await;
            let fields = [("username", name), ("password", "wrong")];

            let answer = browser.post_with("/auth/callback/credentials", &[RETURN], &fields).await;

            all.push(place.done(&answer, name));
        }

        assert_eq!(all[0], all[1]);
        assert_eq!(all[0].calls, [""; 0]);
        assert_eq!(*place.refusing.0.lock().unwrap(), [KNOWN, UNKNOWN]);
    }
}

#[tokio::test]
async fn asking_for_a_passkey_tells_nothing_of_an_address() {
    for strategy in strategies() {
        let place = Place::new(strategy, false, false).await;
        let key = Authenticator {
            credential_id: CredentialId::new([7; 32]),
            user_id: place.app.user(KNOWN).await.unwrap().id,
            provider_account_id: "Bwc".into(),
            credential_public_key: [1].into(),
            counter: 0,
            device_type: DeviceType::SingleDevice,
            backed_up: false,
            transports: None,
        };
        place.app.memory.create_authenticator(&key).await.unwrap();
        for query in ["email", "action=authenticate&email", "action=register&email"] {
            let mut done = Vec::new();
            for address in [KNOWN, UNKNOWN] {
                let mut browser = browser(&place).await;
                let answer = browser.options(&format!("{query}={address}")).await;
                let mut one = place.done(&answer, address);
                if let Some(challenge) = answer.json()["options"]["challenge"].as_str() {
                    one.text = one.text.replace(challenge, "");
                }
                done.push(one);
            }

            assert_eq!(done[0], done[1], "{query}");
            assert_eq!(done[0].calls, [""; 0], "{query}");
        }
    }
}
