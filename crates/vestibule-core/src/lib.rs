//! The contract of Vestibule: what a sign-in engine needs from a store, and nothing else.
//!
//! * The **nouns**: [`User`], [`Account`], [`Session`], [`VerificationToken`], [`Authenticator`], with opaque
//!   ids ([`UserId`], [`ProviderId`], …), points in time ([`Timestamp`]) and secrets that print nothing
//!   ([`SecretToken`], [`TokenHash`]).
//! * The **verbs**: five role traits ([`Users`], [`Accounts`], [`Sessions`], [`VerificationTokens`],
//!   [`Authenticators`]) and the one name for the whole, [`Adapter`]. What each operation promises is written
//!   there and nowhere else; `vestibule-conformance` tests it.
//! * The **errors**: [`AdapterError`] tells a conflict, an outage, a corrupt row and a refusal apart.
//! * What is handed in: [`Clock`] and [`Random`].
//!
//! This crate does no I/O, knows no async runtime and no database. Its public interface names `std` types, its
//! own, and [`serde_json::Value`] for columns of the application's own.

mod account;
mod adapter;
mod authenticator;
mod capability;
mod clock;
mod error;
mod id;
mod random;
mod secret;
mod session;
mod time;
mod token;
mod user;

pub use account::{Account, AccountChanges, AccountTokens, AccountType, NewAccount};
pub use adapter::{Accounts, Adapter, Authenticators, Sessions, Users, VerificationTokens};
pub use authenticator::{Authenticator, DeviceType};
pub use capability::{Capabilities, IdKind, TimestampPrecision};
pub use clock::{Clock, SystemClock};
pub use error::{AdapterError, BoxError, Entity};
pub use id::{CredentialId, ProviderAccountId, ProviderId, RowId, UserId};
pub use random::{OsRandom, Random};
pub use secret::{SecretToken, TokenHash};
pub use session::{FirstSession, NewSession, Session, SessionChanges, TouchPolicy, Touched};
pub use time::Timestamp;
pub use token::{Lease, VerificationToken};
pub use user::{Change, NewUser, User, UserChanges};

/// Columns of the application's own: column name to value.
///
/// A point in time is the text that JavaScript's `Date.prototype.toJSON` writes, `2038-01-19T03:14:08.001Z`. A
/// value of the wrong kind for its column, and a key that the store does not know, is
/// [`AdapterError::Refused`]. A key that is absent means "not given" on the way in and "no such column" on the way out; a JSON `null` is
/// the SQL `NULL`. Names are the logical ones that the schema profile declares.
pub type Extra = std::collections::BTreeMap<Box<str>, serde_json::Value>;
