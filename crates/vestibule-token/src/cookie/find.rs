//! Finding the session among the cookies.

use std::borrow::Cow;
use std::collections::HashSet;

use super::decode;
use crate::MAX_TOKEN;

/// The most cookies that are found. Browsers keep fewer for one site, and a token needs seventeen.
const MAX_FOUND: usize = 512;

/// The session cookie of a request, or its chunks.
#[derive(Clone, Default)]
pub struct Found<'a> {
    /// In the order in which they count.
    parts: Vec<Part<'a>>,
}

#[derive(Clone)]
struct Part<'a> {
    place: Place,
    name: &'a str,
    value: &'a str,
}

/// Which part of the session cookie a cookie is. The whole comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Whole,
    /// A number beyond the largest is the largest.
    Chunk(u64),
}

/// Finds the cookie `name`, or its chunks `name.0`, `name.1`, …, among names and values as they were sent.
///
/// No other name counts, nor does an empty value. Of several cookies with one name the first counts. A whole cookie
/// counts before chunks, which are left over then. Chunks are put in order of their numbers as in Auth.js, whether or not
/// one is missing or there twice (`name.0` and `name.00` are one number): such a token does not open.
///
/// ```
/// use vestibule_token::cookie;
///
/// let header = "theme=dark; authjs.session-token.1=yz; authjs.session-token.0=x";
/// let found = cookie::find(cookie::pairs(header), cookie::AUTHJS);
/// assert_eq!(found.token().as_deref(), Some("xyz"));
/// ```
pub fn find<'a>(cookies: impl IntoIterator<Item = (&'a str, &'a str)>, name: &str) -> Found<'a> {
    let part = |(key, value)| Some(Part { place: Place::of(key, name)?, name: key, value });
    let mut parts: Vec<Part<'a>> = cookies.into_iter().filter_map(part).collect();
    if parts.len() > 1 {
        let mut named = HashSet::with_capacity(parts.len());
        parts.retain(|part| named.insert(part.name));
    }
    parts.retain(|part| !part.value.is_empty());
    // The sort is stable: what is one number stays in the order in which it came.
    parts.sort_by_key(|part| part.place);
    Found { parts }
}

impl<'a> Found<'a> {
    /// Whether there is no such cookie.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The token, percent-encoding undone. `None` if there is no such cookie, if the value is longer than
    /// [`MAX_TOKEN`], or if there are more than 512 chunks.
    pub fn token(&self) -> Option<Cow<'a, str>> {
        let (first, rest) = self.parts.split_first()?;
        if first.place == Place::Whole || rest.is_empty() {
            return (first.value.len() <= MAX_TOKEN).then(|| decode(first.value));
        }
        let length = self.parts.iter().map(|part| part.value.len()).sum();
        if length > MAX_TOKEN || self.parts.len() > MAX_FOUND {
            return None;
        }
        let mut token = String::with_capacity(length);
        self.parts.iter().for_each(|part| token.push_str(&decode(part.value)));
        Some(Cow::Owned(token))
    }

    /// The names of the cookies that were found, those that are left over too: what to delete when the session ends.
    /// At most 512.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().take(MAX_FOUND).map(|part| part.name)
    }
}

impl std::fmt::Debug for Found<'_> {
    /// Shows the names alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Place {
    fn of(name: &str, base: &str) -> Option<Self> {
        let rest = name.strip_prefix(base)?;
        if rest.is_empty() {
            return Some(Self::Whole);
        }
        let digits = rest.strip_prefix('.')?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // What does not fit is a number all the same.
        is_number.then(|| Self::Chunk(digits.parse().unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cookie::pairs;

    fn token(header: &str) -> Option<String> {
        find(pairs(header), "s").token().map(Cow::into_owned)
    }

    fn names(header: &str) -> Vec<&str> {
        find(pairs(header), "s").names().collect()
    }

    #[test]
    fn chunks_are_put_together_in_order_of_number() {
        assert_eq!(token("s=a").as_deref(), Some("a"));
        assert_eq!(token("s.10=c; s.2=b; s.0=a").as_deref(), Some("abc"));
        assert_eq!(token("s=%61%7C").as_deref(), Some("a|"));
        assert_eq!(token("s.0=%61; s.1=%7C").as_deref(), Some("a|"));
    }

    #[test]
    fn a_whole_cookie_counts_before_chunks() {
        assert_eq!(token("s.0=a; s=w; s.1=b").as_deref(), Some("w"));
        assert_eq!(names("s.0=a; s=w; s.1=b"), ["s", "s.0", "s.1"]);
        assert_eq!(token("s=; s.0=a; s.1=b").as_deref(), Some("ab"));
    }

    #[test]
    fn of_several_with_one_name_the_first_counts() {
        assert_eq!(token("s=a; s=b").as_deref(), Some("a"));
        assert_eq!(token("s.0=; s.0=b; s.1=c").as_deref(), Some("c"));
    }

    #[test]
    fn other_names_do_not_count() {
        for header in [
            "s-evil=x", "s.=x", "s.a=x", "s.-1=x", "s.+1=x", "s.1.1=x", "s.٠=x", "S=x", "xs=x", "s=", "s", "",
        ] {
            assert_eq!(token(header), None, "{header}");
            assert!(find(pairs(header), "s").is_empty(), "{header}");
        }
    }

    #[test]
    fn a_number_may_be_written_in_any_way() {
        assert_eq!(token("s.010=c; s.2=b; s.01=a").as_deref(), Some("abc"));
        assert_eq!(token("s.00=b; s.1=c; s.0=a; s.00=x").as_deref(), Some("bac"));
        assert_eq!(token("s.99999999999999999999=b; s.4294967296=a").as_deref(), Some("ab"));
        assert_eq!(names("s.00=b; s=w; s.0=a"), ["s", "s.00", "s.0"]);
    }

    #[test]
    fn what_is_too_long_is_no_token_but_is_found() {
        let one = format!("s={}", "x".repeat(MAX_TOKEN));
        let too_long = format!("{one}x");
        let chunks = |length: usize| format!("s.0={}; s.1=y", "x".repeat(length));

        assert_eq!(token(&one).map(|token| token.len()), Some(MAX_TOKEN));
        assert_eq!(token(&too_long), None);
        assert_eq!(names(&too_long), ["s"]);
        assert_eq!(token(&chunks(MAX_TOKEN - 1)).map(|token| token.len()), Some(MAX_TOKEN));
        assert_eq!(token(&chunks(MAX_TOKEN)), None);
    }

    #[test]
    fn so_many_cookies_are_found_and_no_more() {
        let chunks =
            |count: usize| (0..count).map(|index| format!("s.{index}=x")).collect::<Vec<_>>().join(";");

        assert_eq!(token(&chunks(512)), Some("x".repeat(512)));
        assert_eq!(token(&chunks(513)), None);
        assert_eq!(names(&chunks(100_000)).len(), 512);
        assert_eq!(token(&format!("{};s=whole", chunks(513))).as_deref(), Some("whole"));
    }

    #[test]
    fn debug_shows_no_value() {
        assert_eq!(format!("{:?}", find(pairs("s.0=secret"), "s")), r#"{"s.0"}"#);
    }

    proptest! {
        #[test]
        fn finding_is_total(header in "((s|t)(\\.[0-9]{0,3})?=[a-z%;]{0,4}; ?|\\PC)*") {
            let found = find(pairs(&header), "s");
            prop_assert!(found.token().is_none() || !found.is_empty());
        }
    }
}
