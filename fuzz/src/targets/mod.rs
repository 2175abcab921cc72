//! The targets by name.

mod callback;
mod claims;
mod cookies;
mod discovery;
mod engine;
mod identify;
mod jwe;
mod webauthn;

/// Takes any bytes, and panics if what must hold does not.
pub(crate) type Target = fn(&[u8]);

/// A line for each.
pub(crate) const ALL: &[(&str, Target)] = &[
    ("callback", callback::run),   // vestibule-oauth: what a browser brings back
    ("claims", claims::run),       // vestibule-token: JSON in and out
    ("cookies", cookies::run),     // vestibule-token: the session in the headers of a request
    ("discovery", discovery::run), // vestibule-oauth: where a provider has browsers sent
    ("engine", engine::run),       // vestibule-engine: whole requests
    ("identify", identify::run),   // vestibule-oauth: what a provider and a browser bring
    ("jwe", jwe::run),             // vestibule-token: sealed tokens
    ("webauthn", webauthn::run),   // vestibule-webauthn: what a browser answers about a passkey
];
