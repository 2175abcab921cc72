//! The relying party against a real OpenID provider, and against what others think of ID tokens: the library of the
//! originals, and a crate.

mod browser;
mod judged;
mod node;
mod oracle;
mod sign_in;
