//! What can go wrong beside absence, which is `None`.

use vestibule_core::AdapterError;

use crate::AttributesError;

/// Why the session manager did not do what it was asked. No message holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LuciaError {
    /// The application's own columns and its own types do not fit together. What was asked may have been done:
    /// rows are read after they are written. Trying again will not help.
    #[error(transparent)]
    Attributes(#[from] AttributesError),

    /// The id that was given for a session is empty, holds a control character, or does not go into a cookie.
    /// Nothing was written; trying again will not help.
    #[error("the given session id is empty, holds a control character or is longer than 4096 bytes")]
    SessionIdRefused,

    /// The store refused or could not be reached. The error says whether something may have been written, and
    /// whether trying again may help.
    #[error(transparent)]
    Store(#[from] AdapterError),
}

impl LuciaError {
    /// Whether the store could not be reached: an outage, which is to become 503 and never "signed out".
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(AdapterError::Unavailable(_)))
    }
}
