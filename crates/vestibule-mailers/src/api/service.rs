//! The requests of each service, as it documents them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vestibule_engine::Mail;
use vestibule_http::Bytes;
use vestibule_http::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use vestibule_http::http::{HeaderName, HeaderValue, Request};

use super::multipart::Multipart;
use crate::sender::Sender;

/// A mail service, under the name that it has in Auth.js.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailService {
    /// Forward Email.
    ForwardEmail,
    /// Loops, which writes the mail itself after a template that has the variable `url`, and `code` where codes are sent.
    Loops {
        /// The template's `transactionalId`.
        transactional_id: Box<str>,
    },
    /// Mailgun. The sender's domain is the sending domain.
    Mailgun(MailRegion),
    /// Postmark, by its stream `outbound`.
    Postmark,
    /// Resend. Whether it rewrites links is a setting of the domain there.
    Resend,
    /// `SendGrid`.
    SendGrid,
}

/// Where a service keeps an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailRegion {
    /// The United States.
    #[default]
    Us,
    /// The European Union.
    Eu,
}

impl MailService {
    /// The id of the provider in Auth.js.
    pub fn id(&self) -> &'static str {
        match self {
            Self::ForwardEmail => "forwardemail",
            Self::Loops { .. } => "loops",
            Self::Mailgun(_) => "mailgun",
            Self::Postmark => "postmark",
            Self::Resend => "resend",
            Self::SendGrid => "sendgrid",
        }
    }

    /// The name for display.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ForwardEmail => "Forward Email",
            Self::Loops { .. } => "Loops",
            Self::Mailgun(_) => "Mailgun",
            Self::Postmark => "Postmark",
            Self::Resend => "Resend",
            Self::SendGrid => "SendGrid",
        }
    }

    fn endpoint(&self) -> &'static str {
        match self {
            Self::ForwardEmail => "https://api.forwardemail.net",
            Self::Loops { .. } => "https://app.loops.so",
            Self::Mailgun(MailRegion::Us) => "https://api.mailgun.net",
            Self::Mailgun(MailRegion::Eu) => "https://api.eu.mailgun.net",
            Self::Postmark => "https://api.postmarkapp.com",
            Self::Resend => "https://api.resend.com",
            Self::SendGrid => "https://api.sendgrid.com",
        }
    }

    /// The request that hands a mail over. An error says what is wrong, and holds neither key nor address.
    pub(super) fn request(
        &self,
        endpoint: Option<&str>,
        key: &str,
        mail: &Mail,
    ) -> Result<Request<Bytes>, &'static str> {
        let endpoint = endpoint.unwrap_or_else(|| self.endpoint()).trim_end_matches('/');
        let sender = Sender::parse(&mail.from);
        let (path, kind, body) = match self {
            Self::Mailgun(_) => {
                let domain = sender.domain().ok_or("the sender has no domain")?;
                let (kind, body) = mailgun(mail);
                (format!("/v3/{domain}/messages"), kind, body)
            }
            _ => {
                (self.path().to_owned(), "application/json".to_owned(), self.json(&sender, mail).to_string())
            }
        };
        let (name, mut value) = self.authorization(key).ok_or("the key is not one")?;
        value.set_sensitive(true);
        Request::post(format!("{endpoint}{path}"))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, kind)
            .header(name, value)
            .body(Bytes::from(body))
            .map_err(|_| "the endpoint is not a URL")
    }

    fn path(&self) -> &'static str {
        match self {
            Self::ForwardEmail => "/v1/emails",
            Self::Loops { .. } => "/api/v1/transactional",
            Self::Mailgun(_) => "/v3",
            Self::Postmark => "/email",
            Self::Resend => "/emails",
            Self::SendGrid => "/v3/mail/send",
        }
    }

    fn authorization(&self, key: &str) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::Loops { .. } | Self::Resend | Self::SendGrid => (AUTHORIZATION, format!("Bearer {key}")),
            Self::ForwardEmail => (AUTHORIZATION, basic(key, "")),
            Self::Mailgun(_) => (AUTHORIZATION, basic("api", key)),
            Self::Postmark => (HeaderName::from_static("x-postmark-server-token"), key.to_owned()),
        };
        Some((name, HeaderValue::try_from(value).ok()?))
    }

    fn json(&self, sender: &Sender<'_>, mail: &Mail) -> Value {
        let Mail { to, from, subject, text, html, link, code, .. } = mail;
        match self {
            Self::Loops { transactional_id } => {
                let mut variables = json!({"url": link});
                if let Some(code) = code {
                    variables["code"] = code.as_str().into();
                }
                json!({"transactionalId": transactional_id, "email": to, "dataVariables": variables})
            }
            Self::Postmark => json!({
                "From": from, "To": to, "Subject": subject, "TextBody": text, "HtmlBody": html,
                "MessageStream": "outbound", "TrackLinks": "None", "TrackOpens": false,
            }),
            Self::SendGrid => {
                let mut said = json!({"email": sender.address});
                if let Some(name) = sender.name {
                    said["name"] = name.into();
                }
                json!({
                    "personalizations": [{"to": [{"email": to}]}],
                    "from": said,
                    "subject": subject,
                    "content": [
                        {"type": "text/plain", "value": text},
                        {"type": "text/html", "value": html},
                    ],
                    "tracking_settings": {
                        "click_tracking": {"enable": false, "enable_text": false},
                        "open_tracking": {"enable": false},
                    },
                })
            }
            Self::ForwardEmail | Self::Mailgun(_) | Self::Resend => json!({
                "from": from, "to": to, "subject": subject, "html": html, "text": text,
            }),
        }
    }
}

fn mailgun(mail: &Mail) -> (String, String) {
    let mut form = Multipart::default();
    form.add("from", &mail.from);
    form.add("to", &mail.to);
    form.add("subject", &mail.subject);
    form.add("html", &mail.html);
    form.add("text", &mail.text);
    form.add("o:tracking", "no");
    form.finish()
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
