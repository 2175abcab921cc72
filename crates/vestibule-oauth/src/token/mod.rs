//! The token endpoint.

mod assertion;
mod authenticate;
mod request;
mod response;

pub(crate) use self::authenticate::To;
pub(crate) use self::request::{Grant, header, token_request};
pub(crate) use self::response::TokenResponse;
