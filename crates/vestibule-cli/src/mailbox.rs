//! The development mailbox: e-mail is kept in memory and shown on a page, for development on this machine.
//!
//! Whoever reads it can sign in as anybody, so the page answers only requests that name this machine as their
//! host and came through no proxy. The check of the host keeps out pages of other sites whose name was made to
//! point here (DNS rebinding).

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, StatusCode, header};
use maud::html;
use vestibule_engine::{Mail, MailError, Mailer};

use crate::page::page;

/// Where the page is.
pub(crate) const PATH: &str = "/mailbox";
/// How many mails are kept; the oldest are dropped.
const KEPT: usize = 100;

/// Headers that proxies add, besides `X-Forwarded-*`.
const BY_PROXIES: &[&str] =
    &["forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"];

/// Keeps the newest mails. Clones share one box.
#[derive(Clone, Default)]
pub(crate) struct DevelopmentMailbox(Arc<Mutex<VecDeque<Mail>>>);

impl DevelopmentMailbox {
    /// The page with all mails, the newest first; 403 for a request that is not from this machine.
    pub(crate) fn show(&self, headers: &HeaderMap) -> Response {
        if !is_local(headers) {
            let no_store = [(header::CACHE_CONTROL, "no-store")];
            let message = "the development mailbox is shown on this machine only\n";
            return (StatusCode::FORBIDDEN, no_store, message).into_response();
        }
        let mails: Vec<Mail> = self.locked(|mails| mails.iter().cloned().collect());
        let content = html! {
            p { "Mails are caught here, for development, and not sent." }
            @if mails.is_empty() {
                p.note { "No mail yet." }
            }
            @for mail in &mails {
                h2 { (mail.subject) }
                p { "To " strong { (mail.to) } }
                @if let Some(code) = &mail.code {
                    p { "Code " strong { (code) } }
                }
                a.button href=(mail.link) { "Open the link" }
            }
            p.foot { a href=(PATH) { "Look again" } " · " a href="/" { "Home" } }
        };
        page(StatusCode::OK, "Development mailbox", "wide", &content)
    }

    fn locked<T>(&self, act: impl FnOnce(&mut VecDeque<Mail>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Mailer for DevelopmentMailbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.locked(|mails| {
            mails.push_front(mail.clone());
            mails.truncate(KEPT);
        });
        Ok(())
    }
}

impl fmt::Debug for DevelopmentMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevelopmentMailbox(…)")
    }
}

/// Whether a request names this machine as its host, and no proxy says that it passed it on.
fn is_local(headers: &HeaderMap) -> bool {
    let passed_on =
        |name: &HeaderName| BY_PROXIES.contains(&name.as_str()) || name.as_str().starts_with("x-forwarded-");
    if headers.keys().any(passed_on) {
        return false;
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with_host(host: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host).unwrap())])
    }

    #[test]
    fn this_machine_may_read() {
        for host in ["127.0.0.1:3000", "127.0.0.1", "localhost:3000", "LOCALHOST", "[::1]:3000", "[::1]"] {
            assert!(is_local(&with_host(host)), "{host}");
        }
    }

    #[test]
    fn other_hosts_and_proxies_may_not() {
        for host in [
            "app.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "192.0.2.1:3000",
            "",
            "::1.evil",
        ] {
            assert!(!is_local(&with_host(host)), "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
        for name in
            ["forwarded", "x-forwarded-for", "x-forwarded-host", "via", "x-real-ip", "cf-connecting-ip"]
        {
            let mut headers = with_host("127.0.0.1:3000");
            headers.insert(name, HeaderValue::from_static("192.0.2.1"));
            assert!(!is_local(&headers), "{name}");
        }
        let mut twice = with_host("127.0.0.1:3000");
        twice.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert!(!is_local(&twice));
    }

    #[tokio::test]
    async fn the_oldest_mails_are_dropped() {
        let mailbox = DevelopmentMailbox::default();
        for number in 0..=KEPT {
            let mail = Mail::new("ada@example.com", "f", number.to_string(), "t", "h", "l");
            mailbox.send(&mail).await.unwrap();
        }

        let subjects: Vec<String> =
            mailbox.locked(|mails| mails.iter().map(|mail| mail.subject.clone()).collect());

        assert_eq!(subjects.len(), KEPT);
        assert_eq!((subjects[0].as_str(), subjects[KEPT - 1].as_str()), ("100", "1"));
    }
}
