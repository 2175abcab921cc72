//! The JSON around an answer: `RegistrationResponseJSON` and `AuthenticationResponseJSON`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use vestibule_core::CredentialId;

use crate::{Part, Problem};

/// The longest answer that is read. A statement with certificates takes a few thousand bytes.
const LIMIT: usize = 64 * 1024;

/// The longest id of a credential (WebAuthn Level 3, 4).
pub(crate) const ID_LIMIT: usize = 1023;

/// Browsers write no padding; some of the libraries between do.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An answer, and the credential that it is one of.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) id: CredentialId,
    pub(crate) response: Map<String, Value>,
    /// `clientExtensionResults`.
    pub(crate) extensions: Map<String, Value>,
}

impl Envelope {
    pub(crate) fn parse(json: &str) -> Result<Self, Problem> {
        if json.len() > LIMIT {
            return Err(Problem::TooLarge(Part::Response));
        }
        let mut all: Map<String, Value> =
            serde_json::from_str(json).map_err(|_| Problem::Malformed(Part::Response))?;
        let id = base64url(all.get("id"), Part::Id, ID_LIMIT)?;
        if id.is_empty() {
            return Err(Problem::CredentialIdLength(0));
        }
        if !all.get("rawId").is_some_and(Value::is_string) {
            return Err(Problem::Malformed(Part::Id));
        }
        if all.get("rawId") != all.get("id") {
            return Err(Problem::IdMismatch);
        }
        if all.get("type").and_then(Value::as_str) != Some("public-key") {
            return Err(Problem::CredentialType);
        }
        let Some(Value::Object(response)) = all.remove("response") else {
            return Err(Problem::Malformed(Part::Response));
        };
        let extensions = match all.remove("clientExtensionResults") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(extensions)) => extensions,
            Some(_) => return Err(Problem::Malformed(Part::Extensions)),
        };
        Ok(Self { id: CredentialId::new(id), response, extensions })
    }
}

/// The bytes of a text in base64url, with padding or without.
pub(crate) fn base64url(value: Option<&Value>, part: Part, limit: usize) -> Result<Vec<u8>, Problem> {
    let text = value.and_then(Value::as_str).ok_or(Problem::Malformed(part))?;
    if text.len() > limit.div_ceil(3) * 4 {
        return Err(Problem::TooLarge(part));
    }
    let bytes = BASE64URL.decode(text).map_err(|_| Problem::Malformed(part))?;
    if bytes.len() > limit { Err(Problem::TooLarge(part)) } else { Ok(bytes) }
}
