//! The `Set-Cookie` header.

use std::fmt::Write as _;

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vestibule_core::Timestamp;

use crate::config::{CookiePriority, SameSite};
use crate::cookie::CookieSpec;
use crate::time::http_date;

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

impl CookieSpec {
    /// A cookie that lasts as long as the browser runs.
    pub(crate) fn set(&self, value: &str) -> HeaderValue {
        self.write(&self.name, value, self.max_age, None)
    }

    /// A cookie that lasts until `expires`.
    pub(crate) fn set_until(&self, value: &str, expires: Timestamp) -> HeaderValue {
        self.write(&self.name, value, self.max_age, Some(expires))
    }

    /// A cookie that lasts until `expires`, and says how many seconds that is as well.
    pub(crate) fn set_for(&self, value: &str, seconds: Option<u64>, expires: Timestamp) -> HeaderValue {
        self.write(&self.name, value, self.max_age.or(seconds), Some(expires))
    }

    /// The same under the name of the cookie or of a chunk of it.
    pub(crate) fn set_as(&self, name: &str, value: &str, expires: Timestamp) -> HeaderValue {
        self.write(name, value, self.max_age, Some(expires))
    }

    /// Deletes the cookie, or the chunk of it that has this name.
    pub(crate) fn delete(&self, name: &str) -> HeaderValue {
        self.write(name, "", Some(0), None)
    }

    fn write(
        &self,
        name: &str,
        value: &str,
        max_age: Option<u64>,
        expires: Option<Timestamp>,
    ) -> HeaderValue {
        // Room for a token, and for the longest attributes but a domain's.
        let mut text = String::with_capacity(name.len() + value.len() + 112);
        text.push_str(name);
        text.push('=');
        if is_plain(value) {
            text.push_str(value);
        } else {
            text.extend(utf8_percent_encode(value, COMPONENT));
        }
        if let Some(seconds) = max_age {
            let _ = write!(text, "; Max-Age={seconds}");
        }
        if let Some(domain) = &self.domain {
            let _ = write!(text, "; Domain={domain}");
        }
        text.push_str("; Path=");
        text.push_str(&self.path);
        if let Some(expires) = expires {
            text.push_str("; Expires=");
            text.push_str(http_date(expires).as_str());
        }
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        if self.secure {
            text.push_str("; Secure");
        }
        if self.partitioned {
            text.push_str("; Partitioned");
        }
        text.push_str(match self.priority {
            Some(CookiePriority::Low) => "; Priority=Low",
            Some(CookiePriority::Medium) => "; Priority=Medium",
            Some(CookiePriority::High) => "; Priority=High",
            None => "",
        });
        text.push_str(match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        });
        // Names, domains and paths are checked when the engine is made, values are encoded: all of it is ASCII.
        let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }
}

/// Whether nothing of a value is to be encoded, as of a token. Every byte is looked at, since that is faster than to
/// stop at the first.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    value.bytes().fold(true, |all, byte| all & plain(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(secure: bool, domain: Option<&str>) -> CookieSpec {
        CookieSpec { domain: domain.map(Into::into), secure, ..CookieSpec::named("authjs.session-token") }
    }

    #[test]
    fn attributes_come_in_the_order_of_the_original() {
        let until = Timestamp::from_millis(1_797_771_973_652);

        assert_eq!(
            spec(false, None).set("a|b:c/d-_.!~*'()"),
            "authjs.session-token=a%7Cb%3Ac%2Fd-_.!~*'(); Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            spec(true, Some("example.com")).set_until("v", until),
            "authjs.session-token=v; Domain=example.com; Path=/; Expires=Sun, 20 Dec 2026 13:06:13 GMT; \
             HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(
            spec(false, None).delete("authjs.session-token.1"),
            "authjs.session-token.1=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn every_attribute_can_be_another() {
        let spec = CookieSpec {
            path: "/app".into(),
            max_age: Some(60),
            http_only: false,
            same_site: SameSite::Strict,
            ..spec(true, None)
        };
        let until = Timestamp::from_millis(1_797_771_973_652);

        assert_eq!(spec.set("v"), "authjs.session-token=v; Max-Age=60; Path=/app; Secure; SameSite=Strict");
        assert_eq!(
            spec.set_for("v", Some(900), until),
            "authjs.session-token=v; Max-Age=60; Path=/app; Expires=Sun, 20 Dec 2026 13:06:13 GMT; Secure; \
             SameSite=Strict"
        );
        assert_eq!(
            spec.delete("authjs.session-token"),
            "authjs.session-token=; Max-Age=0; Path=/app; Secure; SameSite=Strict"
        );
    }

    #[test]
    fn partitioned_and_priority_stand_where_the_original_writes_them() {
        let spec = |priority| CookieSpec { partitioned: true, priority: Some(priority), ..spec(true, None) };

        for (priority, text) in
            [(CookiePriority::Low, "Low"), (CookiePriority::Medium, "Medium"), (CookiePriority::High, "High")]
        {
            let attributes = format!("Path=/; HttpOnly; Secure; Partitioned; Priority={text}; SameSite=Lax");

            assert_eq!(spec(priority).set("v"), format!("authjs.session-token=v; {attributes}"));
            assert_eq!(spec(priority).delete("a"), format!("a=; Max-Age=0; {attributes}"));
        }
    }

    #[test]
    fn no_value_breaks_out_of_the_header() {
        let written = spec(false, None).set("a\r\nSet-Cookie: x=y; Domain=evil é\0");

        assert_eq!(
            written,
            "authjs.session-token=a%0D%0ASet-Cookie%3A%20x%3Dy%3B%20Domain%3Devil%20%C3%A9%00; Path=/; \
             HttpOnly; SameSite=Lax"
        );
    }
}
