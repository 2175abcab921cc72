//! The real Auth.js is asked the same, with the answers of the same keys; what comes back, what is stored and what the
//! application is told are compared, and a ceremony that one of them begins the other ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vestibule_core::{Clock as _, SystemClock, Timestamp, User};
use vestibule_engine::{
    CallbackError, Callbacks, Events, LinkedEvent, SessionStrategy, SignInAttempt, SignInDecision,
    SignedInEvent,
};
use vestibule_testkit::webauthn::{Defect, VirtualAuthenticator};

use super::{ADA, CHALLENGE, Place, new_key, open};
use crate::app::{Answer, Browser, ORIGIN, SECRET, form};

/// The original as a process, with a browser's cookies.
struct Original {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    cookies: std::collections::BTreeMap<String, String>,
}

impl Drop for Original {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

impl Original {
    /// `None` if it is not installed.
    fn start() -> Option<Self> {
        if !folder().join("node_modules/@simplewebauthn/server/package.json").is_file() {
            let reason = "the packages of the real Auth.js are not installed (npm ci in tests/authjs)";
            assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
            eprintln!("SKIPPED: {reason}");
            return None;
        }
        let mut child = Command::new("node")
            .args(["--no-warnings", "passkeys.mjs"])
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{}", json!({"secret": SECRET})).unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, input, output, cookies: std::collections::BTreeMap::default() })
    }

    fn tell(&mut self, line: &Value) -> Value {
        writeln!(self.input, "{line}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Value {
        let cookie: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let url = format!("{ORIGIN}/auth/{path}");
        let told =
            self.tell(&json!({"method": method, "url": url, "cookie": cookie.join("; "), "body": body}));
        for line in told["cookies"].as_array().unwrap() {
            let (pair, attributes) = line.as_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        told
    }

    fn options(&mut self, query: &str) -> Value {
        self.send("GET", &format!("webauthn-options/passkey?{query}"), "")
    }

    fn answer(&mut self, action: &str, data: &Value) -> Value {
        let body = form(&[("action", action), ("data", &data.to_string())]);
        self.send("POST", "callback/passkey", &body)
    }

    /// Signs the browser in as the user of an address.
    fn sign_in(&mut self, email: &str, expires: Timestamp) {
        let session = self.tell(&json!({"session": email, "expires": expires.as_millis()}));
        let token = session["sessionToken"].as_str().unwrap().to_owned();
        self.cookies.insert("authjs.session-token".into(), token);
    }
}

/// What the application is asked and told, as the original's script writes it down.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Value>>>);

impl Told {
    fn note(&self, value: Value) {
        self.0.lock().unwrap().push(value);
    }
}

#[async_trait]
impl Callbacks for Told {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let provider = attempt.provider.as_str();
        if provider == "passkey" {
            self.note(json!(["may", attempt.who.email(), "webauthn", provider]));
        }
        Ok(true.into())
    }
}

#[async_trait]
impl Events for Told {
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        self.note(json!(["signIn", event.user.email, event.account.provider.as_str(), event.is_new_user]));
        Ok(())
    }

    async fn create_user(&self, user: &User) -> Result<(), CallbackError> {
        self.note(json!(["createUser", user.email, null, false]));
        Ok(())
    }

    async fn link_account(&self, event: &LinkedEvent<'_>) -> Result<(), CallbackError> {
        self.note(json!(["linkAccount", event.user.email, event.account.provider.as_str(), false]));
        Ok(())
    }
}

/// An installation of ours, at the present moment.
fn ours(strategy: SessionStrategy) -> (Place, Told) {
    let mut place = Place::new(open(), strategy);
    let behind = SystemClock.now().as_millis() - place.app.now().as_millis();
    let since = Duration::from_millis(u64::try_from(behind).unwrap());
    place.app.clock.advance(since);
    let told = Told::default();
    let parts = place.app.engine.parts().clone().with_events(told.clone()).with_callbacks(told.clone());
    place.app.engine = vestibule_engine::Engine::new(place.config.clone(), parts).unwrap();
    (place, told)
}

/// Status, place and body, without what is left to chance.
fn seen(status: u16, location: Option<&str>, body: &str) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    for random in ["/options/challenge", "/options/user/id"] {
        if let Some(value) = body.pointer_mut(random) {
            *value = json!(value.as_str().unwrap().len());
        }
    }
    json!({"status": status, "location": location, "body": body})
}

fn our(answer: &Answer) -> Value {
    seen(answer.status().as_u16(), answer.location(), answer.text())
}

fn their(answer: &Value) -> Value {
    let body = answer["body"].as_str().unwrap();
    seen(answer["status"].as_u64().unwrap().try_into().unwrap(), answer["location"].as_str(), body)
}

/// Rows in one order.
fn sorted(rows: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| row["providerAccountId"].as_str().unwrap().to_owned());
    rows
}

