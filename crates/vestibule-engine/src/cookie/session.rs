//! The session cookie, which may come in chunks.

use http::HeaderValue;
use vestibule_core::{SecretToken, Timestamp};
use vestibule_token::cookie::{CHUNK, chunks, find};

use crate::cookie::{CookieSpec, RequestCookies};

/// What a request says about its session.
#[derive(Debug)]
pub(crate) struct SessionCookie<'a> {
    /// The token, if there is one that could be a session's, of at most so many bytes.
    pub(crate) token: Option<SecretToken>,
    /// The names of the session cookie and its chunks that came with a value.
    names: Vec<&'a str>,
}

impl<'a> SessionCookie<'a> {
    /// Finds the cookie, or its chunks, by the rule that `vestibule-token` has for services which only verify.
    pub(crate) fn find(cookies: &'a RequestCookies<'_>, spec: &CookieSpec, longest: usize) -> Self {
        let found = find(cookies.iter(), &spec.name);
        let plausible = |token: &str| !token.is_empty() && token.len() <= longest && !has_control(token);
        let token = found.token().filter(|token| plausible(token)).map(|token| SecretToken::from(&*token));
        let names: Vec<_> = found.names().collect();
        if token.is_none() && !names.is_empty() {
            tracing::debug!("a session cookie that can be none was refused");
        }
        Self { token, names }
    }

    /// Deletes every cookie that was found.
    pub(crate) fn delete(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().map(|name| spec.delete(name)).collect()
    }

    /// Sets the cookie to another value, in chunks if it is too long for one, and deletes what was found and is
    /// not set anew.
    pub(crate) fn set(&self, value: &str, expires: Timestamp, spec: &CookieSpec) -> Vec<HeaderValue> {
        // As almost always: one cookie in the place of itself.
        if value.len() <= CHUNK && self.names.iter().all(|name| *name == spec.name) {
            return vec![spec.set_until(value, expires)];
        }
        let cut: Vec<(String, &str)> = chunks(&spec.name, value).collect();
        let is_set = |found: &str| cut.iter().any(|(name, _)| name == found);
        let mut cookies: Vec<HeaderValue> =
            self.names.iter().filter(|name| !is_set(name)).map(|name| spec.delete(name)).collect();
        cookies.extend(cut.iter().map(|(name, piece)| spec.set_as(name, piece, expires)));
        cookies
    }
}

/// Whether a text has control characters. Every byte of what is ASCII is looked at, since that is faster than to stop at
/// the first.
fn has_control(text: &str) -> bool {
    if text.is_ascii() {
        text.bytes().fold(false, |any, byte| any | byte.is_ascii_control())
    } else {
        text.contains(char::is_control)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::*;

    const MAX_TOKEN: usize = 512;

    fn spec() -> CookieSpec {
        CookieSpec::named("s")
    }

    fn headers(text: &str) -> HeaderMap {
        [(header::COOKIE, text.parse().unwrap())].into_iter().collect()
    }

    fn token(text: &str) -> Option<String> {
        let headers = headers(text);
        let cookies = RequestCookies::parse(&headers);
        SessionCookie::find(&cookies, &spec(), MAX_TOKEN).token.map(|token| token.expose().to_owned())
    }

    /// What is set to delete all that was found.
    fn deleted(text: &str) -> Vec<HeaderValue> {
        let headers = headers(text);
        SessionCookie::find(&RequestCookies::parse(&headers), &spec(), MAX_TOKEN).delete(&spec())
    }

    #[test]
    fn chunks_are_put_together_in_order_of_number() {
        assert_eq!(token("s=a").as_deref(), Some("a"));
        assert_eq!(token("s.10=c; s.2=b; s.0=a").as_deref(), Some("abc"));
        assert_eq!(token("s.0=a; s=w; s.1=b").as_deref(), Some("w"));
        assert_eq!(token("s=a; s=b").as_deref(), Some("a"));
        assert_eq!(token("s.0=; s.0=b; s.1=c").as_deref(), Some("c"));
        assert_eq!(token("s=%61%7C").as_deref(), Some("a|"));
    }

    #[test]
    fn other_names_do_not_count() {
        for text in ["s-evil=x", "s.=x", "s.a=x", "s.-1=x", "s.+1=x", "s.1.1=x", "S=x", "s="] {
            assert_eq!(token(text), None, "{text}");
            assert!(deleted(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_none_but_is_deleted() {
        let long = format!("s={}", "a".repeat(MAX_TOKEN + 1));
        for text in [long.as_str(), "s=a%00b", "s=a%0Ab"] {
            assert_eq!(token(text), None);
            assert_eq!(deleted(text).len(), 1);
        }
    }

    #[test]
    fn thousands_of_chunks_are_bounded() {
        let many: Vec<String> = (0..10_000).map(|index| format!("s.{index}=x")).collect();

        assert_eq!(deleted(&many.join("; ")).len(), 512);
    }

    /// The names that are set, or deleted (with a minus), for a value of so many bytes.
    fn names_for(length: usize, came: &str) -> Vec<String> {
        let headers = headers(came);
        let cookies = RequestCookies::parse(&headers);
        let found = SessionCookie::find(&cookies, &spec(), 100_000);
        let set = found.set(&"x".repeat(length), Timestamp::from_secs(0), &spec());
        let name = |line: &HeaderValue| {
            let line = line.to_str().unwrap();
            let sign = if line.contains("Max-Age=0") { "-" } else { "" };
            format!("{sign}{}", line.split_once('=').unwrap().0)
        };
        set.iter().map(name).collect()
    }

    #[test]
    fn a_long_value_is_cut_where_the_original_cuts_it() {
        assert_eq!(names_for(3936, ""), ["s"]);
        assert_eq!(names_for(3937, ""), ["s.0", "s.1"]);
        assert_eq!(names_for(7872, ""), ["s.0", "s.1"]);
        assert_eq!(names_for(7873, ""), ["s.0", "s.1", "s.2"]);
    }

    #[test]
    fn what_is_not_set_anew_is_deleted() {
        assert_eq!(names_for(10, "s.0=a; s.1=b"), ["-s.0", "-s.1", "s"]);
        assert_eq!(names_for(4000, "s=a"), ["-s", "s.0", "s.1"]);
        assert_eq!(names_for(4000, "s.0=a; s.1=b; s.2=c"), ["-s.2", "s.0", "s.1"]);
        assert_eq!(names_for(4000, "s.00=a; s.01=b"), ["-s.00", "-s.01", "s.0", "s.1"]);
    }

    #[test]
    fn left_over_chunks_are_deleted_when_the_cookie_is_set() {
        let headers = headers("s=w; s.0=a");
        let cookies = RequestCookies::parse(&headers);

        let set =
            SessionCookie::find(&cookies, &spec(), MAX_TOKEN).set("v", Timestamp::from_secs(0), &spec());

        assert_eq!(
            set,
            [
                "s.0=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
                "s=v; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
            ]
        );
    }
}
