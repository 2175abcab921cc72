//! What is left of a sign-in that came to nothing.

use crate::error::Failure;

/// A sign-in that came to nothing.
pub(super) enum Unfinished {
    /// What was kept in the browser for it is of no use any more.
    Used(Failure),
    /// Nothing has happened yet: the same request may be sent again.
    Unused(Failure),
}

impl<F: Into<Failure>> From<F> for Unfinished {
    fn from(failure: F) -> Self {
        Self::Used(failure.into())
    }
}
