//! The session cookie, which may come in chunks.

use std::collections::HashSet;

use http::HeaderValue;
use vestibule_core::SecretToken;

use crate::cookie::{CookieSpec, RequestCookies};

/// No token of a session that lives in the store is longer.
const MAX_TOKEN: usize = 512;

/// What a request says about its session.
#[derive(Debug)]
pub(crate) struct SessionCookie {
    /// The token, if there is one that could be a session's.
    pub(crate) token: Option<SecretToken>,
    /// The names of the session cookie and its chunks that came with a value.
    names: Vec<String>,
}

impl SessionCookie {
    /// Finds the cookie, or its chunks `name.0`, `name.1`, …; no other name counts. A whole cookie counts
    /// before chunks that were left over.
    pub(crate) fn find(cookies: &RequestCookies, spec: &CookieSpec) -> Self {
        let mut seen = HashSet::new();
        let mut parts: Vec<(Part, &str)> = Vec::new();
        for (name, value) in cookies.iter() {
            let Some(part) = Part::of(name, &spec.name) else {
                continue;
            };
            if seen.insert(name) && !value.is_empty() {
                parts.push((part, name));
            }
            if parts.len() == MAX_TOKEN {
                break;
            }
        }
        parts.sort_unstable();
        let whole = parts.first().is_some_and(|(part, _)| *part == Part::Whole);
        let counted = if whole { 1 } else { parts.len() };
        let values = parts[..counted].iter().filter_map(|(_, name)| cookies.get(name));
        let token: String = values.collect();
        let plausible = !token.is_empty() && token.len() <= MAX_TOKEN && !token.contains(char::is_control);
        Self {
            token: plausible.then(|| SecretToken::from(token)),
            names: parts.into_iter().map(|(_, name)| name.to_owned()).collect(),
        }
    }

    /// Deletes every cookie that was found.
    pub(crate) fn delete(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().map(|name| spec.delete(name)).collect()
    }

    /// Deletes the chunks that were found, but not the whole cookie, which is about to be set.
    pub(crate) fn delete_chunks(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().filter(|name| **name != spec.name).map(|name| spec.delete(name)).collect()
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
    use http::header;

    use super::*;

    fn spec() -> CookieSpec {
        CookieSpec { name: "s".into(), domain: None, secure: false }
    }

    fn find(text: &str) -> SessionCookie {
        let headers = [(header::COOKIE, text.parse().unwrap())].into_iter().collect();
        SessionCookie::find(&RequestCookies::parse(&headers), &spec())
    }

    fn token(text: &str) -> Option<String> {
        find(text).token.map(|token| token.expose().to_owned())
    }

    #[test]
    fn chunks_are_put_together_in_order_of_number() {
        assert_eq!(token("s=a").as_deref(), Some("a"));
        assert_eq!(token("s.10=c; s.2=b; s.0=a").as_deref(), Some("abc"));
        assert_eq!(token("s.0=a; s=w; s.1=b").as_deref(), Some("w"));
        assert_eq!(token("s=a; s=b").as_deref(), Some("a"));
    }

    #[test]
    fn other_names_do_not_count() {
        for text in
            ["s-evil=x", "s.=x", "s.a=x", "s.-1=x", "s.+1=x", "s.1.1=x", "S=x", "s.99999999999=x", "s="]
        {
            let found = find(text);
            assert_eq!(found.token, None, "{text}");
            assert!(found.delete(&spec()).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_none_but_is_deleted() {
        let long = format!("s={}", "a".repeat(MAX_TOKEN + 1));
        for text in [long.as_str(), "s=a%00b", "s=a%0Ab"] {
            let found = find(text);
            assert_eq!(found.token, None);
            assert_eq!(found.delete(&spec()).len(), 1);
        }
    }

    #[test]
    fn thousands_of_chunks_are_bounded() {
        let many: Vec<String> = (0..10_000).map(|index| format!("s.{index}=x")).collect();

        let found = find(&many.join("; "));

        assert!(found.delete(&spec()).len() <= MAX_TOKEN);
    }

    #[test]
    fn left_over_chunks_are_deleted_when_the_cookie_is_set() {
        assert_eq!(
            find("s=w; s.0=a").delete_chunks(&spec()),
            ["s.0=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]
        );
    }
}
