//! The relying party against a provider on this machine that can be told to misbehave.

mod callback;
mod discovery;
mod id_token;
mod keys;
mod quirks;
mod refresh;
mod sign_in;
mod support;
mod token_endpoint;
mod user_info;
