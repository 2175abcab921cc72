//! The targets by name.

mod claims;
mod cookies;
mod identify;
mod jwe;

/// Takes any bytes, and panics if what must hold does not.
pub(crate) type Target = fn(&[u8]);

/// A line for each.
pub(crate) const ALL: &[(&str, Target)] = &[
    ("claims", claims::run),     // vestibule-token: JSON in and out
    ("cookies", cookies::run),   // vestibule-token: the session in the headers of a request
    ("identify", identify::run), // vestibule-oauth: what a provider and a browser bring
    ("jwe", jwe::run),           // vestibule-token: sealed tokens
];
