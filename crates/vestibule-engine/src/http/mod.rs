//! Requests in and responses out, in the terms of Auth.js' HTTP interface.

mod fields;
mod origin;
mod path;
mod reply;
mod request;
mod response;
mod same_origin;

pub(crate) use fields::{Fields, Malformed};
pub(crate) use origin::{Origin, OriginPolicy, UntrustedHost};
pub(crate) use path::{Action, Route};
pub(crate) use reply::{Content, Reply};
pub(crate) use request::{Inbound, MAX_QUERY, Method};
pub(crate) use response::{failure, plain_failure, success};
pub(crate) use same_origin::posted_from_here;
