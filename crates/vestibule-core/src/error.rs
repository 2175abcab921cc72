//! What can go wrong in a store.

use std::fmt;

/// Any error of a driver or library underneath.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Which kind of row an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entity {
    /// A link between a user and a provider.
    Account,
    /// A WebAuthn credential.
    Authenticator,
    /// A session.
    Session,
    /// A user.
    User,
    /// A verification token.
    VerificationToken,
}

impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Authenticator => "authenticator",
            Self::Session => "session",
            Self::User => "user",
            Self::VerificationToken => "verification token",
        })
    }
}

/// Why a store did not do what it was asked.
///
/// Absence is not an error: look-ups answer `Ok(None)`. No message holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdapterError {
    /// Another row holds this key already. Nothing was written; trying again will not help.
    #[error("this {entity} exists already")]
    Conflict {
        /// Which kind of row is in the way.
        entity: Entity,
    },

    /// A stored value does not decode, so the schema is not the one in the profile. A read wrote nothing; a
    /// write may have happened.
    #[error("{table}.{column} holds an unexpected value: {problem}")]
    CorruptRow {
        /// The table as the database names it.
        table: Box<str>,
        /// The column as the database names it.
        column: Box<str>,
        /// What was expected and what kind of value was found; never the value itself.
        problem: Box<str>,
    },

    /// The user that the row would belong to does not exist, or ceased to in the same instant. Nothing was
    /// written; trying again will not help.
    #[error("there is no user for this {entity}")]
    OwnerAbsent {
        /// Which kind of row would have been an orphan.
        entity: Entity,
    },

    /// The store refused: a missing table or column, a value that is too long, a lacking permission. Nothing
    /// was written; trying again will not help.
    #[error("the store refused {operation}")]
    Refused {
        /// The operation of the contract.
        operation: &'static str,
        /// What the store said.
        source: BoxError,
    },

    /// The store could not be reached, or gave up waiting. A write may have happened or not; trying again may
    /// help.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
}