/// The rows of a user, without the user's id, which is left to chance.
async fn our_rows(place: &Place, email: &str) -> Value {
    let user = place.app.user(email).await.unwrap();
    let accounts = place.accounts(&user).await;
    let keys = place.keys(&user).await;
    json!({
        "user": {"email": user.email, "emailVerified": null},
        "accounts": sorted(accounts.iter().map(|account| json!({
            "provider": account.provider.as_str(), "type": account.account_type.as_str(),
            "providerAccountId": account.provider_account_id.as_str(),
        }))),
        "authenticators": sorted(keys.iter().map(|key| json!({
            "credentialID": STANDARD.encode(key.credential_id.as_bytes()),
            "providerAccountId": key.provider_account_id.as_str(),
            "credentialPublicKey": STANDARD.encode(&key.credential_public_key),
            "counter": key.counter,
            "credentialDeviceType": key.device_type.as_str(),
            "credentialBackedUp": key.backed_up,
            "transports": key.transports,
        }))),
    })
}

fn their_rows(told: &Value, email: &str) -> Value {
    let user = told["users"].as_array().unwrap().iter().find(|user| user["email"] == email).unwrap();
    let of_user = |table: &str| {
        let rows = told[table].as_array().unwrap().iter().filter(|row| row["userId"] == user["id"]);
        sorted(rows.map(|row| {
            let mut row = row.clone();
            row.as_object_mut().unwrap().remove("userId");
            row
        }))
    };
    json!({
        "user": {"email": user["email"], "emailVerified": user["emailVerified"]},
        "accounts": of_user("accounts"), "authenticators": of_user("authenticators"),
    })
}

/// One user at both, with one key.
async fn registered(place: &Place, original: &mut Original) -> (Browser, VirtualAuthenticator, Value) {
    let (mut browser, mut key) = (place.app.browser(), new_key().synced().without_counter());
    let asked = browser.asked("email=ada@example.com").await;
    let data = key.register(ORIGIN, &asked["options"]);
    let answer = browser.answer("register", &data).await;
    let theirs: Value =
        serde_json::from_str(original.options("email=ada@example.com")["body"].as_str().unwrap()).unwrap();
    let told = original.answer("register", &super::bound::answering(&data, &theirs["options"]));
    assert_eq!(our(&answer), their(&told));
    assert_eq!(our_rows(place, ADA).await, their_rows(&told, ADA));
    (browser, key, told["told"].clone())
}

#[tokio::test]
async fn the_original_asks_stores_and_tells_the_same() {
    let Some(mut original) = Original::start() else { return };
    let (place, told) = ours(SessionStrategy::default());

    let (.., theirs) = registered(&place, &mut original).await;

    let ours = std::mem::take(&mut *told.0.lock().unwrap());
    assert_eq!(json!(ours), theirs);
    assert_eq!(ours.len(), 4);
}

#[tokio::test]
async fn the_original_has_the_same_table_of_options() {
    let Some(mut original) = Original::start() else { return };
    let (place, _) = ours(SessionStrategy::default());
    let (browser, ..) = registered(&place, &mut original).await;
    for is_signed_in in [false, true] {
        for query in [
            "",
            "action=authenticate",
            "action=authenticate&email=ada@example.com",
            "action=authenticate&email=new@example.com",
            "action=register",
            "action=register&email=ada@example.com",
            "action=register&email=new@example.com",
            "email=ada@example.com",
            "email=new@example.com",
            "action=",
            "action=remove",
        ] {
            let mut browser = if is_signed_in { browser.clone() } else { place.app.browser() };
            original.cookies.clear();
            if is_signed_in {
                original.sign_in(ADA, place.app.now().after(Duration::from_hours(1)));
            }

            let (ours, theirs) = (our(&browser.options(query).await), their(&original.options(query)));

            assert_eq!(ours, theirs, "{query} {is_signed_in}");
            let begun = [browser.cookies.contains_key(CHALLENGE), original.cookies.contains_key(CHALLENGE)];
            assert_eq!(begun[0], begun[1], "{query} {is_signed_in}");
        }
    }
}

#[tokio::test]
async fn the_original_refuses_the_same_with_the_same_code() {
    let Some(mut original) = Original::start() else { return };
    let (place, _) = ours(SessionStrategy::default());
    let (_, mut key, _) = registered(&place, &mut original).await;
    for defect in [
        None,
        Some(Defect::SignatureFlipped),
        Some(Defect::OtherKey),
        Some(Defect::WrongOrigin),
        Some(Defect::WrongChallenge),
        Some(Defect::WrongRelyingParty),
        Some(Defect::UserNotVerified),
    ] {
        let mut browser = place.app.browser();
        original.cookies.clear();
        let asked = browser.asked("action=authenticate").await;
        let theirs: Value =
            serde_json::from_str(original.options("action=authenticate")["body"].as_str().unwrap()).unwrap();
        let mut answer = |options: &Value| {
            if let Some(defect) = defect {
                key.misbehave(defect);
            }
            key.authenticate(ORIGIN, options)
        };
        let (data, other) = (answer(&asked["options"]), answer(&theirs["options"]));

        let (ours, theirs) =
            (browser.answer("authenticate", &data).await, original.answer("authenticate", &other));

        assert_eq!(our(&ours), their(&theirs), "{defect:?}");
        assert_eq!(
            browser.cookies.contains_key("authjs.session-token"),
            original.cookies.contains_key("authjs.session-token"),
            "{defect:?}"
        );
    }
}

