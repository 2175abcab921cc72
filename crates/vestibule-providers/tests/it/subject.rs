//! Every entry with its fixture: what `fixtures/providers/<id>` says.
//!
//! `userinfo.json` is what the provider tells, in the shape that it documents: the claims of the ID token, or the answer
//! of the userinfo endpoint. `expected.json` is the user in it. Where they are needed there are `settings.json`, an
//! operator's issuer and options; `token.json`, more members of the token endpoint's answer; `emails.json`, GitHub's list.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vestibule_oauth::Provider;
use vestibule_providers::{Entry, IssuerNeed, Settings, all};

pub(crate) const CLIENT_ID: &str = "client-id";
pub(crate) const CLIENT_SECRET: &str = "client-secret";

#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) entry: &'static Entry,
    pub(crate) provider: Provider,
    pub(crate) userinfo: Value,
    pub(crate) expected: Value,
    pub(crate) token: Option<Value>,
    pub(crate) emails: Option<Value>,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/providers")
}

fn read(id: &str, name: &str) -> Option<Value> {
    let path = folder().join(id).join(name);
    let text = fs::read_to_string(&path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Every entry. An entry without a fixture is a failure.
pub(crate) fn subjects() -> Vec<Subject> {
    all().map(subject).collect()
}

fn subject(entry: &'static Entry) -> Subject {
    let id = entry.id();
    let needed =
        |name| read(id, name).unwrap_or_else(|| panic!("there is no fixtures/providers/{id}/{name}"));
    let userinfo = needed("userinfo.json");
    Subject {
        entry,
        provider: entry.provider(&settings(entry, &userinfo)).unwrap(),
        expected: needed("expected.json"),
        userinfo,
        token: read(id, "token.json"),
        emails: read(id, "emails.json"),
    }
}

/// What an operator would say: an issuer where one is needed, and what the fixture says.
pub(crate) fn settings(entry: &Entry, userinfo: &Value) -> Settings {
    let mut settings = Settings::new(CLIENT_ID).with_client_secret(CLIENT_SECRET);
    let file = read(entry.id(), "settings.json").unwrap_or_default();
    if entry.issuer() == Some(IssuerNeed::Required) {
        let issuer = file["issuer"].as_str().or(userinfo["iss"].as_str());
        settings = settings.with_issuer(issuer.expect("the fixture names the issuer"));
    }
    for (name, value) in file["options"].as_object().into_iter().flatten() {
        settings = settings.with_option(name, value.as_str().unwrap());
    }
    settings
}

/// The same as variables of the environment.
pub(crate) fn settings_in_env(entry: &Entry) -> BTreeMap<String, String> {
    let file = read(entry.id(), "settings.json").unwrap_or_default();
    let mut variables = BTreeMap::new();
    let mut put =
        |suffix: &str, value: &str| drop(variables.insert(entry.variable(suffix), value.to_owned()));
    put("id", CLIENT_ID);
    put("secret", CLIENT_SECRET);
    if entry.issuer() == Some(IssuerNeed::Required) {
        put("issuer", file["issuer"].as_str().unwrap_or("https://issuer.example.com"));
    }
    for (name, value) in file["options"].as_object().into_iter().flatten() {
        put(name, value.as_str().unwrap());
    }
    variables
}
