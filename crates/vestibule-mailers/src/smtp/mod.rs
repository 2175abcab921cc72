//! Mail by SMTP: what Auth.js calls `nodemailer` and `email`.
//!
//! What a mail server answers may quote the address it refuses, so of an answer only the code is kept.

mod server;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lettre::address::AddressError;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use vestibule_core::{BoxError, Random};
use vestibule_engine::{Mail, MailError, Mailer};

use self::server::SmtpTls;
pub use self::server::{SmtpServer, SmtpServerError};

/// How long one step of the conversation may take.
const STEP: Duration = Duration::from_secs(10);
/// How long the whole conversation may take; the browser waits for it.
const WHOLE: Duration = Duration::from_secs(20);

/// Sends each mail on a connection of its own, over TLS that the server must have unless its URL says otherwise.
///
/// Needs a runtime of tokio with I/O and time. A step of the conversation may take 10 s, all of it 20 s.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    random: Arc<dyn Random>,
}

impl SmtpMailer {
    /// Connects to nothing yet. The ids of the mails come from `random`.
    ///
    /// # Errors
    ///
    /// [`SmtpTlsError`].
    pub fn new(server: &SmtpServer, random: Arc<dyn Random>) -> Result<Self, SmtpTlsError> {
        let parameters =
            || TlsParameters::new(server.host.clone()).map_err(|error| SmtpTlsError(Box::new(error)));
        let tls = match server.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Opportunistic => Tls::Opportunistic(parameters()?),
            SmtpTls::Required => Tls::Required(parameters()?),
            SmtpTls::Wrapper => Tls::Wrapper(parameters()?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .timeout(Some(STEP))
            .tls(tls);
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self { transport: builder.build(), random })
    }

    fn message(&self, mail: &Mail) -> Result<Message, BoxError> {
        // No error is kept: they may quote the address.
        let from: Mailbox = mail.from.parse().map_err(|_: AddressError| "the sender is not an address")?;
        let to = mail.to.parse().map_err(|_: AddressError| "the recipient is not an address")?;
        let mut id = [0; 16];
        self.random.fill(&mut id);
        let message_id = format!("<{}@{}>", hex::encode(id), from.email.domain());
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(&mail.subject)
            .message_id(Some(message_id))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|_| "the message cannot be put together".into())
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail).map_err(MailError::Refused)?;
        match tokio::time::timeout(WHOLE, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(MailError::Refused(Box::new(Answer::of(&error)))),
            Ok(Err(error)) => Err(MailError::Unavailable(Box::new(Answer::of(&error)))),
            Err(_) => Err(MailError::Unavailable("the mail server took too long".into())),
        }
    }
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer").finish_non_exhaustive()
    }
}

/// What is kept of a failed conversation.
#[derive(Debug)]
enum Answer {
    Code(String),
    Tls,
    Timeout,
    Connection,
}

impl Answer {
    fn of(error: &lettre::transport::smtp::Error) -> Self {
        if let Some(code) = error.status() {
            Self::Code(code.to_string())
        } else if error.is_tls() {
            Self::Tls
        } else if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Connection
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "the mail server answered {code}"),
            Self::Tls => f.write_str("no encrypted connection to the mail server came about"),
            Self::Timeout => f.write_str("the mail server took too long"),
            Self::Connection => f.write_str(
                "the mail server cannot be reached, does not encrypt, or does not speak as expected",
            ),
        }
    }
}

impl std::error::Error for Answer {}

/// TLS cannot be set up for a mail server: its name is not one that a certificate could have.
#[derive(Debug, thiserror::Error)]
#[error("TLS to the mail server cannot be set up")]
pub struct SmtpTlsError(#[source] BoxError);

/// The sender of mails as it is written in them, from `Name <name@example.com>` or an address.
///
/// # Errors
///
/// [`SenderError`] if it is neither.
pub fn sender(text: &str) -> Result<String, SenderError> {
    text.parse::<Mailbox>().map(|sender| sender.to_string()).map_err(|_| SenderError)
}

/// A text is neither an address nor a name with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an address; write Name <name@example.com>")]
pub struct SenderError;
