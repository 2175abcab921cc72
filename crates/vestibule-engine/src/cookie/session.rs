//! The session cookie, which may come in chunks.

use http::HeaderValue;
use vestibule_core::{SecretToken, Timestamp};

use crate::cookie::read::decode;
use crate::cookie::{CookieSpec, RequestCookies};

/// How long a value may be that one cookie holds, in bytes: 4096 less the longest attributes, as in Auth.js.
const CHUNK: usize = 3936;
/// The most chunks that count: what browsers keep for one site, and servers take, is less.
const MAX_CHUNKS: usize = 512;

/// What a request says about its session.
#[derive(Debug)]
pub(crate) struct SessionCookie<'a> {
    /// The token, if there is one that could be a session's, of at most so many bytes.
    pub(crate) token: Option<SecretToken>,
    /// The names of the session cookie and its chunks that came with a value.
    names: Vec<&'a str>,
}

impl<'a> SessionCookie<'a> {
    /// Finds the cookie, or its chunks `name.0`, `name.1`, …; no other name counts. A whole cookie counts
    /// before chunks that were left over.
    pub(crate) fn find(cookies: &'a RequestCookies<'_>, spec: &CookieSpec, longest: usize) -> Self {
        let found = |(name, value)| Some((Part::of(name, &spec.name)?, name, value));
        let mut parts: Vec<(Part, &str, &str)> = cookies.iter().filter_map(found).collect();
        // The sort is stable, so that of several with one name the first one stays.
        parts.sort_by_key(|(part, name, _)| (*part, *name));
        parts.dedup_by_key(|(_, name, _)| *name);
        parts.retain(|(_, _, value)| !value.is_empty());
        parts.truncate(MAX_CHUNKS);
        let whole = parts.first().is_some_and(|(part, ..)| *part == Part::Whole);
        let counted = if whole { 1 } else { parts.len() };
        let written: usize = parts[..counted].iter().map(|(_, _, value)| value.len()).sum();
        let mut token = String::with_capacity(written.min(longest.saturating_add(1)));
        for (_, _, value) in &parts[..counted] {
            if token.len() > longest {
                break;
            }
            token.push_str(&decode(value));
        }
        let plausible = !token.is_empty() && token.len() <= longest && !token.contains(char::is_control);
        Self {
            token: plausible.then(|| SecretToken::from(token)),
            names: parts.into_iter().map(|(_, name, _)| name).collect(),
        }
    }

    /// Deletes every cookie that was found.
    pub(crate) fn delete(&self, spec: &CookieSpec) -> Vec<HeaderValue> {
        self.names.iter().map(|name| spec.delete(name)).collect()
    }

    /// Sets the cookie to another value, in chunks if it is too long for one, and deletes what was found and is
    /// not set anew.
    pub(crate) fn set(&self, value: &str, expires: Timestamp, spec: &CookieSpec) -> Vec<HeaderValue> {
        let chunks = value.len().div_ceil(CHUNK);
        let is_set = |name: &str| match Part::of(name, &spec.name) {
            Some(Part::Whole) => chunks <= 1,
            Some(Part::Chunk(number)) => chunks > 1 && (number as usize) < chunks,
            None => false,
        };
        let mut cookies: Vec<HeaderValue> =
            self.names.iter().filter(|name| !is_set(name)).map(|name| spec.delete(name)).collect();
        if chunks <= 1 {
            cookies.push(spec.set_until(value, expires));
        } else {
            // Tokens are ASCII, so that no cut falls into a character; one that is not stays whole.
            let pieces = value.as_bytes().chunks(CHUNK).filter_map(|piece| std::str::from_utf8(piece).ok());
            cookies.extend(pieces.enumerate().map(|(at, piece)| spec.set_chunk(at, piece, expires)));
        }
        cookies
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
