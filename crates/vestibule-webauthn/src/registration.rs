//! The answer to a registration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use vestibule_core::{Authenticator, CredentialId, DeviceType, ProviderAccountId, UserId};

use crate::client_data::{Ceremony, ClientData};
use crate::cose::PublicKey;
use crate::response::{Envelope, base64url};
use crate::{Algorithm, Expected, Part, Problem, attestation};

const ATTESTATION_LIMIT: usize = 32 * 1024;
const TRANSPORTS: usize = 16;
const TRANSPORT: usize = 32;

/// What a browser sends after `navigator.credentials.create()`: `RegistrationResponseJSON`. Nothing in it is believed
/// yet.
#[derive(Clone, Debug)]
pub struct RegistrationResponse {
    id: CredentialId,
    client_data: ClientData,
    attestation: Vec<u8>,
    transports: Option<String>,
    discoverable: Option<bool>,
}

/// A credential that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registered {
    /// The id that the authenticator chose.
    pub credential_id: CredentialId,
    /// The public key, COSE-encoded, as it came.
    pub public_key: Box<[u8]>,
    /// What the key signs with.
    pub algorithm: Algorithm,
    /// The signature counter, which starts wherever the authenticator likes, mostly at 0.
    pub counter: u32,
    /// Whether the credential can leave its device.
    pub device_type: DeviceType,
    /// Whether the credential is backed up now.
    pub backed_up: bool,
    /// Whether the authenticator verified who holds it.
    pub user_verified: bool,
    /// How the browser may reach it, comma-separated, if it said so.
    pub transports: Option<String>,
    /// Whether the credential is found without its id, if the browser said so.
    pub discoverable: Option<bool>,
    /// The make of the authenticator, by its own account: zeros mostly. Nothing proves it.
    pub aaguid: [u8; 16],
}

impl Registered {
    /// The account that Auth.js keeps beside the credential: its id in base64.
    pub fn provider_account_id(&self) -> ProviderAccountId {
        ProviderAccountId::new(STANDARD.encode(self.credential_id.as_bytes()))
    }

    /// What is stored of it, as the credential of this user.
    pub fn into_authenticator(self, user_id: UserId) -> Authenticator {
        Authenticator {
            provider_account_id: self.provider_account_id(),
            credential_id: self.credential_id,
            user_id,
            credential_public_key: self.public_key,
            counter: self.counter,
            device_type: self.device_type,
            backed_up: self.backed_up,
            transports: self.transports,
        }
    }
}

impl RegistrationResponse {
    /// Reads the JSON.
    ///
    /// # Errors
    ///
    /// The [`Problem`]s of form.
    pub fn parse(json: &str) -> Result<Self, Problem> {
        let Envelope { id, response, extensions } = Envelope::parse(json)?;
        Ok(Self {
            id,
            client_data: ClientData::parse(&response)?,
            attestation: base64url(
                response.get("attestationObject"),
                Part::AttestationObject,
                ATTESTATION_LIMIT,
            )?,
            transports: transports(&response)?,
            discoverable: extensions
                .get("credProps")
                .and_then(|props| props.get("rk"))
                .and_then(Value::as_bool),
        })
    }

    /// The id of the credential, as the browser says it.
    pub fn credential_id(&self) -> &CredentialId {
        &self.id
    }

    /// Verifies the answer, and gives the credential.
    ///
    /// The caller refuses a credential that is stored already, whoever's it is; the store's key does that.
    ///
    /// # Errors
    ///
    /// The first [`Problem`] there is.
    pub fn verify(&self, expected: &Expected<'_>) -> Result<Registered, Problem> {
        self.client_data.verify(Ceremony::Registration, expected)?;
        let data = attestation::auth_data(&self.attestation)?;
        data.verify(expected)?;
        let (counter, backed_up, user_verified) = (data.counter, data.backed_up(), data.user_verified());
        let device_type = data.device_type();
        data.check_counter()?;
        let credential = data.credential.ok_or(Problem::NoCredential)?;
        if credential.id != self.id.as_bytes() {
            return Err(Problem::CredentialIdMismatch);
        }
        let key = PublicKey::parse(&credential.key)?;
        let algorithm = key.algorithm();
        if !expected.settings.algorithms.contains(&algorithm) {
            return Err(Problem::AlgorithmRefused(algorithm.cose()));
        }
        key.check()?;
        Ok(Registered {
            credential_id: self.id.clone(),
            public_key: credential.key.into(),
            algorithm,
            counter,
            device_type,
            backed_up,
            user_verified,
            transports: self.transports.clone(),
            discoverable: self.discoverable,
            aaguid: credential.aaguid,
        })
    }
}

/// `transports`, comma-separated. Words of future browsers are kept; what is no word is refused.
fn transports(response: &Map<String, Value>) -> Result<Option<String>, Problem> {
    let malformed = Problem::Malformed(Part::Transports);
    let words = match response.get("transports") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(words)) => words,
        Some(_) => return Err(malformed),
    };
    if words.len() > TRANSPORTS {
        return Err(Problem::TooLarge(Part::Transports));
    }
    let words: Option<Vec<&str>> =
        words.iter().map(|word| word.as_str().filter(|word| is_word(word))).collect();
    words.map(|words| Some(words.join(","))).ok_or(malformed)
}

fn is_word(word: &str) -> bool {
    (1..=TRANSPORT).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
