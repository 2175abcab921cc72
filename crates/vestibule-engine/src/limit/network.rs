//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Where a request comes from, for the engine to find among the request's extensions.
///
/// ```
/// use std::net::IpAddr;
///
/// use bytes::Bytes;
/// use http::Request;
/// use vestibule_engine::ClientAddress;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let peer: IpAddr = "203.0.113.7".parse()?;
/// let request = Request::get("/auth/session").extension(ClientAddress::Peer(peer)).body(Bytes::new())?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAddress {
    /// The other end of the connection: the client, or the last of the proxies in front; then
    /// [`Config::with_trusted_proxies`](crate::Config::with_trusted_proxies) says how many there are.
    Peer(IpAddr),
    /// The client itself, as the application has found out.
    Client(IpAddr),
}

/// A network, as narrow as one customer of a provider has it: an IPv4 address, or 64 bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Network {
    V4(Ipv4Addr),
    V6(u64),
}

impl Network {
    /// The network of an address. An IPv4 address inside an IPv6 address (mapped, or translated by NAT64) is itself.
    fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(address) => Self::V4(address),
                None => Self::V6(u64::try_from(address.to_bits() >> 64).unwrap_or_default()),
            },
        }
    }

    /// One spelling for each network.
    pub(crate) fn name(self) -> String {
        match self {
            Self::V4(address) => address.to_string(),
            Self::V6(prefix) => format!("{prefix:016x}/64"),
        }
    }

    /// Whether it is not of the public Internet, so that a peer in it is a proxy, or this machine.
    fn is_private(self) -> bool {
        match self {
            Self::V4(address) => {
                let [first, second, ..] = address.octets();
                address.is_private()
                    || address.is_loopback()
                    || address.is_link_local()
                    || address.is_unspecified()
                    || (first == 100 && second & 0xc0 == 64)
            }
            // Loopback and unspecified, unique local, link-local.
            Self::V6(prefix) => prefix == 0 || prefix >> 57 == 0xfc >> 1 || prefix >> 54 == 0xfe80 >> 6,
        }
    }
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., high, low] = address.segments();
    let translated = address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let last = || Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    address.to_ipv4_mapped().or_else(|| translated.then(last))
}

/// What is known about where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Network(Network),
    /// Through a proxy that nothing is known about.
    Hidden,
    /// Nobody says.
    Unknown,
}

/// The network that a request comes from.
///
/// With `proxies` in front, each of which appends to `X-Forwarded-For` whom it was asked by, the client is that many
/// entries from the end; if there are fewer, the first, since then a proxy was asked directly. Without a word about
/// proxies the header says nothing, since anybody can send it, and a peer on a private network is taken for a proxy.
pub(crate) fn network(address: Option<ClientAddress>, headers: &HeaderMap, proxies: Option<u8>) -> Origin {
    let peer = match address {
        None => return Origin::Unknown,
        Some(ClientAddress::Client(client)) => return Origin::Network(Network::of(client)),
        Some(ClientAddress::Peer(peer)) => Network::of(peer),
    };
    match proxies {
        None if peer.is_private() => Origin::Hidden,
        None | Some(0) => Origin::Network(peer),
        Some(proxies) => Origin::Network(forwarded(headers, proxies).unwrap_or(peer)),
    }
}

