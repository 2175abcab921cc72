//! Sign-in by e-mail.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use vestibule_core::ProviderId;

use crate::config::Codes;
use crate::{InvalidAddress, Secret};

/// What opening a link from a mail does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkRedemption {
    /// It shows a small page whose button signs in, so that a mail scanner that opens every link does not use
    /// the link up, nor get the session.
    #[default]
    Confirm,
    /// It signs in at once, as Auth.js does.
    Immediately,
}

type Normalize = dyn Fn(&str) -> Result<String, InvalidAddress> + Send + Sync;

/// Sign-in by a link that is sent to the user's e-mail address.
#[derive(Clone)]
pub struct EmailProvider {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) from: String,
    pub(crate) max_age: Duration,
    pub(crate) codes: Option<Codes>,
    pub(crate) secret: Option<Secret>,
    pub(crate) normalizer: Option<Arc<Normalize>>,
}

impl EmailProvider {
    /// A provider with the id `email`, the name `Email` and links that last 24 hours, whose mails come from
    /// `from`: `no-reply@example.com` or `App <no-reply@example.com>`.
    pub fn new(from: impl Into<String>) -> Self {
        Self {
            id: ProviderId::from("email"),
            name: "Email".into(),
            from: from.into(),
            max_age: Duration::from_hours(24),
            codes: None,
            secret: None,
            normalizer: None,
        }
    }

    /// Another id, such as `nodemailer` or `resend`; it is part of the URLs.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<ProviderId>) -> Self {
        self.id = id.into();
        self
    }

    /// Another name, which people read.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How long a link can be used.
    #[must_use]
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// A code beside each link, to be typed in where the mail was asked for. Without it the mails, cookies and pages are
    /// as Auth.js has them.
    #[must_use]
    pub fn with_codes(mut self, codes: Codes) -> Self {
        self.codes = Some(codes);
        self
    }

    /// A secret of this provider's own to hash its tokens with, in place of the installation's.
    #[must_use]
    pub fn with_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Another rule for what an address is and which spellings of it are the same
    /// (`normalizeIdentifier`).
    ///
    /// The default is Auth.js', and refuses some more of what is no address: NFKC, lower case, no white space around it, no quotation mark, exactly one
    /// `@`, the domain up to the first comma. What the rule answers is refused if it is longer than 254 bytes
    /// or holds control characters or no `@`.
    #[must_use]
    pub fn with_normalizer(
        mut self,
        normalizer: impl Fn(&str) -> Result<String, InvalidAddress> + Send + Sync + 'static,
    ) -> Self {
        self.normalizer = Some(Arc::new(normalizer));
        self
    }
}

impl fmt::Debug for EmailProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailProvider")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("from", &self.from)
            .field("max_age", &self.max_age)
            .field("codes", &self.codes)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}
