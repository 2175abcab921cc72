//! Headers of a request: the bearer token, and where the request comes from.

use url::Url;
use vestibule_core::SecretToken;

/// The token of an `Authorization: Bearer …` header, if there is one.
///
/// The word `Bearer` counts in any case, as RFC 9110 has it; Lucia wants it as written here. An empty token is
/// none.
///
/// ```
/// use vestibule_lucia::read_bearer_token;
///
/// assert!(read_bearer_token("Bearer ksn3opmi").is_some());
/// assert!(read_bearer_token("Basic YWRhOjE=").is_none());
/// ```
#[doc(alias = "readBearerToken")]
pub fn read_bearer_token(header: &str) -> Option<SecretToken> {
    let (scheme, rest) = header.split_once(' ')?;
    let token = rest.trim_start_matches(' ').split(' ').next()?;
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then(|| SecretToken::from(token))
}

/// Whether a request that may change something comes from a page of one of these hosts: a defense against
/// requests that other sites forge.
///
/// `origin` is the `Origin` header; without one the answer is no, and so it is if nothing is allowed. An allowed
/// domain is a host with its port if that is not the usual one (`example.com`, `localhost:3000`, what the `Host`
/// header says), or a URL. Only host and port are compared, and exactly: a subdomain is another host.
///
/// ```
/// use vestibule_lucia::verify_request_origin;
///
/// assert!(verify_request_origin(Some("https://example.com"), ["example.com"]));
/// assert!(!verify_request_origin(Some("https://evil.example"), ["example.com"]));
/// assert!(!verify_request_origin(None, ["example.com"]));
/// ```
#[doc(alias = "verifyRequestOrigin")]
pub fn verify_request_origin<D: AsRef<str>>(
    origin: Option<&str>,
    allowed_domains: impl IntoIterator<Item = D>,
) -> bool {
    let Some(origin) = origin.and_then(host) else {
        return false;
    };
    allowed_domains.into_iter().any(|domain| {
        let domain = domain.as_ref();
        let is_url = domain.starts_with("http://") || domain.starts_with("https://");
        let allowed = if is_url { host(domain) } else { host(&format!("https://{domain}")) };
        allowed.is_some_and(|allowed| allowed == origin)
    })
}

/// The host of a URL as JavaScript's `URL.host` tells it: with the port, unless that is the scheme's own.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_whole_and_empty_ones_are_none() {
        let read = |header: &str| read_bearer_token(header).map(|token| token.expose().to_owned());

        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bearer   abc").as_deref(), Some("abc"));
        assert_eq!(read("Bearer abc def").as_deref(), Some("abc"));
        for none in ["", "Bearer", "Bearer ", "Bearer   ", "Basic abc", "abc", " Bearer abc", "Bearerabc"] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }

    #[test]
    fn nothing_is_allowed_unless_it_is_said() {
        assert!(!verify_request_origin(Some("https://example.com"), [""; 0]));
        assert!(!verify_request_origin(Some(""), [""]));
        assert!(!verify_request_origin(Some("null"), ["null"]));
        assert!(!verify_request_origin(Some("file:///x"), [""]));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail(header in ".*", allowed in ".*") {
            let _ = read_bearer_token(&header);
            let _ = verify_request_origin(Some(&header), [&allowed]);
        }

        #[test]
        fn a_host_is_its_own_origin_and_no_others(a in "[a-z]{1,8}\\.example", b in "[a-z]{1,8}\\.example") {
            let origin = format!("https://{a}");

            prop_assert!(verify_request_origin(Some(&origin), [&a]));
            prop_assert_eq!(verify_request_origin(Some(&origin), [&b]), a == b);
        }
    }
}
