//! Who asks: a domain, and the origins that its pages come from.

use std::net::IpAddr;

use url::{Host, Url};

/// A relying party: the domain that credentials are for, what it is called, and the origins that may use them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    id: Box<str>,
    name: Box<str>,
    origins: Vec<Box<str>>,
}

/// Why there is no such relying party.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelyingPartyError {
    /// The id is no domain: it has a scheme, a port, a path or upper case, is an address, or a name without a dot other
    /// than `localhost`.
    #[error("`{0}` is not a domain that credentials can be for")]
    Id(Box<str>),
    /// The origin is not of the form `https://host` or `https://host:port`, or `http://` at `localhost`.
    #[error("`{0}` is not an origin of https, or of http at localhost")]
    Origin(Box<str>),
    /// The origin lies outside of the domain, so that browsers would refuse.
    #[error("the origin `{origin}` is neither at `{id}` nor below it")]
    Outside {
        /// The domain.
        id: Box<str>,
        /// The origin.
        origin: Box<str>,
    },
    /// There is no origin.
    #[error("a relying party has an origin")]
    NoOrigin,
}

impl RelyingParty {
    /// The relying party of one origin, as Auth.js makes it: the id is the host, the name the host with its port.
    ///
    /// # Errors
    ///
    /// See [`RelyingPartyError`].
    pub fn of_origin(origin: &str) -> Result<Self, RelyingPartyError> {
        let (host, origin) = parse_origin(origin)?;
        let name = origin.split_once("://").map_or(&*origin, |(_, name)| name).into();
        Ok(Self { id: parse_id(&host)?, name, origins: vec![origin] })
    }

    /// A relying party of this domain, with this name, whose pages come from these origins.
    ///
    /// Whether the domain is one under which anybody may register (`co.uk`) is left to the browsers, which refuse it.
    ///
    /// # Errors
    ///
    /// See [`RelyingPartyError`].
    pub fn new<'a>(
        id: &str,
        name: &str,
        origins: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, RelyingPartyError> {
        let id = parse_id(id)?;
        let mut known = Vec::new();
        for origin in origins {
            let (host, origin) = parse_origin(origin)?;
            if !is_at_or_below(&host, &id) {
                return Err(RelyingPartyError::Outside { id, origin });
            }
            known.push(origin);
        }
        if known.is_empty() {
            return Err(RelyingPartyError::NoOrigin);
        }
        Ok(Self { id, name: name.into(), origins: known })
    }

    /// The same under another name, which browsers may show.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    /// The domain.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The origins, as browsers write them.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(|origin| &**origin)
    }

    /// Whether a page of this origin may answer. Byte by byte: browsers write an origin in one way.
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins().any(|known| known == origin)
    }
}

fn parse_id(id: &str) -> Result<Box<str>, RelyingPartyError> {
    let wrong = || RelyingPartyError::Id(id.into());
    match Host::parse(id).map_err(|_| wrong())? {
        // What the parser would write differently is not what the browser hashes.
        Host::Domain(domain) if domain == id && (is_local(id) || has_dot(id)) => Ok(domain.into()),
        _ => Err(wrong()),
    }
}

fn has_dot(host: &str) -> bool {
    host.contains('.') && host.split('.').all(|label| !label.is_empty()) && host.parse::<IpAddr>().is_err()
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.strip_suffix(".localhost").is_some_and(|rest| !rest.is_empty())
}

fn is_at_or_below(host: &str, id: &str) -> bool {
    host.strip_suffix(id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The host, and the origin as a browser writes it.
fn parse_origin(origin: &str) -> Result<(Box<str>, Box<str>), RelyingPartyError> {
    let wrong = || RelyingPartyError::Origin(origin.into());
    let url = Url::parse(origin).map_err(|_| wrong())?;
    let host = url.host_str().ok_or_else(wrong)?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_local(host));
    let written = url.origin().ascii_serialization();
    if !secure || written != origin.strip_suffix('/').unwrap_or(origin) {
        return Err(wrong());
    }
    Ok((host.into(), written.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_makes_the_relying_party_that_auth_js_makes() {
        let party = RelyingParty::of_origin("https://app.example:8443").unwrap();

        assert_eq!((party.id(), party.name()), ("app.example", "app.example:8443"));
        assert_eq!(party.origins().collect::<Vec<_>>(), ["https://app.example:8443"]);
        assert!(party.has_origin("https://app.example:8443"));
        for other in ["https://app.example", "http://app.example:8443", "https://app.example:8443/", ""] {
            assert!(!party.has_origin(other), "{other}");
        }
    }

    #[test]
    fn localhost_needs_no_https_and_nothing_else_goes_without() {
        for fine in
            ["http://localhost", "http://localhost:3000", "https://localhost", "http://a.localhost:3000"]
        {
            assert!(RelyingParty::of_origin(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://app.example",
            "ftp://app.example",
            "app.example",
            "",
            "https://",
            "https://app.example/path",
            "https://app.example?",
            "https://user@app.example",
            "https://APP.example",
            "https://app.example:443",
            "http://localhost.example",
            "http://evil-localhost",
        ] {
            assert_eq!(
                RelyingParty::of_origin(wrong),
                Err(RelyingPartyError::Origin(wrong.into())),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_id_is_a_domain_and_nothing_more() {
        for wrong in [
            "",
            "app.example:443",
            "https://app.example",
            "APP.example",
            "127.0.0.1",
            "[::1]",
            "example",
            "a b.c",
            "app.example.",
            "bücher.example",
            ".localhost",
        ] {
            let made = RelyingParty::new(wrong, "App", ["https://app.example"]);
            assert_eq!(made, Err(RelyingPartyError::Id(wrong.into())), "{wrong}");
        }
        for wrong in ["https://127.0.0.1", "https://[::1]", "https://intranet", "http://127.0.0.1:3000"] {
            assert!(RelyingParty::of_origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_lie_at_the_domain_or_below() {
        let made = |origin| RelyingParty::new("app.example", "App", [origin]).is_ok();

        assert!(made("https://app.example"));
        assert!(made("https://accounts.app.example:8443"));
        assert!(!made("https://myapp.example"));
        assert!(!made("https://example"));
        assert!(!made("https://app.example.evil.test"));
        assert_eq!(RelyingParty::new("app.example", "App", []), Err(RelyingPartyError::NoOrigin));
    }
}
