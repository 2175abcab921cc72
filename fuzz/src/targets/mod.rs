//! The targets by name.

mod claims;
mod cookies;
mod jwe;

/// Takes any bytes, and panics if what must hold does not.
pub(crate) type Target = fn(&[u8]);

/// A line for each.
pub(crate) const ALL: &[(&str, Target)] = &[
    ("claims", claims::run),   // vestibule-token: JSON in and out
    ("cookies", cookies::run), // vestibule-token: the session in the headers of a request
    ("jwe", jwe::run),         // vestibule-token: sealed tokens
];
