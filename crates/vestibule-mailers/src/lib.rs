//! Mailers: who sends the mails that the engine writes.
//!
//! [`ApiMailer`] hands mails to one of the mail services that Auth.js has providers for, over HTTP. [`from_env`] sets up
//! the one that the environment names. With the feature `smtp` there is a mailer for any mail server, `smtp::SmtpMailer`.
//!
//! Nothing here makes a mail, tries a mail again that may have been sent, or logs. What a service answers may quote the
//! address that it refuses, so of an answer only its status and a code are kept.

mod api;
mod environment;
mod sender;
#[cfg(feature = "smtp")]
pub mod smtp;

pub use crate::api::{ApiMailer, MailRegion, MailService, ServiceAnswer};
pub use crate::environment::{MailerEnvironmentError, from_env, service_from_env};
