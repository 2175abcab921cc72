//! Under which origin a request reached us.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::{HeaderMap, HeaderName, Uri, header};
use url::Url;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// A scheme (http or https), a host and a port, as a browser writes them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin(Box<str>);

impl Origin {
    /// The origin of an http(s) URL.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        matches!(url.scheme(), "http" | "https").then(|| Self(url.origin().ascii_serialization().into()))
    }

    /// From text that is an origin and nothing more; a slash at the end is tolerated.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let origin = Self::of(&url)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        bare.then_some(origin)
    }

    /// From a scheme and a host with or without a port.
    pub(crate) fn from_host(scheme: &str, host: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if host.is_empty() || host.len() > 255 || !host.chars().all(plain) {
            return None;
        }
        let text = [scheme, "://", host].concat();
        if is_written_out(scheme, host) { Some(Self(text.into())) } else { Self::parse(&text) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The host, with the port if it is not the usual one.
    pub(crate) fn host(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, host)| host)
    }
}

/// Whether a scheme and a host are as a browser writes them, so that a parser would change nothing; not all that are are
/// known here.
fn is_written_out(scheme: &str, host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let usual_port = match scheme {
        "http" => "80",
        "https" => "443",
        _ => return false,
    };
    let is_port = |port: &str| port != usual_port && !port.starts_with('0') && port.parse::<u16>().is_ok();
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // A hyphen behind another one may belong to a name that stands for one in other letters.
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(small) && !label.contains("--");
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = last.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('.').all(is_label);
    (is_name || name.parse::<Ipv4Addr>().is_ok()) && port.is_none_or(is_port)
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the origin of a request is found.
#[derive(Clone, Debug)]
pub(crate) enum OriginPolicy {
    /// It is always this one.
    Fixed(Arc<Origin>),
    /// It is the one that the request names, if it is one of these.
    Listed(HashSet<Origin>),
    /// It is the one that the request names.
    Named,
}

/// The request names no host, a malformed one, or one that does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UntrustedHost;

impl OriginPolicy {
    /// The origin of a request.
    pub(crate) fn origin(&self, uri: &Uri, headers: &HeaderMap) -> Result<Arc<Origin>, UntrustedHost> {
        match self {
            Self::Fixed(origin) => Ok(Arc::clone(origin)),
            Self::Listed(listed) => {
                let origin = named(uri, headers).ok_or(UntrustedHost)?;
                listed.contains(&origin).then(|| Arc::new(origin)).ok_or(UntrustedHost)
            }
            Self::Named => named(uri, headers).map(Arc::new).ok_or(UntrustedHost),
        }
    }
}

/// The origin that a request names. Where nothing says the scheme, it is https, save on this very machine.
fn named(uri: &Uri, headers: &HeaderMap) -> Option<Origin> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().ok());
    let host = match text(X_FORWARDED_HOST).or_else(|| text(header::HOST)) {
        Some(host) => host?,
        None => uri.authority()?.as_str(),
    };
    let scheme = match text(X_FORWARDED_PROTO) {
        Some(list) => list?.split(',').next()?.trim(),
        None => match uri.scheme_str() {
            Some(scheme) => scheme,
            None if is_loopback(host) => "http",
            None => "https",
        },
    };
    Origin::from_host(scheme, host)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    name.is_some_and(|name| {
        name.eq_ignore_ascii_case("localhost")
            || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn resolve(policy: &OriginPolicy, headers: &[(&'static str, &str)]) -> Option<String> {
        let origin = policy.origin(&Uri::from_static("/auth/session"), &request(headers)).ok()?;
        Some(origin.as_str().to_owned())
    }

    #[test]
    fn a_fixed_origin_does_not_depend_on_the_request() {
        let fixed = OriginPolicy::Fixed(Arc::new(Origin::parse("https://App.example.com:443/").unwrap()));

        let forged = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
        assert_eq!(resolve(&fixed, &forged).as_deref(), Some("https://app.example.com"));
        assert_eq!(resolve(&fixed, &[]).as_deref(), Some("https://app.example.com"));
    }

    #[test]
    fn a_named_origin_is_that_of_the_proxy_in_front() {
        let named = |headers: &[(&'static str, &str)]| resolve(&OriginPolicy::Named, headers);

        assert_eq!(named(&[("host", "localhost:3000")]).as_deref(), Some("http://localhost:3000"));
        assert_eq!(named(&[("host", "[::1]:3000")]).as_deref(), Some("http://[::1]:3000"));
        assert_eq!(named(&[("host", "127.0.0.2:3000")]).as_deref(), Some("http://127.0.0.2:3000"));
        assert_eq!(named(&[("host", "[::ffff:7f00:1]")]).as_deref(), Some("http://[::ffff:7f00:1]"));
        assert_eq!(named(&[("host", "127.0.0.1.a.example")]).as_deref(), Some("https://127.0.0.1.a.example"));
        assert_eq!(named(&[("host", "a.example")]).as_deref(), Some("https://a.example"));
        let forwarded =
            [("host", "inner:8080"), ("x-forwarded-host", "a.example"), ("x-forwarded-proto", "http, https")];
        assert_eq!(named(&forwarded).as_deref(), Some("http://a.example"));
    }

    #[test]
    fn a_host_that_is_none_is_refused() {
        for host in ["", "a b", "a/b", "user@a", "a?b", "a\\b", "[::1", "a:99999", "ä.example", "%61"] {
            assert_eq!(resolve(&OriginPolicy::Named, &[("host", host)]), None, "{host}");
        }
        assert_eq!(resolve(&OriginPolicy::Named, &[]), None);
        let scheme = [("host", "a"), ("x-forwarded-proto", "javascript")];
        assert_eq!(resolve(&OriginPolicy::Named, &scheme), None);
    }

    proptest! {
        #[test]
        fn what_needs_no_parser_is_what_the_parser_says(
            scheme in "https?|ftp",
            host in "([a-z0-9-]{0,4}|xn--[a-z0-9-]{0,5}|0x[0-9a-f]{1,2}|[0-9]{1,3})(\\.([A-Za-z0-9_-]{0,4}|[0-9]{1,3})){0,4}",
            port in "(:(80|443|0?[0-9]{0,6}|[a-z]))?",
        ) {
            let host = host + &port;
            let parsed = Origin::parse(&format!("{scheme}://{host}"));

            prop_assert_eq!(Origin::from_host(&scheme, &host), parsed.filter(|_| !host.is_empty()));
        }
    }

    #[test]
    fn what_needs_no_parser_is_known() {
        for host in ["127.0.0.1:3000", "app.example.com", "localhost", "a-b.c1:8080", "10.0.0.1"] {
            assert!(is_written_out("http", host), "{host}");
        }
        for host in
            ["A.example", "a.example:80", "a.example:080", "127.1", "0x7f.1", "1.2.3.04", "a.1", "xn--a.b"]
        {
            assert!(!is_written_out("http", host), "{host}");
        }
    }

    #[test]
    fn only_listed_hosts_count() {
        let listed = OriginPolicy::Listed(HashSet::from([Origin::parse("https://a.example").unwrap()]));

        assert_eq!(resolve(&listed, &[("host", "A.example:443")]).as_deref(), Some("https://a.example"));
        assert_eq!(resolve(&listed, &[("host", "evil.example")]), None);
        let forged = [("host", "a.example"), ("x-forwarded-host", "evil.example")];
        assert_eq!(resolve(&listed, &forged), None);
    }
}
