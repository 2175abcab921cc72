//! What users do with their passkeys.

use vestibule_core::{AdapterError, Authenticator, CredentialId, UserId};

use crate::{Engine, Parts, UnlinkError};

impl Engine {
    /// Lists the passkeys of a user, ordered by the bytes of their ids. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store; [`AdapterError::Refused`] if it has no place for passkeys.
    pub async fn passkeys_of_user(&self, user_id: &UserId) -> Result<Vec<Authenticator>, AdapterError> {
        self.parts().adapter.authenticators_of_user(user_id).await
    }

    /// Removes a passkey of a user with its account, and returns it as it was, unless it is the user's last way in; see
    /// [`unlink`](Self::unlink), by whose rule that goes. Up to eight round trips.
    ///
    /// If it is interrupted, the account may be left without its passkey: it signs nobody in, and can be unlinked.
    ///
    /// The browser is not told, and may offer it for some time: it then signs nobody in.
    ///
    /// # Errors
    ///
    /// [`UnlinkError`]. A passkey of somebody else is [`UnlinkError::NotLinked`].
    pub async fn remove_passkey(
        &self,
        user_id: &UserId,
        credential_id: &CredentialId,
        has_credentials: bool,
    ) -> Result<Authenticator, UnlinkError> {
        let Parts { adapter, .. } = self.parts();
        let passkey = adapter.authenticator(credential_id).await?;
        let passkey = passkey.filter(|passkey| passkey.user_id == *user_id).ok_or(UnlinkError::NotLinked)?;
        let id = &passkey.provider_account_id;
        let accounts = adapter.accounts_of_user(user_id).await?;
        let account = accounts
            .iter()
            .find(|account| account.provider_account_id == *id && self.is_of_a_passkey(account));
        match account {
            Some(account) => {
                self.unlink(user_id, &account.provider, id, has_credentials).await?;
            }
            // A passkey without an account signs nobody in.
            None => {
                adapter.delete_authenticator(credential_id).await?;
            }
        }
        Ok(passkey)
    }
}
