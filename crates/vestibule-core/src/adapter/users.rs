use std::fmt;

use async_trait::async_trait;

use crate::{AdapterError, NewAccount, NewUser, ProviderAccountId, ProviderId, User, UserChanges, UserId};

/// Keeps users.
#[async_trait]
pub trait Users: fmt::Debug + Send + Sync + 'static {
    /// Creates a user, and with it its first account if one is given: both or neither.
    ///
    /// Returns the stored row. Of any number of concurrent calls with one e-mail address, or with one account,
    /// exactly one succeeds. Any number of users may have no address. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] with [`Entity::User`](crate::Entity::User) if the e-mail address or the given
    /// id is taken, with [`Entity::Account`](crate::Entity::Account) if the account is linked already.
    #[doc(alias = "createUser")]
    async fn create_user(&self, user: &NewUser, account: Option<&NewAccount>) -> Result<User, AdapterError>;

    /// Finds a user by id. One round trip; none if the id has the wrong shape, which names nobody.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getUser")]
    async fn user(&self, id: &UserId) -> Result<Option<User>, AdapterError>;

    /// Finds a user by e-mail address, compared exactly as stored: the caller normalizes. One round trip.
    ///
    /// Where an old table holds one address several times, the row that was made first is the one.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getUserByEmail")]
    async fn user_by_email(&self, email: &str) -> Result<Option<User>, AdapterError>;

    /// Finds the user that an account is linked to. One round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself; an outage is never `None`.
    #[doc(alias = "getUserByAccount")]
    async fn user_by_account(
        &self,
        provider: &ProviderId,
        provider_account_id: &ProviderAccountId,
    ) -> Result<Option<User>, AdapterError>;

    /// Changes what is set and nothing else, and returns the whole row as it is then.
    ///
    /// Returns `None`, and creates nothing, if there is no such user. Concurrent changes to different columns
    /// all take effect. With nothing set this is [`user`](Users::user). One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] if the new e-mail address is another user's.
    #[doc(alias = "updateUser")]
    async fn update_user(&self, id: &UserId, changes: &UserChanges) -> Result<Option<User>, AdapterError>;

    /// Deletes a user with all accounts, sessions and authenticators: all or nothing. Returns what was there.
    ///
    /// After it, no session of the user is left, not even one that was being created at the same time. One
    /// round trip.
    ///
    /// # Errors
    ///
    /// Only those of the store itself. Deleting a user who is not there is `Ok(None)`.
    #[doc(alias = "deleteUser")]
    async fn delete_user(&self, id: &UserId) -> Result<Option<User>, AdapterError>;
}
