//! Whether a POST comes from a page of ours: the second defense against forged requests, beside the token.

use http::{HeaderMap, HeaderName, header};

use crate::http::Origin;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the browser's own headers allow that a POST comes from a page of `origin`, of the host that the
/// request names, or of an allowed origin.
///
/// A browser sends `Origin` with every POST, and no page can forge it. A request without one comes from a
/// program, which has no cookies of a user to misuse. `Origin: null` (a sandboxed frame, a page that hides
/// where it is) counts only if `Sec-Fetch-Site` says that it is the same origin all the same.
pub(crate) fn posted_from_here(headers: &HeaderMap, origin: &Origin, allowed: &[Origin]) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(http::HeaderValue::as_bytes);
    let Some(from) = headers.get(header::ORIGIN) else {
        return matches!(site, None | Some(b"same-origin" | b"none"));
    };
    if from == "null" {
        return site == Some(b"same-origin");
    }
    let Some(from) = from.to_str().ok().and_then(Origin::parse) else {
        return false;
    };
    if from == *origin || allowed.contains(&from) {
        return true;
    }
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    named.is_some_and(|host| host == from.host()) && !matches!(site, Some(b"cross-site" | b"same-site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let ours = Origin::parse("https://app.example.com").unwrap();
        let allowed = [Origin::parse("https://www.example.com").unwrap()];
        posted_from_here(&headers, &ours, &allowed)
    }

    #[test]
    fn our_own_pages_and_programs_may_post() {
        assert!(posted(&[]));
        assert!(posted(&[("sec-fetch-site", "same-origin")]));
        assert!(posted(&[("sec-fetch-site", "none")]));
        assert!(posted(&[("origin", "https://app.example.com")]));
        assert!(posted(&[("origin", "https://www.example.com"), ("sec-fetch-site", "same-site")]));
        assert!(posted(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        assert!(posted(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn other_pages_may_not_post() {
        assert!(!posted(&[("sec-fetch-site", "cross-site")]));
        assert!(!posted(&[("sec-fetch-site", "same-site")]));
        assert!(!posted(&[("origin", "null")]));
        assert!(!posted(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(!posted(&[("origin", "https://evil.example")]));
        assert!(!posted(&[("origin", "http://app.example.com")]));
        assert!(!posted(&[("origin", "https://app.example.com.evil.example")]));
        assert!(!posted(&[("origin", "evil.example"), ("host", "evil.example")]));
        assert!(!posted(&[("origin", "")]));
    }
}
