//! The verbs: one trait a role, and the one name for the whole.

mod accounts;
mod authenticators;
mod sessions;
mod tokens;
mod users;

use async_trait::async_trait;

pub use accounts::Accounts;
pub use authenticators::Authenticators;
pub use sessions::Sessions;
pub use tokens::VerificationTokens;
pub use users::Users;

use crate::{AdapterError, Capabilities, FirstSession, NewAccount, NewUser, Session, User};

/// A store for everything that signing in needs.
///
/// Every operation is atomic and is one round trip; none needs a transaction that the caller drives. A future
/// that is dropped leaves either all of its operation done or none of it. Use it as `Arc<dyn Adapter>`.
#[async_trait]
pub trait Adapter: Users + Accounts + Sessions + VerificationTokens + Authenticators {
    /// Says what the store can and cannot do. Costs nothing.
    fn capabilities(&self) -> Capabilities;

    /// Asks the store for a sign of life. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Unavailable`] if none came.
    async fn ping(&self) -> Result<(), AdapterError>;

    /// Creates a user, with it its first account if one is given, and its first session: all or nothing.
    ///
    /// Returns the stored user and session. It does what [`create_user`](Users::create_user) and then
    /// [`create_session`](Sessions::create_session) would do, without a moment in between: of any number of concurrent
    /// calls with one e-mail address, one account or one token exactly one succeeds. One round trip.
    ///
    /// # Errors
    ///
    /// [`AdapterError::Conflict`] with [`Entity::User`](crate::Entity::User) if the e-mail address or the given id is
    /// taken, with [`Entity::Account`](crate::Entity::Account) if the account is linked already, with
    /// [`Entity::Session`](crate::Entity::Session) if the token is taken. Then nothing was written.
    async fn sign_up(
        &self,
        user: &NewUser,
        account: Option<&NewAccount>,
        session: &FirstSession,
    ) -> Result<(User, Session), AdapterError>;
}
