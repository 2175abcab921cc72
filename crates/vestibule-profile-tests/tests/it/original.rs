//! What is written through the contract, as the original adapter from npm reads it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use vestibule_core::{
    AccountTokens, AccountType, Adapter, NewAccount, NewSession, NewUser, SecretToken, Timestamp, User,
    VerificationToken,
};
use vestibule_profile_tests::Entry;

use crate::place::{Place, block_on};

/// Whole seconds, since some columns keep no more: 2031-01-02T03:04:05Z, and a day later.
const AT: Timestamp = Timestamp::from_secs(1_925_089_445);
const LATER: Timestamp = Timestamp::from_secs(1_925_175_845);

/// Users, accounts, sessions and tokens are for the original what they are for Vestibule, and what was taken away is
/// gone for it.
pub(crate) fn reads(entry: &Entry) {
    let Some(name) = entry.original else { return };
    if !is_installed() {
        return;
    }
    let Some(place) = Place::without_rows(entry) else { return };
    let (ada, grace) = block_on(async { write(&*place.adapter(place.profile()).await).await });
    let ada_is = json!({
        "id": ada.id.as_str(), "name": "Ada Lovelace", "email": "ada@example.com",
        "emailVerified": "2031-01-02T03:04:05.000Z", "image": "https://img.example/ada.png",
    });
    let grace_is = json!({
        "id": grace.id.as_str(), "name": "Grace Hopper", "email": "grace@example.com",
        "emailVerified": null, "image": null,
    });
    let session_is = json!({
        "sessionToken": "ada-session", "userId": ada.id.as_str(), "expires": "2031-01-03T03:04:05.000Z",
    });
    let token_is =
        json!({ "identifier": "ada@example.com", "token": "hash", "expires": "2031-01-02T03:04:05.000Z" });
    let account = |provider: &str, id: &str| json!([{ "provider": provider, "providerAccountId": id }]);
    let token = |hash: &str| json!([{ "identifier": "ada@example.com", "token": hash }]);

    let answers = ask(
        name,
        &place.url(),
        &[
            ("getUser", json!([ada.id.as_str()])),
            ("getUser", json!([grace.id.as_str()])),
            ("getUserByEmail", json!(["ada@example.com"])),
            ("getUserByAccount", account("google", "108204268033311374519")),
            ("getUserByAccount", account("github", "583231")),
            ("getSessionAndUser", json!(["ada-session"])),
            ("getSessionAndUser", json!(["grace-session"])),
            ("useVerificationToken", token("hash")),
            ("useVerificationToken", token("hash")),
            ("useVerificationToken", token("consumed")),
        ],
    );

    assert_is(&answers[0], &ada_is, "getUser");
    assert_is(&answers[1], &grace_is, "getUser of one whose address is not proven");
    assert_is(&answers[2], &ada_is, "getUserByEmail");
    assert_is(&answers[3], &ada_is, "getUserByAccount");
    assert_eq!(answers[4], Value::Null, "an account that was unlinked");
    assert_is(&answers[5]["session"], &session_is, "the session of getSessionAndUser");
    assert_is(&answers[5]["user"], &ada_is, "the user of getSessionAndUser");
    assert_eq!(answers[6], Value::Null, "a session that was ended");
    assert_is(&answers[7], &token_is, "useVerificationToken");
    assert_eq!(answers[8], Value::Null, "a token that the original has used");
    assert_eq!(answers[9], Value::Null, "a token that Vestibule has consumed");
    // And what the original used up is used up for Vestibule.
    let again = block_on(async {
        let adapter = place.adapter(place.profile()).await;
        adapter.consume_verification_token("ada@example.com", &"hash".into()).await.unwrap()
    });
    assert_eq!(again, None);
}

async fn write(adapter: &dyn Adapter) -> (User, User) {
    let new = NewUser {
        name: Some("Ada Lovelace".into()),
        email_verified: Some(AT),
        image: Some("https://img.example/ada.png".into()),
        ..NewUser::with_email("ada@example.com")
    };
    let mut google = NewAccount::new(AccountType::Oidc, "google", "108204268033311374519");
    google.tokens = AccountTokens {
        access_token: Some(SecretToken::from("access")),
        refresh_token: Some(SecretToken::from("refresh")),
        id_token: Some(SecretToken::from("id")),
        expires_at: Some(Timestamp::from_secs(1_893_456_000)),
        scope: Some("openid email".into()),
        token_type: Some("bearer".into()),
        ..AccountTokens::default()
    };
    let ada = adapter.create_user(&new, Some(&google)).await.unwrap();
    let github = NewAccount::new(AccountType::OAuth, "github", "583231");
    adapter.link_account(&ada.id, &github).await.unwrap();
    adapter.unlink_account(&github.provider, &github.provider_account_id).await.unwrap().unwrap();
    let new = NewUser { name: Some("Grace Hopper".into()), ..NewUser::with_email("grace@example.com") };
    let grace = adapter.create_user(&new, None).await.unwrap();
    for (token, user) in [("ada-session", &ada), ("grace-session", &grace)] {
        adapter.create_session(&NewSession::new(token, user.id.clone(), LATER)).await.unwrap();
    }
    adapter.delete_session(&"grace-session".into()).await.unwrap().unwrap();
    for token in ["hash", "consumed"] {
        let identifier = "ada@example.com".into();
        let token = VerificationToken { identifier, token: token.into(), expires: AT };
        adapter.create_verification_token(&token).await.unwrap();
    }
    adapter.consume_verification_token("ada@example.com", &"consumed".into()).await.unwrap().unwrap();
    (ada, grace)
}

/// Every field is what it should be. Numbers of ids are compared as text; what the original leaves out is null.
pub(crate) fn assert_is(answer: &Value, expected: &Value, what: &str) {
    let fields = expected.as_object().unwrap();
    let found = fields.keys().map(|name| {
        let value = match &answer[name] {
            Value::Number(number) => json!(number.to_string()),
            other => other.clone(),
        };
        (name.clone(), value)
    });
    let found: Value = found.collect::<serde_json::Map<_, _>>().into();
    assert_eq!(found, *expected, "{what}: {answer}");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/originals")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
pub(crate) fn is_installed() -> bool {
    let installed = folder().join("node_modules/.package-lock.json").is_file();
    if !installed {
        let reason = "the original adapters are not installed (npm ci in tests/originals)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
        crate::place::skip();
    }
    installed
}

/// The answers of the original adapter.
pub(crate) fn ask(name: &str, url: &str, calls: &[(&str, Value)]) -> Vec<Value> {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(method, args)| {
            std::iter::once(json!(method)).chain(args.as_array().unwrap().iter().cloned()).collect()
        })
        .collect();
    let mut command = Command::new("node");
    command.args(["--no-warnings", "read.mjs", name, url]).current_dir(folder()).env("TZ", "UTC");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(json!(calls).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}: {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), calls.len(), "{text}");
    answers
}
