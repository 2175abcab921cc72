//! Mail is handed out: the engine writes it, a [`Mailer`] sends it.

use std::fmt;

use async_trait::async_trait;
use vestibule_core::BoxError;

/// Sends mail: by SMTP, by a service's API, or into a development mailbox.
#[async_trait]
pub trait Mailer: fmt::Debug + Send + Sync + 'static {
    /// Hands one mail over for delivery, and returns once it is accepted.
    ///
    /// The engine waits for it before it answers the browser, so an implementation needs a time limit of its
    /// own.
    ///
    /// # Errors
    ///
    /// [`MailError`] if the mail was not accepted, or if that is not known.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A mail to one address. Its `Debug` says nothing: the body holds a link that signs in, and maybe a code.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// The address it goes to, normalized.
    pub to: String,
    /// The sender, as the provider is configured: `a@b.example` or `Name <a@b.example>`.
    pub from: String,
    /// The subject line; no line breaks.
    pub subject: String,
    /// The plain text body.
    pub text: String,
    /// The HTML body; says the same as the text.
    pub html: String,
    /// The link in both bodies. Whoever has it can sign in as the recipient.
    pub link: String,
    /// The code in both bodies, if the provider sends codes.
    pub code: Option<String>,
}

impl Mail {
    /// A mail from its parts, for tests of a [`Mailer`].
    pub fn new(
        to: impl Into<String>,
        from: impl Into<String>,
        subject: impl Into<String>,
        text: impl Into<String>,
        html: impl Into<String>,
        link: impl Into<String>,
    ) -> Self {
        Self {
            to: to.into(),
            from: from.into(),
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
            link: link.into(),
            code: None,
        }
    }

    /// The same with the code that stands in the bodies.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The mail was refused for good: a sender or recipient that is not accepted, a body that is too large.
    #[error("the mail was refused")]
    Refused(#[source] BoxError),

    /// The mail service could not be reached, or gave up waiting. The mail may have been sent or not.
    #[error("the mail service is unavailable")]
    Unavailable(#[source] BoxError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_prints_nothing() {
        let mail = Mail::new("ada@example.com", "f", "s", "t", "h", "http://l?token=abc");

        assert_eq!(format!("{mail:?}"), "Mail(…)");
    }
}