/// Whom the first of so many proxies was asked by; `None` if no header says so, or what it says is no address.
fn forwarded(headers: &HeaderMap, proxies: u8) -> Option<Network> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter();
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
    let entries: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).map(str::trim).collect();
    let entry = entries.get(entries.len().saturating_sub(proxies.into()))?;
    parse(entry).map(Network::of)
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn parse(entry: &str) -> Option<IpAddr> {
    if let Some(rest) = entry.strip_prefix('[') {
        return rest.split(']').next()?.parse().ok();
    }
    let without_zone = entry.split('%').next().unwrap_or(entry);
    without_zone
        .parse()
        .ok()
        .or_else(|| entry.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    fn asked(address: ClientAddress, lines: &[&str], proxies: Option<u8>) -> Origin {
        let line = |line: &&str| (X_FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        network(Some(address), &lines.iter().map(line).collect(), proxies)
    }

    fn peer(address: &str) -> ClientAddress {
        ClientAddress::Peer(address.parse().unwrap())
    }

    #[test]
    fn spellings_of_one_network_are_one() {
        for same in ["203.0.113.7", "::ffff:203.0.113.7", "64:ff9b::203.0.113.7", "64:ff9b::cb00:7107"] {
            assert_eq!(of(same), of("203.0.113.7"), "{same}");
        }
        assert_eq!(of("2001:db8:1:2::1"), of("2001:DB8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("203.0.113.7"), of("203.0.113.8"));
        assert_ne!(of("::203.0.113.7"), of("203.0.113.7"), "a form that is out of use");
        assert_eq!(of("2001:db8:1:2::1").name(), "20010db800010002/64");
        assert_eq!(of("::ffff:203.0.113.7").name(), "203.0.113.7");
    }

    #[test]
    fn the_header_says_nothing_unless_there_are_proxies() {
        let forged = ["198.51.100.1"];

        for proxies in [None, Some(0)] {
            assert_eq!(asked(peer("203.0.113.7"), &forged, proxies), Origin::Network(of("203.0.113.7")));
        }
        assert_eq!(network(None, &HeaderMap::new(), Some(1)), Origin::Unknown);
    }

    #[test]
    fn the_client_is_as_many_entries_from_the_end_as_there_are_proxies() {
        let client = |lines: &[&str], proxies| asked(peer("10.0.0.1"), lines, Some(proxies));
        let is = |address| Origin::Network(of(address));

        assert_eq!(client(&["9.9.9.9, 203.0.113.7"], 1), is("203.0.113.7"));
        assert_eq!(client(&["9.9.9.9, 203.0.113.7, 10.0.0.2"], 2), is("203.0.113.7"));
        assert_eq!(client(&["9.9.9.9", "203.0.113.7", "10.0.0.2"], 2), is("203.0.113.7"));
        assert_eq!(client(&["203.0.113.7"], 3), is("203.0.113.7"));
        assert_eq!(client(&[], 1), is("10.0.0.1"));
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (written, meant) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(asked(peer("10.0.0.1"), &[written], Some(1)), Origin::Network(of(meant)), "{written}");
        }
        for nothing in ["", "unknown", "_hidden", "203.0.113", "a, b", "203.0.113.7,"] {
            assert_eq!(
                asked(peer("10.0.0.1"), &[nothing], Some(1)),
                Origin::Network(of("10.0.0.1")),
                "{nothing}"
            );
        }
    }

    #[test]
    fn a_private_peer_is_a_proxy_unless_there_are_none() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fc00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(asked(peer(private), &[], None), Origin::Hidden, "{private}");
            assert_eq!(asked(peer(private), &[], Some(0)), Origin::Network(of(private)), "{private}");
        }
        for public in ["203.0.113.7", "100.128.0.1", "172.32.0.1", "2001:db8::1", "fe00::1"] {
            assert_eq!(asked(peer(public), &[], None), Origin::Network(of(public)), "{public}");
        }
    }

    #[test]
    fn what_the_application_says_is_believed() {
        let client = ClientAddress::Client("10.1.2.3".parse().unwrap());

        for proxies in [None, Some(0), Some(1)] {
            assert_eq!(asked(client, &["9.9.9.9"], proxies), Origin::Network(of("10.1.2.3")));
        }
    }

    proptest! {
        #[test]
        fn reading_is_total(lines in proptest::collection::vec("[ -~]{0,60}", 0..4), proxies: u8) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let _ = asked(peer("10.0.0.1"), &lines, Some(proxies));
        }
    }
}
