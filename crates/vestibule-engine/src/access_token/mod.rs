//! Access tokens of providers, for applications that call the providers' own interfaces.
//!
//! [`due`] says when a token has to be refreshed, [`flight`] lets those who want the same token at once share one
//! refreshing, and [`refresh`] does it, under a lease that all processes ask for.

mod due;
mod error;
mod flight;
mod refresh;

use std::time::Duration;

use vestibule_core::{Account, AccountTokens, ProviderAccountId, ProviderId, SecretToken, Timestamp, UserId};

use crate::Engine;
use crate::config::{OAuthProvider, Provider};

pub use error::AccessTokenError;
pub(crate) use flight::Refreshing;
pub use refresh::refresh_lease;

use due::is_good;
use flight::Key;

/// An access token, as a provider takes it in the header `Authorization: Bearer …`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token.
    pub token: SecretToken,
    /// From this point on the provider refuses it; `None` if the provider does not say.
    pub expires_at: Option<Timestamp>,
    /// What it is good for, as the provider names it, space-separated.
    pub scope: Option<String>,
    /// Whose it is at the provider.
    pub provider_account_id: ProviderAccountId,
}

impl AccessToken {
    fn of(account: &Account) -> Option<Self> {
        let AccountTokens { access_token, expires_at, scope, .. } = &account.tokens;
        Some(Self {
            token: access_token.clone()?,
            expires_at: *expires_at,
            scope: scope.clone(),
            provider_account_id: account.provider_account_id.clone(),
        })
    }
}

impl Engine {
    /// A live access token of the user's account at a provider, refreshed if it is about to expire.
    ///
    /// Of any number of callers, in any number of processes on one store, one refreshes and the others wait for what it
    /// gets. New tokens are in the store before anybody is given one. A process that dies in the middle holds the others
    /// up for a minute at most. While the old token is still good, nothing that goes wrong keeps it from being given.
    /// One round trip as long as nothing is due; six and a request to the provider otherwise.
    ///
    /// The engine needs [a runtime](crate::Parts::with_runtime) to wait and to finish what was begun. Without one,
    /// whoever comes while another process refreshes is told [`AccessTokenError::Busy`], and a call that is dropped may
    /// lose the tokens that the provider has just given.
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`]. With [`AccessTokenError::SignInAgain`] only the user can help.
    pub async fn access_token(
        &self,
        user_id: &UserId,
        provider: &ProviderId,
    ) -> Result<AccessToken, AccessTokenError> {
        let described = self.oauth_provider(provider)?;
        let accounts = self.parts().adapter.accounts_of_user(user_id).await?;
        let mut of_provider = accounts.into_iter().filter(|account| account.provider == *provider);
        match (of_provider.next(), of_provider.next()) {
            (None, _) => Err(AccessTokenError::NotLinked),
            (Some(account), None) => self.live(described, account, None).await,
            (Some(_), Some(_)) => Err(AccessTokenError::SeveralAccounts),
        }
    }

    /// The same for a user who has several accounts at the provider: that of one of them.
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`]. An account of somebody else is [`AccessTokenError::NotLinked`].
    pub async fn access_token_of_account(
        &self,
        user_id: &UserId,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<AccessToken, AccessTokenError> {
        let described = self.oauth_provider(provider)?;
        let account = self.own_account(user_id, provider, provider_account_id).await?;
        self.live(described, account, None).await
    }

    /// Another access token than one that the provider refuses although it has not expired, since it was revoked there.
    ///
    /// Of several who were refused the same token, one refreshes; whoever comes late is given what is in the store.
    ///
    /// # Errors
    ///
    /// [`AccessTokenError`], as for [`access_token_of_account`](Self::access_token_of_account).
    pub async fn replace_access_token(
        &self,
        user_id: &UserId,
        refused: &AccessToken,
        provider: &ProviderId,
    ) -> Result<AccessToken, AccessTokenError> {
        let described = self.oauth_provider(provider)?;
        let account = self.own_account(user_id, provider, &refused.provider_account_id).await?;
        self.live(described, account, Some(&refused.token)).await
    }

    fn oauth_provider(&self, id: &ProviderId) -> Result<&OAuthProvider, AccessTokenError> {
        match self.provider(id) {
            Some(Provider::OAuth(provider)) => Ok(provider),
            _ => Err(AccessTokenError::UnknownProvider),
        }
    }

    async fn own_account(
        &self,
        user_id: &UserId,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Account, AccessTokenError> {
        let account = self.parts().adapter.account(provider, provider_account_id).await?;
        account.filter(|account| account.user_id == *user_id).ok_or(AccessTokenError::NotLinked)
    }

    async fn live(
        &self,
        provider: &OAuthProvider,
        account: Account,
        refused: Option<&SecretToken>,
    ) -> Result<AccessToken, AccessTokenError> {
        let now = || self.parts().clock.now();
        let is_refused = |token: &AccessToken| Some(&token.token) == refused;
        let current = AccessToken::of(&account).filter(|token| !is_refused(token));
        if let Some(token) = &current
            && is_good(&account.tokens, self.refreshing().margin(provider), now())
        {
            return Ok(token.clone());
        }
        let key = Key::of(&account);
        let can_be_refreshed = |token| !self.refreshing().is_spent(&key, token);
        let refreshed = if account.tokens.refresh_token.as_ref().is_some_and(can_be_refreshed) {
            let runtime = self.parts().runtime.as_deref();
            self.refreshing().join(key, runtime, |key| refresh::begin(self, &account, key)).await
        } else {
            Err(AccessTokenError::SignInAgain)
        };
        match (refreshed, current) {
            (Ok(token), _) if is_refused(&token) => Err(AccessTokenError::Busy),
            (Err(error), Some(token))
                if error.leaves_tokens() && is_good(&account.tokens, Duration::ZERO, now()) =>
            {
                tracing::debug!(%error, "a token was not refreshed, and the old one is still good");
                Ok(token)
            }
            (refreshed, _) => refreshed,
        }
    }
}
