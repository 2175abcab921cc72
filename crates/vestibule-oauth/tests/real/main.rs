//! The relying party against a real OpenID provider, and against the library of the originals.

mod browser;
mod judged;
mod node;
mod sign_in;
