//! Which mail server, and how to speak to it.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};
use vestibule_core::SecretToken;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SmtpTls {
    /// Not at all: only sensible on this machine.
    None,
    /// STARTTLS if the server offers it.
    Opportunistic,
    /// STARTTLS, or no mail.
    Required,
    /// TLS from the first byte (`smtps`).
    Wrapper,
}

/// A mail server, read from a URL such as `smtp://user:password@mail.example.com:587`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: SmtpTls,
    pub(super) credentials: Option<(String, SecretToken)>,
}

impl SmtpServer {
    /// Reads the URL. `smtp` means port 587 with STARTTLS, which is required unless the server is this machine;
    /// `smtps` means port 465. `?tls=none|opportunistic|required` says otherwise.
    ///
    /// # Errors
    ///
    /// [`SmtpServerError`], which says what is wrong and never shows the URL: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, SmtpServerError> {
        Self::read(text).map_err(SmtpServerError)
    }

    /// The server's name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn read(text: &str) -> Result<Self, String> {
        const SHAPE: &str = "write smtp://USER:PASSWORD@HOST:PORT or smtps://…";
        let url = Url::parse(text).map_err(|error| format!("this is not a URL ({error}); {SHAPE}"))?;
        let (port, mut tls) = match url.scheme() {
            "smtp" if is_this_machine(&url) => (587, SmtpTls::None),
            "smtp" => (587, SmtpTls::Required),
            "smtps" => (465, SmtpTls::Wrapper),
            scheme => return Err(format!("{scheme:?} is no mail protocol; {SHAPE}")),
        };
        let host = match url.host_str() {
            Some(host) if !host.is_empty() => host.trim_matches(['[', ']']).to_owned(),
            _ => return Err(format!("the host is missing; {SHAPE}")),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(format!("there is something after the host; {SHAPE}"));
        }
        for (name, value) in url.query_pairs() {
            tls = match (&*name, &*value) {
                ("tls", _) if tls == SmtpTls::Wrapper => {
                    return Err("`tls` has no meaning with smtps, which is always encrypted".into());
                }
                ("tls", "none") => SmtpTls::None,
                ("tls", "opportunistic") => SmtpTls::Opportunistic,
                ("tls", "required") => SmtpTls::Required,
                ("tls", _) => return Err("`tls` is one of none, opportunistic, required".into()),
                (name, _) => return Err(format!("the option {name:?} is not known; the only one is `tls`")),
            };
        }
        let user = decode(url.username())?;
        let password = url.password().map(decode).transpose()?;
        let credentials = match (user.as_str(), password) {
            ("", None) => None,
            ("", Some(_)) => return Err("there is a password but no user".into()),
            (_, None) => return Err("there is a user but no password".into()),
            (_, Some(password)) => Some((user, SecretToken::from(password))),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), tls, credentials })
    }
}

/// Why a text is not the URL of a mail server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SmtpServerError(String);

fn decode(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(String::from)
        .map_err(|_| "user or password is not UTF-8 after percent-decoding".into())
}

/// Whether the host of a URL is this machine by name or address.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Schemes that the URL standard does not know keep addresses as text.
        Some(Host::Domain(name)) => {
            let name = name.to_ascii_lowercase();
            name == "localhost"
                || name.ends_with(".localhost")
                || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_server_must_encrypt() {
        let server = SmtpServer::parse("smtp://ada:p%40ss@mail.example.com").unwrap();

        assert_eq!(
            server,
            SmtpServer {
                host: "mail.example.com".into(),
                port: 587,
                tls: SmtpTls::Required,
                credentials: Some(("ada".into(), SecretToken::from("p@ss"))),
            }
        );
        assert!(!format!("{server:?}").contains("p@ss"));
    }

    #[test]
    fn smtps_is_encrypted_from_the_first_byte() {
        let server = SmtpServer::parse("smtps://mail.example.com").unwrap();

        assert_eq!((server.port, server.tls), (465, SmtpTls::Wrapper));
        assert_eq!(server.credentials, None);
    }

    #[test]
    fn a_server_on_this_machine_may_go_without() {
        for (url, host, port) in [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525),
            ("smtp://localhost", "localhost", 587),
            ("smtp://[::1]:25/", "::1", 25),
        ] {
            let server = SmtpServer::parse(url).unwrap();

            assert_eq!((server.host.as_str(), server.port, server.tls), (host, port, SmtpTls::None), "{url}");
        }
    }

    #[test]
    fn encryption_can_be_chosen() {
        let tls = |url| SmtpServer::parse(url).unwrap().tls;

        assert_eq!(tls("smtp://h?tls=none"), SmtpTls::None);
        assert_eq!(tls("smtp://h?tls=opportunistic"), SmtpTls::Opportunistic);
        assert_eq!(tls("smtp://localhost?tls=required"), SmtpTls::Required);
    }

    #[test]
    fn what_is_no_mail_url_is_refused_without_showing_it() {
        for url in [
            "",
            "mail.example.com",
            "http://u:hunter2@h",
            "smtp://",
            "smtp://u@h",
            "smtp://:hunter2@h",
            "smtp://u:hunter2@h/path",
            "smtp://u:hunter2@h?tls=no",
            "smtp://u:hunter2@h?verify=0",
            "smtps://u:hunter2@h?tls=none",
            "smtp://u:hunter2%ff@h",
        ] {
            let problem = SmtpServer::parse(url).unwrap_err().to_string();

            assert!(!problem.contains("hunter2"), "{url}: {problem}");
        }
    }
}
