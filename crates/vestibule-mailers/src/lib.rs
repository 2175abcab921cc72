//! Mailers: who sends the mails that the engine writes.
//!
//! [`ApiMailer`] hands mails to one of the mail services that Auth.js has providers for, over HTTP. [`from_env`] sets up
//! the one that the environment names.
//!
//! Nothing here makes a mail, tries a mail again that may have been sent, or logs. What a service answers may quote the
//! address that it refuses, so of an answer only its status and a code are kept.

mod api;
mod environment;
mod sender;

pub use crate::api::{ApiMailer, MailRegion, MailService, ServiceAnswer};
pub use crate::environment::{MailerEnvironmentError, from_env};
