//! What a browser is asked, as the JSON of SimpleWebAuthn 9.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use vestibule_core::Authenticator;

use crate::{Challenge, RelyingParty, ResidentKey, Settings};

/// Whom a credential is made for.
#[derive(Clone, Copy, Debug)]
pub struct NewUser<'a> {
    /// What the authenticator keeps to tell users apart, and tells at each sign-in: random text that says nothing of
    /// the user, at most 64 bytes. It travels as it is; the client for browsers takes its UTF-8 bytes.
    pub handle: &'a str,
    /// What the user knows the account by: the address.
    pub name: &'a str,
    /// What the user is called.
    pub display_name: &'a str,
}

/// What a browser is asked to make: `PublicKeyCredentialCreationOptionsJSON`.
#[derive(Clone, Debug)]
pub struct RegistrationOptions(Map<String, Value>);

impl RegistrationOptions {
    /// Asks for a credential.
    pub fn new(settings: &Settings, party: &RelyingParty, challenge: &Challenge, user: NewUser<'_>) -> Self {
        let algorithms: Vec<Value> = settings
            .algorithms
            .iter()
            .map(|algorithm| json!({"alg": algorithm.cose(), "type": "public-key"}))
            .collect();
        let options = [
            ("challenge", json!(challenge.as_str())),
            ("rp", json!({"name": party.name(), "id": party.id()})),
            ("user", json!({"id": user.handle, "name": user.name, "displayName": user.display_name})),
            ("pubKeyCredParams", Value::Array(algorithms)),
            ("timeout", timeout(settings)),
            ("attestation", json!("none")),
            ("excludeCredentials", json!([])),
            (
                "authenticatorSelection",
                json!({
                    "residentKey": settings.resident_key.as_str(),
                    "requireResidentKey": settings.resident_key == ResidentKey::Required,
                    "userVerification": settings.user_verification.as_str(),
                }),
            ),
            ("extensions", json!({"credProps": true})),
        ];
        Self(options.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())
    }

    /// Excludes authenticators that the user has registered, so that none is registered twice.
    #[must_use]
    pub fn excluding<'a>(mut self, authenticators: impl IntoIterator<Item = &'a Authenticator>) -> Self {
        self.0.insert("excludeCredentials".to_owned(), descriptors(authenticators));
        self
    }

    /// The JSON, as SimpleWebAuthn 9 writes it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// What a browser is asked to show: `PublicKeyCredentialRequestOptionsJSON`.
#[derive(Clone, Debug)]
pub struct AuthenticationOptions(Map<String, Value>);

impl AuthenticationOptions {
    /// Asks for any credential of this relying party that is found without its id.
    pub fn new(settings: &Settings, party: &RelyingParty, challenge: &Challenge) -> Self {
        let options = [
            ("challenge", json!(challenge.as_str())),
            ("timeout", timeout(settings)),
            ("userVerification", json!(settings.user_verification.as_str())),
            ("rpId", json!(party.id())),
        ];
        Self(options.map(|(key, value)| (key.to_owned(), value)).into_iter().collect())
    }

    /// Asks for one of these, which tells whoever asks which credentials a user has.
    #[must_use]
    pub fn allowing<'a>(mut self, authenticators: impl IntoIterator<Item = &'a Authenticator>) -> Self {
        self.0.insert("allowCredentials".to_owned(), descriptors(authenticators));
        self
    }

    /// The JSON, as SimpleWebAuthn 9 writes it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

fn timeout(settings: &Settings) -> Value {
    json!(u64::try_from(settings.timeout.as_millis()).unwrap_or(u64::MAX))
}

fn descriptors<'a>(authenticators: impl IntoIterator<Item = &'a Authenticator>) -> Value {
    authenticators.into_iter().map(descriptor).collect()
}

fn descriptor(authenticator: &Authenticator) -> Value {
    let mut descriptor = json!({
        "id": URL_SAFE_NO_PAD.encode(authenticator.credential_id.as_bytes()),
        "type": "public-key",
    });
    if let Some(transports) = authenticator.transports.as_deref().filter(|transports| !transports.is_empty())
    {
        descriptor["transports"] = transports.split(',').collect();
    }
    descriptor
}
