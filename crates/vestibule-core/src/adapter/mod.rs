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

use crate::{AdapterError, Capabilities};

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
}
