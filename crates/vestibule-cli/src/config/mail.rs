//! Who sends the mails.

use vestibule_core::SecretToken;
use vestibule_mailers::smtp::{self, SmtpServer};
use vestibule_mailers::{MailService, service_from_env};

use super::Sources;
use super::merge::{Found, Problems, first};

/// What becomes of e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mail {
    /// It is caught and shown on a page.
    DevelopmentMailbox,
    /// It is sent.
    Smtp {
        /// By which server.
        server: SmtpServer,
        /// From whom.
        from: String,
    },
    /// It is handed to a mail service.
    Service {
        /// To which.
        service: MailService,
        /// Under whose account.
        key: SecretToken,
        /// From whom.
        from: String,
    },
}

impl Sources {
    /// A mail server, or else the service whose key there is, or else the development mailbox.
    pub(super) fn mail(&self, problems: &mut Problems) -> Mail {
        let server = first([
            Found::env(&self.env, "AUTH_EMAIL_SERVER"),
            Found::env(&self.env, "EMAIL_SERVER"),
            Found::file("email.server", self.file.email.server.as_ref().map(|url| url.0.as_str())),
        ]);
        let from = first([
            Found::env(&self.env, "AUTH_EMAIL_FROM"),
            Found::env(&self.env, "EMAIL_FROM"),
            Found::file("email.from", self.file.email.from.as_deref()),
        ]);
        let service =
            service_from_env(|name| self.env.get(name).map(str::to_owned)).unwrap_or_else(|error| {
                problems.add("the key of a mail service", &error.to_string());
                None
            });
        if server.is_none() && service.is_none() {
            return Mail::DevelopmentMailbox;
        }
        let server = server.and_then(|server| {
            problems.parse(&server, |text| SmtpServer::parse(text).map_err(|error| error.to_string()))
        });
        let from = if let Some(from) = from {
            problems.parse(&from, |text| smtp::sender(text).map_err(|error| error.to_string()))
        } else {
            problems.add(
                "AUTH_EMAIL_FROM",
                "is not set; set it to the sender of the e-mails, such as Name <name@example.com>",
            );
            None
        };
        match (server, service, from) {
            (Some(_), Some((service, _)), _) => {
                problems.add(
                    "AUTH_EMAIL_SERVER",
                    &format!(
                        "is set, and so is the key of {}; only one of them can send the mails",
                        service.name()
                    ),
                );
                Mail::DevelopmentMailbox
            }
            (Some(server), None, Some(from)) => Mail::Smtp { server, from },
            (None, Some((service, key)), Some(from)) => Mail::Service { service, key, from },
            // A problem is noted; these settings are not used.
            _ => Mail::DevelopmentMailbox,
        }
    }
}
