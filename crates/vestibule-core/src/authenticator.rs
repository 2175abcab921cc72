//! Authenticators: WebAuthn credentials of a user.

use crate::{CredentialId, ProviderAccountId, UserId};

/// Whether a credential can leave its device (WebAuthn Level 3, backup eligibility).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceType {
    /// `singleDevice`: bound to one authenticator.
    SingleDevice,
    /// `multiDevice`: a passkey that is synchronized.
    MultiDevice,
}

impl DeviceType {
    /// The text in the `credentialDeviceType` column.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleDevice => "singleDevice",
            Self::MultiDevice => "multiDevice",
        }
    }

    /// Reads the text of the column; `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "singleDevice" => Some(Self::SingleDevice),
            "multiDevice" => Some(Self::MultiDevice),
            _ => None,
        }
    }
}

/// A WebAuthn credential as the store holds it. The credential id names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// The id that the authenticator chose.
    #[doc(alias = "credentialID")]
    pub credential_id: CredentialId,
    /// Whose credential it is.
    pub user_id: UserId,
    /// The key of the account row that goes with it.
    pub provider_account_id: ProviderAccountId,
    /// The public key, COSE-encoded.
    pub credential_public_key: Box<[u8]>,
    /// The signature counter that the authenticator last showed.
    pub counter: u32,
    /// Whether the credential can leave its device.
    pub device_type: DeviceType,
    /// Whether the credential is backed up now.
    pub backed_up: bool,
    /// How the browser may reach it, comma-separated, as it said at registration.
    pub transports: Option<String>,
}
