use std::fmt;

use async_trait::async_trait;

use crate::{AdapterError, Authenticator, CredentialId, UserId};

/// Keeps WebAuthn credentials.
///
/// A store that has no place for them ([`Capabilities::authenticators`](crate::Capabilities) is false) answers
/// every call with [`AdapterError::Refused`].
#[async_trait]
pub trait Authenticators: fmt::Debug + Send + Sync + 'static {
    /// Stores a credential.
    ///
    /// Of any number of concurrent calls with one credential id exactly one succeeds. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] if the credential id is known already, whoever's it is;
    /// [`AdapterError::OwnerAbsent`] if there is no such user.
    #[doc(alias = "createAuthenticator")]
    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError>;

    /// Finds a credential. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getAuthenticator")]
    async fn authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError>;

    /// Lists a user's credentials, ordered by the bytes of their ids. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself. An unknown user has none.
    #[doc(alias = "listAuthenticatorsByUserId")]
    async fn authenticators_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError>;

    /// Sets the signature counter to `to` if it is `from` now, and says whether it was.
    ///
    /// `false` means that the credential is unknown or that somebody else advanced it meanwhile: a sign of a
    /// cloned authenticator if the counter is not zero. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    #[doc(alias = "updateAuthenticatorCounter")]
    async fn advance_counter(&self, id: &CredentialId, from: u32, to: u32) -> Result<bool, AdapterError>;

    /// Deletes a credential and returns it as it was; `None` if it was not there. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn delete_authenticator(&self, id: &CredentialId) -> Result<Option<Authenticator>, AdapterError>;
}
