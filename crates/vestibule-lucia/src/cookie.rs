//! The session cookie, byte for byte as Lucia v3 writes it.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use vestibule_core::SecretToken;

/// What JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// As long as Chromium lets a cookie live.
const LONG: Duration = Duration::from_hours(400 * 24);

/// Which other sites' requests the browser sends the cookie with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Only when somebody follows a link.
    #[default]
    Lax,
    /// With all of them; browsers want `Secure` with it.
    None,
    /// With none.
    Strict,
}

/// How long the browser keeps the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CookieLifetime {
    /// As long as the session lives. For applications that send the cookie again when a session is fresh.
    #[default]
    AsSession,
    /// 400 days, whatever the session does: Lucia's `expires: false`. For applications that cannot send a cookie
    /// with every response.
    Long,
    /// Until the browser is closed. Lucia v3 has no such setting.
    Browser,
}

/// A name or an attribute that would break the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// A domain is empty, or holds something else than visible ASCII without `;` and `,`.
    #[error("the domain of a cookie is visible ASCII without ; and ,")]
    DomainRefused,
    /// A name is empty.
    #[error("the name of a cookie is not empty")]
    NameEmpty,
    /// A path does not begin with `/`, or holds something else than ASCII without controls and `;`.
    #[error("the path of a cookie begins with / and is ASCII without ;")]
    PathRefused,
}

/// The settings of the session cookie: Lucia's `sessionCookie`.
///
/// By default it is called `auth_session`, lives as long as the session, and is sent over https only, to every
/// path of the host that set it, and with requests from other sites only when somebody follows a link. No script
/// can read it; that is no setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    name: String,
    lifetime: CookieLifetime,
    secure: bool,
    same_site: SameSite,
    domain: Option<String>,
    path: String,
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self {
            name: "auth_session".into(),
            lifetime: CookieLifetime::default(),
            secure: true,
            same_site: SameSite::default(),
            domain: None,
            path: "/".into(),
        }
    }
}

impl SessionCookie {
    /// Another name. What does not belong into a cookie's name is percent-encoded.
    ///
    /// # Errors
    ///
    /// [`CookieError::NameEmpty`].
    pub fn with_name(self, name: impl Into<String>) -> Result<Self, CookieError> {
        let name = name.into();
        if name.is_empty() { Err(CookieError::NameEmpty) } else { Ok(Self { name, ..self }) }
    }

    /// How long the browser keeps it.
    #[must_use]
    pub fn with_lifetime(self, lifetime: CookieLifetime) -> Self {
        Self { lifetime, ..self }
    }

    /// Which other sites' requests it comes with.
    #[must_use]
    pub fn with_same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// Sends it over plain http as well. For development only.
    #[must_use]
    pub fn without_secure(self) -> Self {
        Self { secure: false, ..self }
    }

    /// Sends it to the subdomains of `domain` as well.
    ///
    /// # Errors
    ///
    /// [`CookieError::DomainRefused`].
    pub fn with_domain(self, domain: impl Into<String>) -> Result<Self, CookieError> {
        let domain = domain.into();
        let good = |byte: u8| byte.is_ascii_graphic() && byte != b';' && byte != b',';
        if domain.is_empty() || !domain.bytes().all(good) {
            return Err(CookieError::DomainRefused);
        }
        Ok(Self { domain: Some(domain), ..self })
    }

    /// Sends it to paths below `path` only.
    ///
    /// # Errors
    ///
    /// [`CookieError::PathRefused`].
    pub fn with_path(self, path: impl Into<String>) -> Result<Self, CookieError> {
        let path = path.into();
        let good = |byte: u8| (byte.is_ascii_graphic() || byte == b' ') && byte != b';';
        if !path.starts_with('/') || !path.bytes().all(good) {
            return Err(CookieError::PathRefused);
        }
        Ok(Self { path, ..self })
    }

    /// The session id in a `Cookie` header, if it holds one. Of several cookies with the name, the last counts, as
    /// it does for Lucia. An empty value, such as a blank cookie has, is none.
    ///
    /// A header that Lucia throws an error at is read all the same: what is not percent-encoded well is taken as
    /// it is, and cookies may be separated by `;` alone.
    pub fn read(&self, header: &str) -> Option<SecretToken> {
        let pairs = header.split(';').map(|pair| pair.trim_matches([' ', '\t']));
        let named = pairs.rev().find_map(|pair| {
            let mut parts = pair.split('=');
            (decode(parts.next()?) == self.name).then(|| decode(parts.next().unwrap_or_default()))
        });
        named.filter(|value| !value.is_empty()).map(|value| SecretToken::new(&*value))
    }

