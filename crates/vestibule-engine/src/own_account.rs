//! What users do with what is theirs: their sessions, and the accounts that are linked to them.

use std::time::Duration;

use vestibule_core::{
    Account, AccountType, AdapterError, ProviderAccountId, ProviderId, SecretToken, Session, TouchPolicy,
    UserId,
};

use crate::config::Provider;
use crate::{Engine, Parts};

/// How long the accounts of a user are held while one is unlinked. Nothing in between takes longer than the store's own
/// patience; a process that dies leaves them held for so long.
const HOLD: Duration = Duration::from_secs(30);

/// Why an account was not unlinked. Nothing was changed, unless the store failed while it was at it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlinkError {
    /// It is the only way in that the user has.
    #[error("the account is the only way in that the user has")]
    LastWayIn,
    /// The user has no such account.
    #[error("the user has no such account")]
    NotLinked,
    /// Another unlinking of the same user is under way. Trying again will help.
    #[error("another unlinking of this user is under way")]
    Busy,
    /// The store refused, failed, or could not be reached.
    #[error(transparent)]
    Store(#[from] AdapterError),
}

impl Engine {
    /// Lists the sessions of a user that are alive, those that last longest first. One round trip.
    ///
    /// Sessions in cookies alone are nowhere to be listed.
    ///
    /// # Errors
    ///
    /// Only those of the store.
    pub async fn sessions_of_user(&self, user_id: &UserId) -> Result<Vec<Session>, AdapterError> {
        let Parts { adapter, clock, .. } = self.parts();
        let now = clock.now();
        let sessions = adapter.sessions_of_user(user_id).await?;
        Ok(sessions.into_iter().filter(|session| !TouchPolicy::is_expired(session.expires, now)).collect())
    }

    /// Ends all sessions of a user, save for `keep` if given, and says how many they were: signing out everywhere, or
    /// everywhere else. Call it when a password or an address was changed. One round trip.
    ///
    /// Sessions in cookies alone cannot be ended; see [`JwtPolicy`](crate::JwtPolicy).
    ///
    /// # Errors
    ///
    /// Only those of the store.
    pub async fn sign_out_everywhere(
        &self,
        user_id: &UserId,
        keep: Option<&SecretToken>,
    ) -> Result<u64, AdapterError> {
        self.parts().adapter.delete_sessions_of_user(user_id, keep).await
    }

    /// Unlinks an account from a user and returns it as it was, unless it is the user's last way in.
    ///
    /// Another way in is an account of a provider that is configured, or an address that is verified if one can sign in by e-mail. What
    /// the application checks itself counts if `has_credentials` says that this user has some. Of several calls at once
    /// for one user only one goes on, so that two accounts cannot both be taken for the one that is left. Five round trips, seven
    /// where there are passkeys.
    ///
    /// An account of a passkey (of the type `webauthn`, whether its provider is configured or not) goes with the passkey, which is
    /// deleted first: what is interrupted in between signs in nobody, and unlinking again completes it. Such an account is a way
    /// in only if its passkey is there; one without can always be unlinked.
    ///
    /// # Errors
    ///
    /// [`UnlinkError`]. An account of somebody else is [`UnlinkError::NotLinked`].
    pub async fn unlink(
        &self,
        user_id: &UserId,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        has_credentials: bool,
    ) -> Result<Account, UnlinkError> {
        let Parts { adapter, clock, .. } = self.parts();
        let now = clock.now();
        let name = format!("vestibule:unlink:{}", user_id.as_str());
        let Some(lease) = adapter.acquire_lease(&name, now, now.after(HOLD)).await? else {
            return Err(UnlinkError::Busy);
        };
        let unlinked = self.unlink_alone(user_id, provider, provider_account_id, has_credentials).await;
        let released = adapter.release_lease(&lease).await;
        let unlinked = unlinked?;
        if let Err(error) = released {
            tracing::warn!(%error, "a lease was not given back; it ends by itself");
        }
        Ok(unlinked)
    }

    async fn unlink_alone(
        &self,
        user_id: &UserId,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        has_credentials: bool,
    ) -> Result<Account, UnlinkError> {
        let adapter = &self.parts().adapter;
        let is_it = |account: &Account| {
            account.provider == *provider && account.provider_account_id == *provider_account_id
        };
        let accounts = adapter.accounts_of_user(user_id).await?;
        if !accounts.iter().any(is_it) {
            return Err(UnlinkError::NotLinked);
        }
        let is_passkey = |account: &Account| self.is_of_a_passkey(account);
        let passkeys = if accounts.iter().any(is_passkey) {
            adapter.authenticators_of_user(user_id).await?
        } else {
            Vec::new()
        };
        let passkey_of =
            |id: &ProviderAccountId| passkeys.iter().find(|passkey| passkey.provider_account_id == *id);
        let its_passkey = accounts
            .iter()
            .find(|account| is_it(account) && is_passkey(account))
            .map(|account| passkey_of(&account.provider_account_id));
        // What has no passkey is no way in, and neither is what loses it together with this one.
        let signs_in = |account: &Account| match self.provider(&account.provider) {
            Some(_) if is_passkey(account) => {
                let goes = its_passkey.is_some() && account.provider_account_id == *provider_account_id;
                !goes && passkey_of(&account.provider_account_id).is_some()
            }
            Some(_) => true,
            None => false,
        };
        let is_left_over = matches!(its_passkey, Some(None));
        let other_account = accounts.iter().any(|account| !is_it(account) && signs_in(account));
        let by_email = self.providers().iter().any(|provider| matches!(provider, Provider::Email(_)));
        let is_left = is_left_over || other_account || has_credentials || {
            by_email
                && adapter
                    .user(user_id)
                    .await?
                    .is_some_and(|user| user.email.is_some() && user.email_verified.is_some())
        };
        if !is_left {
            return Err(UnlinkError::LastWayIn);
        }
        if let Some(passkey) = its_passkey.flatten() {
            adapter.delete_authenticator(&passkey.credential_id).await?;
        }
        adapter.unlink_account(provider, provider_account_id).await?.ok_or(UnlinkError::NotLinked)
    }

    /// Whether an account goes with a passkey. By its type, since an application beside this one may have the provider.
    pub(crate) fn is_of_a_passkey(&self, account: &Account) -> bool {
        account.account_type == AccountType::WebAuthn
            || matches!(self.provider(&account.provider), Some(Provider::WebAuthn(_)))
    }
}
