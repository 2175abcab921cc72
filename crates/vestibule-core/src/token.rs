//! Verification tokens, and the leases that share their table.

use crate::{Timestamp, TokenHash};

/// A single-use token for one identifier, usually an e-mail address.
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationToken {
    /// What the token proves the possession of.
    pub identifier: Box<str>,
    /// The token as the store keeps it.
    pub token: TokenHash,
    /// From this point on the token does not count.
    pub expires: Timestamp,
}

impl VerificationToken {
    /// Whether the token has expired at `now`. Auth.js' rule: `expires < now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires < now
    }
}

/// The right to do a piece of work that only one process at a time may do, until it expires.
///
/// The point of expiry identifies the holder: a lease can only be taken over once it has expired, and then ends
/// later than any lease before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What is leased, such as `sweep` or `refresh:github:583231`.
    pub name: Box<str>,
    /// From this point on somebody else may take it.
    pub expires: Timestamp,
}