#[tokio::test]
async fn what_one_begins_the_other_ends() {
    let Some(mut original) = Original::start() else { return };
    for strategy in crate::oauth::strategies() {
        original.tell(&json!({"forget": true}));
        original.cookies.clear();
        let (place, _) = ours(strategy);
        let (_, mut key, _) = registered(&place, &mut original).await;

        // Signing in, begun there.
        original.cookies.clear();
        let asked: Value =
            serde_json::from_str(original.options("action=authenticate")["body"].as_str().unwrap()).unwrap();
        let mut browser = place.app.browser();
        browser.cookies.insert(CHALLENGE.into(), original.cookies[CHALLENGE].clone());
        let data = key.authenticate(ORIGIN, &asked["options"]);
        // It tells no browser, so that its answer has to come from our own origin.
        let text = data.to_string();
        let body = form(&[("action", "authenticate"), ("data", &text)]);
        for header in [("host", "localhost:3000"), ("sec-fetch-site", "same-origin")] {
            let headers = [crate::app::FORM, header];
            let elsewhere = browser.clone().send("POST", "/auth/callback/passkey", &headers, &body).await;
            assert_eq!(elsewhere.location(), Some(super::WRONG));
        }
        assert_eq!(browser.answer("authenticate", &data).await.location(), Some(ORIGIN));
        assert!(place.who(&browser).await.is_some());

        // Signing in, begun here.
        let mut browser = place.app.browser();
        let asked = browser.asked("action=authenticate").await;
        original.cookies.clear();
        original.cookies.insert(CHALLENGE.into(), browser.cookies[CHALLENGE].clone());
        let data = key.authenticate(ORIGIN, &asked["options"]);
        assert_eq!(original.answer("authenticate", &data)["location"], ORIGIN);
        assert!(original.cookies.contains_key("authjs.session-token"));

        // Registering, begun there and here.
        original.cookies.clear();
        let asked: Value =
            serde_json::from_str(original.options("email=Bob@example.com")["body"].as_str().unwrap())
                .unwrap();
        let mut browser = place.app.browser();
        browser.cookies.insert(CHALLENGE.into(), original.cookies[CHALLENGE].clone());
        let answer = browser.answer("register", &new_key().register(ORIGIN, &asked["options"])).await;
        assert_eq!(answer.location(), Some(ORIGIN));
        assert_eq!(our_rows(&place, "bob@example.com").await["authenticators"].as_array().unwrap().len(), 1);
        let mut browser = place.app.browser();
        let asked = browser.asked("email=eve@example.com").await;
        original.cookies.clear();
        original.cookies.insert(CHALLENGE.into(), browser.cookies[CHALLENGE].clone());
        let told = original.answer("register", &new_key().register(ORIGIN, &asked["options"]));
        assert_eq!(told["location"], ORIGIN);
        assert_eq!(their_rows(&told, "eve@example.com")["authenticators"].as_array().unwrap().len(), 1);
    }
}

/// The original registers whatever it is given for an address.
#[tokio::test]
async fn what_is_no_address_is_not_registered_though_the_original_began_it() {
    let Some(mut original) = Original::start() else { return };
    let (place, _) = ours(SessionStrategy::default());
    for given in ["nobody", "a%20b@example.com", "%22x%22@example.com"] {
        original.cookies.clear();
        let answer = original.options(&format!("email={given}"));
        let asked: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(asked["action"], "register");
        let mut browser = place.app.browser();
        browser.cookies.insert(CHALLENGE.into(), original.cookies[CHALLENGE].clone());

        let answer = browser.answer("register", &new_key().register(ORIGIN, &asked["options"])).await;

        assert_eq!(answer.location(), Some(super::WRONG), "{given}");
    }
}

/// What was used there counts here once more, and once.
#[tokio::test]
async fn a_key_that_is_registered_for_a_user_of_both_is_linked_at_either() {
    let Some(mut original) = Original::start() else { return };
    let (place, _) = ours(SessionStrategy::default());
    let (mut browser, ..) = registered(&place, &mut original).await;
    original.cookies.clear();
    original.sign_in(ADA, place.app.now().after(Duration::from_hours(1)));
    let asked = browser.asked("action=register").await;
    let mut key = new_key();

    // Begun here and ended there.
    original.cookies.insert(CHALLENGE.into(), browser.cookies[CHALLENGE].clone());
    let data = key.register(ORIGIN, &asked["options"]);
    let told = original.answer("register", &data);
    let mut again = browser.clone();
    let same = browser.answer("register", &data).await;

    assert_eq!(their(&told), our(&same));
    assert_eq!(their_rows(&told, ADA), our_rows(&place, ADA).await);
    let answer = again.answer("register", &data).await;
    assert_eq!(answer.location(), Some(super::WRONG), "it counts once");
}
