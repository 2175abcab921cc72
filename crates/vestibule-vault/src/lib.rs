//! Secrets at rest: what somebody who reads the database does not get.
//!
//! Two decorators around any `Arc<dyn Adapter>`, each of use without the other:
//!
//! * [`EncryptedTokens`] keeps the OAuth tokens of accounts encrypted, under a [`KeyRing`].
//! * [`HashedSessions`] keeps session tokens hashed.
//!
//! Both read what stood in the tables before, so that an application can turn them on without signing anybody out,
//! and both have a switch for when nothing plain is left. They do no I/O of their own, and know the contract alone.
//! Verification tokens need no decorator: the engine hands their hashes to the store, as Auth.js does.
//!
//! ```
//! use std::sync::Arc;
//!
//! use vestibule_core::Adapter;
//! use vestibule_vault::{EncryptedTokens, HashedSessions, Key, KeyError, KeyRing};
//!
//! fn at_rest(store: Arc<dyn Adapter>, secret: &str) -> Result<Arc<dyn Adapter>, KeyError> {
//!     let ring = KeyRing::new([("2026-02", Key::from_secret(secret)?)])?;
//!     let store = Arc::new(EncryptedTokens::new(store, ring));
//!     Ok(Arc::new(HashedSessions::new(store)))
//! }
//! ```

mod key;
mod pass;
mod seal;
mod sessions;
mod tokens;

pub use key::{Key, KeyError, KeyRing};
pub use sessions::{HashedSessions, PlainSessions};
pub use tokens::{EncryptedTokens, PlainTokens};
