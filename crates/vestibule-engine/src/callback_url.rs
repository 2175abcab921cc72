//! Where a sign-in or sign-out leads to, and how a redirect to somewhere else is kept out.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use crate::http::Origin;

/// The longest path with its query that is taken, in bytes; an absolute URL may be longer by the origin.
pub(crate) const MAX_LENGTH: usize = 2048;

/// What a `Location` header cannot hold as it is; everything that is not ASCII is encoded as well.
const HEADER: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// A callback URL that is none: not a path and not an http(s) URL, too long, or written to deceive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidCallbackUrl;

/// The URL that `text` leads to: itself if it is on `origin` or an allowed one, else `origin`.
///
/// Auth.js' default `redirect` callback, and stricter: control characters, backslashes and white space around
/// it are refused; `//host` and a URL with a user name lead to `origin`. What comes out is taken again, because
/// pages and cookies carry it from one step of a flow to the next.
pub(crate) fn resolve(text: &str, origin: &Origin, allowed: &[Origin]) -> Result<String, InvalidCallbackUrl> {
    let url = destination(text, origin, allowed)?;
    if url.len() > MAX_LENGTH + origin.as_str().len() { Err(InvalidCallbackUrl) } else { Ok(url) }
}

/// An absolute http(s) URL that the application chose itself, wherever it leads.
pub(crate) fn absolute(text: &str) -> Result<String, InvalidCallbackUrl> {
    let url = Url::parse(text).map_err(|_| InvalidCallbackUrl)?;
    let plain =
        Origin::of(&url).is_some() && !text.contains(char::is_control) && text.len() <= 2 * MAX_LENGTH;
    if plain { Ok(encode(text).into_owned()) } else { Err(InvalidCallbackUrl) }
}

fn destination(text: &str, origin: &Origin, allowed: &[Origin]) -> Result<String, InvalidCallbackUrl> {
    // What a cookie mostly remembers.
    if text == origin.as_str() {
        return Ok(text.to_owned());
    }
    let deceives = text.trim() != text || text.contains(['\\', '\u{fffd}']);
    if deceives || text.contains(char::is_control) {
        return Err(InvalidCallbackUrl);
    }
    if text.starts_with("//") {
        return Ok(origin.as_str().to_owned());
    }
    if text.starts_with('/') {
        return Ok(format!("{}{}", origin.as_str(), encode(text)));
    }
    // What we wrote ourselves, which a cookie mostly is, needs no parser: behind an origin that is a whole one
    // there can be anything that has begun with one of these.
    let behind = text.strip_prefix(origin.as_str());
    if behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#'])) {
        return Ok(encode(text).into_owned());
    }
    let url = Url::parse(text).map_err(|_| InvalidCallbackUrl)?;
    let target = Origin::of(&url).ok_or(InvalidCallbackUrl)?;
    let written_out = text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://"));
    if !written_out {
        return Err(InvalidCallbackUrl);
    }
    let plain = url.username().is_empty() && url.password().is_none();
    if plain && (target == *origin || allowed.contains(&target)) {
        Ok(encode(text).into_owned())
    } else {
        Ok(origin.as_str().to_owned())
    }
}

/// Percent-encodes what a `Location` header cannot hold.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, HEADER).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn origin() -> Origin {
        Origin::parse("https://app.example.com").unwrap()
    }

    fn to(text: &str) -> Result<String, InvalidCallbackUrl> {
        resolve(text, &origin(), &[Origin::parse("https://www.example.com").unwrap()])
    }

    #[test]
    fn paths_and_urls_of_our_own_are_kept() {
        for (text, expected) in [
            ("/", "https://app.example.com/"),
            ("/a?b=c#d", "https://app.example.com/a?b=c#d"),
            ("/café au lait", "https://app.example.com/caf%C3%A9%20au%20lait"),
            ("/%2f%2fevil.example", "https://app.example.com/%2f%2fevil.example"),
            ("https://app.example.com", "https://app.example.com"),
            ("https://APP.example.com:443/x", "https://APP.example.com:443/x"),
            ("https://www.example.com/y", "https://www.example.com/y"),
        ] {
            assert_eq!(to(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_places_become_the_origin() {
        for text in [
            "//evil.example",
            "///evil.example",
            "https://evil.example/",
            "https://app.example.com.evil.example/",
            "https://app.example.com@evil.example/",
            "https://evil@app.example.com/",
            "https://:x@app.example.com/",
            "http://app.example.com/",
            "https://app.example.com:8443/",
            "https:///evil.example",
        ] {
            assert_eq!(to(text).as_deref(), Ok("https://app.example.com"), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        let long = format!("/{}", "a".repeat(MAX_LENGTH));
        for text in [
            "",
            "foo",
            " /a",
            "/a ",
            "/\\evil.example",
            "\\\\evil.example",
            "/\tevil",
            "/a\r\nSet-Cookie: x=y",
            "/a\0",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://app.example.com/",
            "https:evil.example",
            "https:/app.example.com",
            "ht\ntps://app.example.com",
            "https://[::1",
            "https://",
            long.as_str(),
        ] {
            assert_eq!(to(text), Err(InvalidCallbackUrl), "{text}");
        }
    }

    #[test]
    fn what_is_taken_is_taken_again() {
        for text in
            [format!("/{}", "a".repeat(MAX_LENGTH - 1)), format!("/{}", "é".repeat(MAX_LENGTH / 6 - 1))]
        {
            let url = to(&text).unwrap();

            assert_eq!(to(&url), Ok(url));
        }
        assert_eq!(to(&format!("/{}", "é".repeat(MAX_LENGTH / 2 - 1))), Err(InvalidCallbackUrl));
    }

    proptest! {
        #[test]
        fn every_result_is_on_an_allowed_origin_and_fits_a_header(
            text in "(/|//|\\\\|https?:|https://app\\.example\\.com)?[\\PC\t\r\n@:/]{0,40}"
        ) {
            if let Ok(url) = to(&text) {
                prop_assert!(http::HeaderValue::try_from(url.as_str()).is_ok());
                let target = Origin::of(&Url::parse(&url).unwrap()).unwrap();
                prop_assert!(["https://app.example.com", "https://www.example.com"].contains(&target.as_str()));
                prop_assert_eq!(to(&url), Ok(url));
            }
        }
    }
}