    /// The cookie that holds a session id. `lifetime` is that of sessions.
    pub(crate) fn write(&self, id: &SecretToken, lifetime: Duration) -> Cookie {
        let max_age = match self.lifetime {
            CookieLifetime::AsSession => Some(lifetime.as_secs()),
            CookieLifetime::Long => Some(LONG.as_secs()),
            CookieLifetime::Browser => None,
        };
        Cookie { settings: self.clone(), value: id.clone(), max_age }
    }

    /// The cookie that takes the session cookie away.
    pub(crate) fn blank(&self) -> Cookie {
        Cookie { settings: self.clone(), value: SecretToken::from(""), max_age: Some(0) }
    }
}

/// JavaScript's `decodeURIComponent`; what that would throw at is kept as it is.
fn decode(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let whole = |(at, byte): (usize, &u8)| *byte != b'%' || (is_hex(at + 1) && is_hex(at + 2));
    if !bytes.iter().enumerate().all(whole) {
        return Cow::Borrowed(text);
    }
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

/// A cookie to be sent with a response. Prints neither its value nor the session's id.
#[derive(Clone, PartialEq, Eq)]
pub struct Cookie {
    settings: SessionCookie,
    value: SecretToken,
    max_age: Option<u64>,
}

impl Cookie {
    /// The name, not encoded.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The value, not encoded: the session's id, or nothing.
    pub fn value(&self) -> &SecretToken {
        &self.value
    }

    /// How many seconds the browser keeps it; `None` until it is closed, 0 takes it away.
    pub fn max_age(&self) -> Option<u64> {
        self.max_age
    }

    /// The value of the `Set-Cookie` header: visible ASCII and spaces, whatever the id is.
    #[doc(alias = "serialize")]
    pub fn to_header(&self) -> String {
        let SessionCookie { name, secure, same_site, domain, path, .. } = &self.settings;
        let encode = |text| utf8_percent_encode(text, COMPONENT);
        let mut header = format!("{}={}", encode(name), encode(self.value.expose()));
        if let Some(domain) = domain {
            let _ = write!(header, "; Domain={domain}");
        }
        header.push_str("; HttpOnly");
        if let Some(seconds) = self.max_age {
            let _ = write!(header, "; Max-Age={seconds}");
        }
        let _ = write!(header, "; Path={path}; SameSite={same_site:?}");
        if *secure {
            header.push_str("; Secure");
        }
        header
    }
}

impl fmt::Debug for Cookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cookie")
            .field("settings", &self.settings)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(header: &str) -> Option<String> {
        SessionCookie::default().read(header).map(|id| id.expose().to_owned())
    }

    #[test]
    fn what_would_break_the_header_is_refused() {
        let cookie = SessionCookie::default;

        assert_eq!(cookie().with_name(""), Err(CookieError::NameEmpty));
        for domain in ["", "a;b", "a b", "a\r\nb", "é.example", "a,b"] {
            assert_eq!(cookie().with_domain(domain), Err(CookieError::DomainRefused), "{domain:?}");
        }
        for path in ["", "a", "/a;b", "/a\nb", "/é"] {
            assert_eq!(cookie().with_path(path), Err(CookieError::PathRefused), "{path:?}");
        }
    }

    #[test]
    fn a_cookie_prints_no_id() {
        let printed = format!("{:?}", SessionCookie::default().write(&"hunter2".into(), LONG));

        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn a_blank_cookie_is_no_session() {
        assert_eq!(read("auth_session="), None);
        assert_eq!(read("auth_session"), None);
        assert_eq!(read("auth_session=a; auth_session="), None);
    }

    #[test]
    fn headers_that_lucia_throws_at_are_read() {
        assert_eq!(read("auth_session=a; x=%").as_deref(), Some("a"));
        assert_eq!(read("auth_session=%").as_deref(), Some("%"));
        assert_eq!(read("auth_session=%ff").as_deref(), Some("%ff"));
        assert_eq!(read("x=1;auth_session=a").as_deref(), Some("a"));
    }

    #[test]
    fn a_cookie_may_last_until_the_browser_is_closed() {
        let cookie = SessionCookie::default().with_lifetime(CookieLifetime::Browser);

        assert_eq!(
            cookie.write(&"a".into(), LONG).to_header(),
            "auth_session=a; HttpOnly; Path=/; SameSite=Lax; Secure"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(name in ".{1,12}", id in ".{1,40}", before in "[a-z=; ]{0,12}") {
            let cookie = SessionCookie::default().with_name(name).unwrap();

            let header = cookie.write(&SecretToken::from(&*id), LONG).to_header();
            let sent = header.split("; ").next().unwrap();

            prop_assert!(header.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{header}");
            let read = cookie.read(&format!("{before}; {sent}"));
            prop_assert_eq!(read.as_ref().map(SecretToken::expose), Some(&*id));
        }

        #[test]
        fn reading_is_total(header in ".*") {
            let _ = read(&header);
        }
    }
}
