//! The real providers of Auth.js sign in on the same fixtures, and what they say and find is compared with ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use url::Url;
use vestibule_oauth::{Alg, Kind};
use vestibule_providers::{IssuerNeed, all};

use crate::catalogue::OTHERS;
use crate::sign_in::{authorization_url, redirect_uri};
use crate::subject::{CLIENT_ID, CLIENT_SECRET, Subject, subjects};

/// Parameters of the authorization request that differ on purpose: the original's value and ours.
const PARAMETERS: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    // The code is redeemed as an assertion, which has no place for a verifier.
    ("azure-devops", "code_challenge_method", Some("S256"), None),
    ("boxyhq-saml", "product", None, Some("demo")),
    ("boxyhq-saml", "tenant", None, Some("example.com")),
    ("dribbble", "scope", Some("undefined"), Some("public")),
    // LINE documents both.
    ("line", "code_challenge_method", None, Some("S256")),
    (
        "twitch",
        "claims",
        Some(r#"{"id_token":{"email":null,"picture":null,"preferred_username":null}}"#),
        Some(r#"{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#),
    ),
];

/// What is found about the user differently on purpose.
const USERS: &[(&str, &str)] = &[
    // No `data:` URIs.
    ("azure-devops", "image"),
    // The original maps neither.
    ("click-up", "email"),
    ("click-up", "image"),
    // The present image server.
    ("eveonline", "image"),
    // Where Mail.ru has it.
    ("mailru", "image"),
];

/// Where the original finds nobody at all, and what it says.
const FAILS: &[(&str, &str)] = &[
    // It looks into `data`, which the API does not have.
    ("threads", "OAuthProfileParseError"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/authjs")
}

/// Whether the packages are there. Without them the caller is to return: a line says that the test is skipped.
fn is_installed() -> bool {
    let installed = folder().join("node_modules/@auth/core/package.json").is_file();
    if !installed {
        let reason = "the packages of the real providers are not installed (npm ci in tests/authjs)";
        assert!(std::env::var_os("CI").is_none(), "{reason}, and nothing may be skipped here");
        eprintln!("SKIPPED: {reason}");
    }
    installed
}

/// Should the original get a new provider, this is where one learns of it.
#[test]
fn the_original_has_no_provider_that_is_not_here() {
    if !is_installed() {
        return;
    }
    let files = fs::read_dir(folder().join("node_modules/@auth/core/providers")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let modules: BTreeSet<_> =
        names.filter_map(|name| name.strip_suffix(".js").map(ToOwned::to_owned)).collect();

    let known = all().map(|entry| module(entry.id())).chain(OTHERS.split_whitespace());
    // Types and what all of them share.
    let known: BTreeSet<_> =
        known.chain(["index", "oauth", "provider-types"]).map(ToOwned::to_owned).collect();

    assert_eq!(modules, known);
}

/// The name of the file that a provider is in.
fn module(id: &str) -> &str {
    if id == "hydra" { "ory-hydra" } else { id }
}

/// What the original is told about one provider.
fn case(subject: &Subject) -> Value {
    let id = subject.entry.id();
    let mut options = json!({"clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET});
    let has_issuer = matches!(subject.entry.issuer(), Some(IssuerNeed::Required)) || id == "battlenet";
    if has_issuer {
        options["issuer"] = subject.provider.issuer().into();
    }
    match id {
        "fusionauth" => options["tenantId"] = "30663132-6464-6665-3032-326466613934".into(),
        "workos" => options["connection"] = "conn_01E4ZCR3C56J083X43JQXF3JK5".into(),
        "netsuite" => options["accountID"] = "1234567-sb1".into(),
        "notion" => options["redirectUri"] = redirect_uri(id).into(),
        _ => {}
    }
    let mut answers = BTreeMap::new();
    if let Some(emails) = &subject.emails {
        answers.insert("https://api.github.com/user/emails".to_owned(), emails.clone());
    }
    if id == "microsoft-entra-id" || id == "azure-ad" {
        answers.insert("https://graph.microsoft.com/v1.0/me/photos/48x48/$value".to_owned(), Value::Null);
    }
    let mut token = subject.token_response();
    // The original refuses all others, and none, save that it counts on there being none from WeChat.
    if id != "wechat" {
        token["token_type"] = "bearer".into();
    }
    let discovers = subject.provider.issuer().is_some() && subject.provider.kind() == Kind::Oidc;
    json!({
        "id": id,
        "module": module(id),
        "options": options,
        "discovery": discovers.then(|| subject.discovery()),
        "token": token,
        "claims": subject.id_token(None),
        "alg": subject.provider.id_token_alg().map(Alg::as_str),
        "userinfo": if id == "todoist" { json!({"user": subject.userinfo}) } else { subject.userinfo.clone() },
        // Without it they do not start.
        "userinfoUrl": matches!(id, "netsuite" | "todoist").then(|| &*subject.provider.user_info().unwrap().url),
        "signedUserinfo": subject.provider.user_info_alg().is_some(),
        "user": (id == "apple").then(|| subject.userinfo["user"].clone()),
        "answers": answers,
    })
}

/// What the original answers to the cases, by id.
fn ask(cases: &Value) -> Value {
    let mut child = Command::new("node")
        .arg("--no-warnings")
        .arg("providers.mjs")
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(cases.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn parameters(url: &str) -> (String, BTreeMap<String, String>) {
    let mut url = Url::parse(url).unwrap();
    let parameters = url.query_pairs().into_owned().collect();
    url.set_query(None);
    (url.into(), parameters)
}

/// The differences between two authorization requests that nobody meant.
fn compare_requests(subject: &Subject, theirs: &str, ours: &str) -> Vec<String> {
    let id = subject.entry.id();
    let ((their_url, theirs), (our_url, ours)) = (parameters(theirs), parameters(ours));
    let mut differences = Vec::new();
    if their_url != our_url {
        differences.push(format!("{id}: {their_url} and {our_url}"));
    }
    let names: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    for name in names {
        let (their, our) = (theirs.get(name).map(String::as_str), ours.get(name).map(String::as_str));
        let is_meant = match name.as_str() {
            // Random; and there is always one more check here.
            "state" | "nonce" | "code_challenge" => true,
            // Nothing is asked of a provider without scopes.
            "scope" if our.is_none() => {
                their == Some("")
                    || (their == Some("openid profile email") && subject.provider.kind() == Kind::OAuth)
            }
            _ => their == our || PARAMETERS.contains(&(id, name, their, our)),
        };
        if !is_meant {
            differences.push(format!("{id}: {name} is {their:?} and {our:?}"));
        }
    }
    differences
}

/// The differences between two users that nobody meant.
fn compare_users(subject: &Subject, theirs: &Value) -> Vec<String> {
    let id = subject.entry.id();
    let mut differences = Vec::new();
    let their_id = match &theirs["account"]["providerAccountId"] {
        Value::Number(number) => json!(number.to_string()),
        other => other.clone(),
    };
    for (name, their) in [
        ("id", &their_id),
        ("name", &theirs["user"]["name"]),
        ("email", &theirs["user"]["email"]),
        ("image", &theirs["user"]["image"]),
    ] {
        let ours = &subject.expected[name];
        if their != ours && !USERS.contains(&(id, name)) {
            differences.push(format!("{id}: {name} is {their} and {ours}"));
        }
    }
    differences
}

#[tokio::test]
async fn the_original_says_and_finds_the_same() {
    if !is_installed() {
        return;
    }
    let cases: Vec<_> = subjects().iter().map(case).collect();

    let answers = ask(&json!(cases));

    let mut differences = Vec::new();
    let mut users = 0;
    for (subject, again) in subjects().iter().zip(subjects()) {
        let id = subject.entry.id();
        let theirs = &answers[id];
        let ours = authorization_url(again).await;
        match theirs["authorization"].as_str() {
            Some(url) => differences.extend(compare_requests(subject, url, &ours)),
            None => differences.push(format!("{id}: the original did not start: {}", theirs["error"])),
        }
        match (theirs["error"].as_str(), FAILS.iter().find(|(fails, _)| *fails == id)) {
            (Some(error), Some((_, why))) if error.contains(why) => {}
            (None, None) => {
                users += 1;
                differences.extend(compare_users(subject, theirs));
            }
            (error, _) => differences.push(format!("{id}: the original's error is {error:?}")),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(users, cases.len() - FAILS.len());
}
