use std::fmt;

use async_trait::async_trait;

use crate::{Account, AccountChanges, AdapterError, NewAccount, ProviderAccountId, ProviderId, UserId};

/// Keeps the links between users and providers.
#[async_trait]
pub trait Accounts: fmt::Debug + Send + Sync + 'static {
    /// Links an account to a user and returns the stored row.
    ///
    /// Of any number of concurrent calls with one account, for whichever users, exactly one succeeds. One
    /// round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] if the account is linked already, even to the same user;
    /// [`AdapterError::OwnerAbsent`] if there is no such user.
    #[doc(alias = "linkAccount")]
    async fn link_account(&self, user_id: &UserId, account: &NewAccount) -> Result<Account, AdapterError>;

    /// Unlinks an account and returns it as it was; `None` if it was not linked. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    #[doc(alias = "unlinkAccount")]
    async fn unlink_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError>;

    /// Finds an account. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getAccount")]
    async fn account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<Account>, AdapterError>;

    /// Lists a user's accounts, ordered by the bytes of provider and of the id there. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself. An unknown user has none.
    async fn accounts_of_user(&self, user_id: &UserId) -> Result<Vec<Account>, AdapterError>;

    /// Changes what is set and nothing else, and returns the whole row as it is then.
    ///
    /// Returns `None`, and links nothing, if there is no such account. With nothing set this is
    /// [`account`](Accounts::account). One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself.
    async fn update_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
        changes: &AccountChanges,
    ) -> Result<Option<Account>, AdapterError>;
}
