//! Codes beside the links in mails.

use std::time::Duration;

use crate::code::TRIES;

/// Codes of six digits beside the links in mails, for whoever reads mail on another device than the one to sign in on.
///
/// A code counts only in the browser that asked for the mail, which has a sealed cookie for it, so that one that was
/// talked out of somebody is of no use elsewhere. It is used up together with its link, whichever comes first. Every
/// new mail that a browser asks for puts a new code in the place of the former one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    pub(crate) max_age: Duration,
    pub(crate) tries: u32,
}

impl Codes {
    /// Codes that count for ten minutes and may be tried five times.
    pub fn new() -> Self {
        Self { max_age: Duration::from_mins(10), tries: TRIES }
    }

    /// How long a code counts; no longer than its link.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// How often a code may be tried, from 1 to 10. Then it is dead, and its link is not: the link cannot be guessed,
    /// and whoever guesses codes must not be able to take it from the one who reads the mail.
    #[must_use]
    pub fn with_tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }
}

impl Default for Codes {
    fn default() -> Self {
        Self::new()
    }
}
