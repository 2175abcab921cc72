//! The session cookie, which may come in chunks.

use http::HeaderValue;
use vestibule_core::SecretToken;

use crate::cookie::read::decode;
use crate::cookie::{CookieSpec, RequestCookies};

/// No token of a session that lives in the store is longer.
const MAX_TOKEN: usize = 512;

/// What a request says about its session.
#[derive(Debug)]
pub(crate) struct SessionCookie<'a> {
    /// The token, if there is one that could be a session's.
    pub(crate) token: Option<SecretToken>,
    /// The names of the session cookie and its chunks that came with a value.
    names: Vec<&'a str>,
}

impl<'a> SessionCookie<'a> {
    /// Finds the cookie, or its chunks `name.0`, `name.1`, …; no other name counts. A whole cookie counts
    /// before chunks that were left over.
    pub(crate) fn find(cookies: &'a RequestCookies<'_>, spec: &CookieSpec) -> Self {
        let found = |(name, value)| Some((Part::of(name, &spec.name)?, name, value));
        let mut parts: Vec<(Part, &str, &str)> = cookies.iter().filter_map(found).collect();
        // The sort is stable, so that of several with one name the first one stays.
        parts.sort_by_key(|(part, name, _)| (*part, *name));
        parts.dedup_by_key(|(_, name, _)| *name);
        parts.retain(|(_, _, value)| !value.is_empty());
        parts.truncate(MAX_TOKEN);
        let whole = parts.first().is_some_and(|(part, ..)| *part == Part::Whole);
        let counted = if whole { 1 } else { parts.len() };
        let mut token = String::with_capacity(if whole { parts[0].2.len() } else { MAX_TOKEN });
        for (_, _, value) in &parts[..counted] {
            token.push_str(&decode(value));
        }
        let plausible = !token.is_empty() && token.len() <= MAX_TOKEN && !token.contains(char::is_control);
        Self {
            token: plausible.then(|| SecretToken::from(token)),
            names: parts.into_iter().map(|(_, name, _)| name).collect(),
        }
    }

    /// Deletes every cookie that was found.
    pub(crate) fn delete(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().map(|name| spec.delete(name)).collect()
    }

    /// Deletes the chunks that were found, but not the whole cookie, which is about to be set.
    pub(crate) fn delete_chunks(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().filter(|name| ***name != *spec.name).map(|name| spec.delete(name)).collect()
    }
}

/// Which part of the session cookie a cookie is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Whole,
    Chunk(u32),
}

impl Part {
    fn of(name: &str, base: &str) -> Option<Self> {
        let rest = name.strip_prefix(base)?;
        if rest.is_empty() {
            return Some(Self::Whole);
        }
        let digits = rest.strip_prefix('.')?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok().map(Self::Chunk)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::*;

    fn spec() -> CookieSpec {
        CookieSpec { name: "s".into(), domain: None, secure: false }
    }

    fn headers(text: &str) -> HeaderMap {
        [(header::COOKIE, text.parse().unwrap())].into_iter().collect()
    }

    fn token(text: &str) -> Option<String> {
        let headers = headers(text);
        let cookies = RequestCookies::parse(&headers);
        SessionCookie::find(&cookies, &spec()).token.map(|token| token.expose().to_owned())
    }

    /// What is set to delete all that was found.
    fn deleted(text: &str) -> Vec<HeaderValue> {
        let headers = headers(text);
        SessionCookie::find(&RequestCookies::parse(&headers), &spec()).delete(&spec())
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
        for text in
            ["s-evil=x", "s.=x", "s.a=x", "s.-1=x", "s.+1=x", "s.1.1=x", "S=x", "s.99999999999=x", "s="]
        {
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

        assert_eq!(deleted(&many.join("; ")).len(), MAX_TOKEN);
    }

    #[test]
    fn left_over_chunks_are_deleted_when_the_cookie_is_set() {
        let headers = headers("s=w; s.0=a");
        let cookies = RequestCookies::parse(&headers);

        let deleted = SessionCookie::find(&cookies, &spec()).delete_chunks(&spec());

        assert_eq!(deleted, ["s.0=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
    }
}
