//! The mailer that the environment names.

use std::sync::Arc;

use vestibule_core::SecretToken;
use vestibule_http::HttpClient;

use crate::api::{ApiMailer, MailRegion, MailService};

/// The services that have no settings.
const PLAIN: [MailService; 4] =
    [MailService::ForwardEmail, MailService::Postmark, MailService::Resend, MailService::SendGrid];

/// Sets up the mailer of the service whose key the environment has, or none if it has none.
///
/// See [`service_from_env`] for the variables.
///
/// # Errors
///
/// [`MailerEnvironmentError`].
pub fn from_env(
    lookup: impl Fn(&str) -> Option<String>,
    http: Arc<dyn HttpClient>,
) -> Result<Option<ApiMailer>, MailerEnvironmentError> {
    Ok(service_from_env(lookup)?.map(|(service, key)| ApiMailer::new(service, key, http)))
}

/// The service whose key the environment has, and the key; or none if it has none.
///
/// The key is in `AUTH_FORWARDEMAIL_KEY`, `AUTH_LOOPS_KEY`, `AUTH_MAILGUN_KEY`, `AUTH_POSTMARK_KEY`, `AUTH_RESEND_KEY` or
/// `AUTH_SENDGRID_KEY`. Loops wants `AUTH_LOOPS_TRANSACTIONAL_ID` too; `AUTH_MAILGUN_REGION` is `US` or `EU`, and `US` if it
/// is not there. An empty value is none.
///
/// # Errors
///
/// [`MailerEnvironmentError`].
pub fn service_from_env(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<(MailService, SecretToken)>, MailerEnvironmentError> {
    let value = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let mut found: Option<(MailService, SecretToken)> = None;
    let mut add = |service: MailService, key: String| {
        if let Some((first, _)) = &found {
            return Err(MailerEnvironmentError::Several { one: first.id(), another: service.id() });
        }
        found = Some((service, key.into()));
        Ok(())
    };
    for service in PLAIN {
        if let Some(key) = value(&format!("AUTH_{}_KEY", service.id().to_ascii_uppercase())) {
            add(service, key)?;
        }
    }
    if let Some(key) = value("AUTH_LOOPS_KEY") {
        let transactional_id =
            value("AUTH_LOOPS_TRANSACTIONAL_ID").ok_or(MailerEnvironmentError::TemplateMissing)?;
        add(MailService::Loops { transactional_id: transactional_id.into() }, key)?;
    }
    if let Some(key) = value("AUTH_MAILGUN_KEY") {
        let region = match value("AUTH_MAILGUN_REGION").as_deref() {
            None | Some("US" | "us") => MailRegion::Us,
            Some("EU" | "eu") => MailRegion::Eu,
            Some(_) => return Err(MailerEnvironmentError::RegionUnknown),
        };
        add(MailService::Mailgun(region), key)?;
    }
    Ok(found)
}

/// Why the environment names no mailer that can be used. Nothing was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MailerEnvironmentError {
    /// There are the keys of two services.
    #[error("there are keys of {one} and of {another}; only one of them can send the mails")]
    Several {
        /// The id of one of them.
        one: &'static str,
        /// The id of another.
        another: &'static str,
    },

    /// Loops has no template.
    #[error("AUTH_LOOPS_TRANSACTIONAL_ID is missing: Loops needs the template of the mail")]
    TemplateMissing,

    /// Mailgun has no such region.
    #[error("AUTH_MAILGUN_REGION is neither US nor EU")]
    RegionUnknown,
}
