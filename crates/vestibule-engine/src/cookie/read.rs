//! The `Cookie` header.

use std::borrow::Cow;

use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

/// The cookies of a request, values as they were sent.
#[derive(Clone, Default)]
pub(crate) struct RequestCookies {
    pairs: Vec<(String, String)>,
}

impl RequestCookies {
    /// Reads all `Cookie` headers. Total: what is no cookie is left out.
    pub(crate) fn parse(headers: &HeaderMap) -> Self {
        let mut pairs = Vec::new();
        for header in headers.get_all(header::COOKIE) {
            let text = String::from_utf8_lossy(header.as_bytes());
            for part in text.split(';') {
                if let Some((name, value)) = part.split_once('=') {
                    let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
                    pairs.push((trim(name), trim(value)));
                }
            }
        }
        Self { pairs }
    }

    /// The value of a cookie; of several with one name the first counts.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        Some(decode(value))
    }

    /// All names and values in order, the values not decoded.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Percent-decodes as JavaScript's `decodeURIComponent` does; what it would throw at is kept as it is.
fn decode(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let whole = |(at, byte): (usize, &u8)| *byte != b'%' || (is_hex(at + 1) && is_hex(at + 2));
    if !bytes.iter().enumerate().all(whole) {
        return Cow::Borrowed(value);
    }
    percent_decode_str(value).decode_utf8().unwrap_or(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn cookies(text: &str) -> RequestCookies {
        let headers = [(header::COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap())];
        RequestCookies::parse(&headers.into_iter().collect())
    }

    #[test]
    fn the_first_of_several_counts() {
        let cookies = cookies("a=1; a=2; b=3");

        assert_eq!(cookies.get("a").as_deref(), Some("1"));
        assert_eq!(cookies.get("b").as_deref(), Some("3"));
        assert_eq!(cookies.get("A"), None);
    }

    #[test]
    fn values_are_trimmed_and_decoded_but_not_unquoted() {
        let cookies = cookies(" a \t=\t x%7Cy ;b=\"q\";c=1=2;d;e=%;f=%ff;g=");

        assert_eq!(cookies.get("a").as_deref(), Some("x|y"));
        assert_eq!(cookies.get("b").as_deref(), Some("\"q\""));
        assert_eq!(cookies.get("c").as_deref(), Some("1=2"));
        assert_eq!(cookies.get("d"), None);
        assert_eq!(cookies.get("e").as_deref(), Some("%"));
        assert_eq!(cookies.get("f").as_deref(), Some("%ff"));
        assert_eq!(cookies.get("g").as_deref(), Some(""));
    }

    #[test]
    fn several_headers_are_read_in_order() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1"));
        headers.append(header::COOKIE, HeaderValue::from_static("a=2; b=3"));

        let cookies = RequestCookies::parse(&headers);

        assert_eq!(cookies.get("a").as_deref(), Some("1"));
        assert_eq!(cookies.get("b").as_deref(), Some("3"));
    }

    proptest! {
        #[test]
        fn reading_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let cookies = RequestCookies::parse(&[(header::COOKIE, value)].into_iter().collect());
                for (name, _) in cookies.iter() {
                    prop_assert!(cookies.get(name).is_some());
                }
            }
        }
    }
}
