//! The real Auth.js without an adapter signs in with the same provider, and what it asks, tells and keeps is compared.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use vestibule_core::{NewAccount, User};
use vestibule_engine::{
    CallbackError, Callbacks, Claims, Events, JwtCause, SignInAttempt, SignInDecision, SignInMethod,
    SignedInEvent, Who,
};

use crate::app::{ORIGIN, SECRET};
use crate::without_store::{StandIn, browser, claims, config, parts, sign_in};

/// Writes down what the application is asked and told, as the original does.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Value>>>);

impl Seen {
    fn note(&self, value: Value) {
        self.0.lock().unwrap().push(value);
    }
}

fn account(account: &NewAccount) -> Value {
    let tokens = &account.tokens;
    json!({
        "access_token": tokens.access_token.as_ref().unwrap().expose(),
        "token_type": tokens.token_type,
        "scope": tokens.scope,
        "provider": account.provider.as_str(),
        "type": account.account_type.as_str(),
        "providerAccountId": account.provider_account_id.as_str(),
    })
}

fn user(name: Option<&str>, email: Option<&str>, image: Option<&str>) -> Value {
    json!({"name": name, "email": email, "image": image})
}

fn stored(found: &User) -> Value {
    user(found.name.as_deref(), found.email.as_deref(), found.image.as_deref())
}

#[async_trait]
impl Callbacks for Seen {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let (SignInMethod::OAuth { account: linked, profile }, Who::New(who)) = (attempt.method, attempt.who)
        else {
            return Ok(false.into());
        };
        let user = user(who.name.as_deref(), who.email.as_deref(), who.image.as_deref());
        self.note(
            json!({"what": "may sign in", "account": account(linked), "profile": profile, "user": user}),
        );
        Ok(true.into())
    }

    async fn jwt(&self, claims: Claims, cause: &JwtCause<'_>) -> Result<Option<Claims>, CallbackError> {
        if let JwtCause::SignIn { user, account: by, profile, is_new_user } = cause {
            let token = without_sub(&claims)?;
            self.note(json!({
                "what": "jwt", "account": account(by.unwrap()), "profile": profile, "user": stored(user),
                "trigger": if *is_new_user { "signUp" } else { "signIn" }, "token": token,
            }));
        }
        Ok(Some(claims))
    }
}

#[async_trait]
impl Events for Seen {
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        let SignedInEvent { user, account: by, profile, .. } = event;
        self.note(
            json!({"what": "signIn", "account": account(by), "profile": profile, "user": stored(user)}),
        );
        Ok(())
    }

    async fn create_user(&self, _: &User) -> Result<(), CallbackError> {
        self.note("createUser".into());
        Ok(())
    }

    async fn update_user(&self, _: &User) -> Result<(), CallbackError> {
        self.note("updateUser".into());
        Ok(())
    }
}

fn without_sub(claims: &Claims) -> Result<Map<String, Value>, serde_json::Error> {
    let mut claims: Map<String, Value> = claims.to()?;
    claims.retain(|name, _| !["sub", "iat", "exp", "jti"].contains(&name.as_str()));
    Ok(claims)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

/// What the original does; `None` if it is not installed.
fn original(stand_in: &StandIn) -> Option<Value> {
    if !folder().join("node_modules/@auth/core/package.json").is_file() {
        let reason = "the packages of the real Auth.js are not installed (npm ci in tests/authjs)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
        return None;
    }
    let StandIn { token, userinfo } = stand_in;
    let told = json!({"origin": ORIGIN, "secret": SECRET, "token": token, "userinfo": userinfo});
    let mut child = Command::new("node")
        .args(["--no-warnings", "without_store.mjs"])
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(told.to_string().as_bytes()).unwrap();
    Some(serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap())
}

#[tokio::test]
async fn the_original_asks_tells_and_keeps_the_same() {
    let Some(original) = original(&StandIn::default()) else { return };
    let seen = Seen::default();
    let mut browser = browser(config(), parts().with_callbacks(seen.clone()).with_events(seen.clone()));

    let to = sign_in(&mut browser, "other").await.location().unwrap().to_owned();
    let at_sign_in = std::mem::take(&mut *seen.0.lock().unwrap());
    let claims = claims(&browser);
    let user = browser.get("/auth/session").await.json()["user"].clone();

    let ours = json!({
        "to": to, "atSignIn": at_sign_in, "claims": without_sub(&claims).unwrap(),
        "sub": claims.text("sub").map_or("undefined", |_| "string"), "user": user,
    });
    assert_eq!(ours, original);
}
