//! The `Cookie` header.

use std::borrow::Cow;

use http::{HeaderMap, header};
use vestibule_token::cookie::{decode, pairs};

/// The cookies of a request, values as they were sent: parts of its headers, unless those are no UTF-8.
#[derive(Clone, Default)]
pub(crate) struct RequestCookies<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> RequestCookies<'a> {
    /// Reads all `Cookie` headers. Total: what is no cookie is left out.
    pub(crate) fn parse(headers: &'a HeaderMap) -> Self {
        let mut found = Vec::new();
        for header in headers.get_all(header::COOKIE) {
            if let Ok(text) = std::str::from_utf8(header.as_bytes()) {
                found.extend(pairs(text).map(|(name, value)| (name.into(), value.into())));
            } else {
                let text = String::from_utf8_lossy(header.as_bytes());
                let owned = |text: &str| Cow::Owned(text.to_owned());
                found.extend(pairs(&text).map(|(name, value)| (owned(name), owned(value))));
            }
        }
        Self { pairs: found }
    }

    /// The value of a cookie; of several with one name the first counts.
    pub(crate) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        Some(decode(value))
    }

    /// All names and values in order, the values not decoded.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (&**name, &**value))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn header(bytes: &[u8]) -> HeaderMap {
        HeaderValue::from_bytes(bytes).map(|value| (header::COOKIE, value)).into_iter().collect()
    }

    #[test]
    fn the_first_of_several_counts() {
        let headers = header(b"a=1; a=2; b=3");
        let cookies = RequestCookies::parse(&headers);

        assert_eq!(cookies.get("a").as_deref(), Some("1"));
        assert_eq!(cookies.get("b").as_deref(), Some("3"));
        assert_eq!(cookies.get("A"), None);
    }

    #[test]
    fn values_are_trimmed_and_decoded_but_not_unquoted() {
        let headers = header(b" a \t=\t x%7Cy ;b=\"q\";c=1=2;d;e=%;f=%ff;g=;h=%c3%A9t%C3%a9%;i=%C3%A9%");
        let cookies = RequestCookies::parse(&headers);

        assert_eq!(cookies.get("a").as_deref(), Some("x|y"));
        assert_eq!(cookies.get("b").as_deref(), Some("\"q\""));
        assert_eq!(cookies.get("c").as_deref(), Some("1=2"));
        assert_eq!(cookies.get("d"), None);
        assert_eq!(cookies.get("e").as_deref(), Some("%"));
        assert_eq!(cookies.get("f").as_deref(), Some("%ff"));
        assert_eq!(cookies.get("g").as_deref(), Some(""));
        assert_eq!(cookies.get("h").as_deref(), Some("%c3%A9t%C3%a9%"));
        assert_eq!(cookies.get("i").as_deref(), Some("%C3%A9%"));
    }

    #[test]
    fn what_is_no_utf8_is_read_as_far_as_it_goes() {
        let headers = header(b"a=x\xff; b=2");
        let cookies = RequestCookies::parse(&headers);

        assert_eq!(cookies.get("a").as_deref(), Some("x\u{fffd}"));
        assert_eq!(cookies.get("b").as_deref(), Some("2"));
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
            let headers = header(&bytes);
            let cookies = RequestCookies::parse(&headers);
            for (name, _) in cookies.iter() {
                prop_assert!(cookies.get(name).is_some());
            }
        }

        #[test]
        fn what_is_encoded_is_decoded(text in "\\PC*") {
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();

            prop_assert_eq!(decode(&encoded), text.as_str());
        }
    }
}
