//! The answer to a sign-in.

use serde_json::{Map, Value};
use vestibule_core::{Authenticator, CredentialId, DeviceType};

use crate::auth_data::AuthData;
use crate::client_data::{Ceremony, ClientData};
use crate::cose::PublicKey;
use crate::response::{Envelope, base64url};
use crate::{Expected, Part, Problem};

const DATA_LIMIT: usize = 8 * 1024;
/// One of RSA with 4096 bits takes 512 bytes.
const SIGNATURE_LIMIT: usize = 1024;
/// WebAuthn Level 3, 5.4.3: 64 bytes. The client for browsers of SimpleWebAuthn 9 makes text of them.
const USER_HANDLE_LIMIT: usize = 64 * 3;

/// What a browser sends after `navigator.credentials.get()`: `AuthenticationResponseJSON`. Nothing in it is believed
/// yet.
#[derive(Clone, Debug)]
pub struct AuthenticationResponse {
    id: CredentialId,
    client_data: ClientData,
    data: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Option<Box<str>>,
}

/// A sign-in that is to be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authenticated {
    /// The credential that signed.
    pub credential_id: CredentialId,
    /// What the signature counter shows, to be stored: 0 of an authenticator that does not count.
    pub counter: u32,
    /// Whether the credential can leave its device, as it was at registration.
    pub device_type: DeviceType,
    /// Whether the credential is backed up now.
    pub backed_up: bool,
    /// Whether the authenticator verified who holds it.
    pub user_verified: bool,
    /// The handle that the credential was made for, if the authenticator told.
    pub user_handle: Option<Box<str>>,
}

impl AuthenticationResponse {
    /// Reads the JSON.
    ///
    /// # Errors
    ///
    /// The [`Problem`]s of form.
    pub fn parse(json: &str) -> Result<Self, Problem> {
        let Envelope { id, response, .. } = Envelope::parse(json)?;
        Ok(Self {
            id,
            client_data: ClientData::parse(&response)?,
            data: base64url(response.get("authenticatorData"), Part::AuthenticatorData, DATA_LIMIT)?,
            signature: base64url(response.get("signature"), Part::Signature, SIGNATURE_LIMIT)?,
            user_handle: user_handle(&response)?,
        })
    }

    /// The id of the credential, with which the [`Authenticator`] is looked up.
    pub fn credential_id(&self) -> &CredentialId {
        &self.id
    }

    /// Verifies the answer with the stored authenticator.
    ///
    /// Twice and at once: the same answer verifies again as long as the challenge is expected, so the caller takes the
    /// challenge away first, and stores the counter on the condition that it grows.
    ///
    /// # Errors
    ///
    /// The first [`Problem`] there is. Of [`CounterRegressed`](Problem::CounterRegressed) and
    /// [`BackupEligibilityChanged`](Problem::BackupEligibilityChanged) the signature was right.
    pub fn verify(&self, expected: &Expected<'_>, stored: &Authenticator) -> Result<Authenticated, Problem> {
        if stored.credential_id != self.id {
            return Err(Problem::WrongCredential);
        }
        self.client_data.verify(Ceremony::Authentication, expected)?;
        let data = AuthData::parse(&self.data)?;
        data.verify(expected)?;
        let key = PublicKey::parse(&stored.credential_public_key).map_err(|_| Problem::StoredKey)?;
        let signed = [&*self.data, self.client_data.hash()].concat();
        if !key.verifies(&signed, &self.signature) {
            return Err(Problem::WrongSignature);
        }
        data.check_counter()?;
        if data.counter <= stored.counter && (data.counter, stored.counter) != (0, 0) {
            return Err(Problem::CounterRegressed { stored: stored.counter, shown: data.counter });
        }
        if data.device_type() != stored.device_type {
            return Err(Problem::BackupEligibilityChanged);
        }
        Ok(Authenticated {
            credential_id: self.id.clone(),
            counter: data.counter,
            device_type: data.device_type(),
            backed_up: data.backed_up(),
            user_verified: data.user_verified(),
            user_handle: self.user_handle.clone(),
        })
    }
}

fn user_handle(response: &Map<String, Value>) -> Result<Option<Box<str>>, Problem> {
    match response.get("userHandle") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(handle)) if handle.len() > USER_HANDLE_LIMIT => {
            Err(Problem::TooLarge(Part::UserHandle))
        }
        Some(Value::String(handle)) if handle.is_empty() => Ok(None),
        Some(Value::String(handle)) => Ok(Some(handle.as_str().into())),
        Some(_) => Err(Problem::Malformed(Part::UserHandle)),
    }
}
