//! The checks of cookies: that browsers keep them, and bring them back here.

use std::collections::HashSet;

use url::{Host, Url};
use vestibule_token::cookie::{NEXTAUTH, NEXTAUTH_SECURE};

use crate::config::{ConfigProblem, SameSite};
use crate::cookie::{CookieSet, CookieSpec};
use crate::http::{Origin, OriginPolicy};

/// What cookies have to go with.
pub(super) struct Surroundings<'a> {
    /// Where browsers reach us, if that can be known.
    pub(super) origin: Option<&'a OriginPolicy>,
    pub(super) base_path: &'a str,
    /// Whether somebody signs in elsewhere and comes back.
    pub(super) leaves_for_providers: bool,
    /// Whether sessions of NextAuth v4 are taken over from its cookie.
    pub(super) reads_nextauth_v4: bool,
}

impl Surroundings<'_> {
    /// Whether an origin by https, or by http, can be one of ours.
    fn may_be(&self, https: bool) -> bool {
        match self.origin {
            Some(OriginPolicy::Fixed(origin)) => origin.is_https() == https,
            Some(OriginPolicy::Listed(origins)) => origins.iter().any(|origin| origin.is_https() == https),
            Some(OriginPolicy::Named) => true,
            None => https,
        }
    }

    /// Whether all the hosts that are known are in a domain.
    fn is_within(&self, domain: &str) -> bool {
        let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
        let within = |origin: &Origin| match Url::parse(origin.as_str()).ok().as_ref().and_then(Url::host) {
            Some(Host::Domain(host)) => {
                host.strip_suffix(&*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            // An address has no domains above it.
            Some(address) => address.to_string() == domain,
            None => true,
        };
        match self.origin {
            Some(OriginPolicy::Fixed(origin)) => within(origin),
            Some(OriginPolicy::Listed(origins)) => origins.iter().all(within),
            Some(OriginPolicy::Named) | None => true,
        }
    }

    /// Whether browsers send a cookie with this path to our routes.
    fn is_below(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let rest = self.base_path.strip_prefix(path);
        path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Checks the cookies of those schemes that can occur.
pub(super) fn cookies(
    https: &CookieSet,
    http: &CookieSet,
    around: &Surroundings<'_>,
    problems: &mut Vec<ConfigProblem>,
) {
    for (set, is_https) in [(https, true), (http, false)] {
        if around.may_be(is_https) {
            one_scheme(set, around, problems);
        }
    }
}

fn one_scheme(set: &CookieSet, around: &Surroundings<'_>, problems: &mut Vec<ConfigProblem>) {
    let named = [
        ("session_token", &set.session_token),
        ("callback_url", &set.callback_url),
        ("csrf_token", &set.csrf_token),
        ("pkce_code_verifier", &set.pkce),
        ("state", &set.state),
        ("nonce", &set.nonce),
        ("webauthn_challenge", &set.challenge),
        ("code", &set.code),
        ("browser", &set.browser),
        ("known", &set.known),
    ];
    for (cookie, spec) in named {
        for reason in attributes(spec, around) {
            problems.push(ConfigProblem::Cookie { cookie, reason });
        }
        // A challenge is answered from our own page.
        let comes_back = !matches!(cookie, "session_token" | "callback_url" | "webauthn_challenge");
        if comes_back && around.leaves_for_providers && spec.same_site == SameSite::Strict {
            let reason = "nobody who comes back from a provider would bring it: leave it at SameSite=Lax";
            problems.push(ConfigProblem::Cookie { cookie, reason });
        }
        if is_piece(&spec.name, &set.session_token.name) {
            let reason = "it would be read as a piece of the session: do not name it as the session cookie with a dot and \
                          digits";
            problems.push(ConfigProblem::Cookie { cookie, reason });
        }
    }
    if around.reads_nextauth_v4 && is_nextauth_v4(&set.session_token.name) {
        let reason = "sessions of NextAuth v4 are taken over from the cookie of this name, which is deleted then: leave out \
                      the name, so that it is v5's";
        problems.push(ConfigProblem::Cookie { cookie: "session_token", reason });
    }
    let names: HashSet<&str> = named.iter().map(|(_, spec)| spec.name.as_str()).collect();
    if names.len() < named.len() {
        problems.push(ConfigProblem::Cookie { cookie: "names", reason: "two cookies have one name" });
    }
}

/// What is wrong with the attributes of one cookie.
fn attributes(spec: &CookieSpec, around: &Surroundings<'_>) -> Vec<&'static str> {
    let CookieSpec { name, domain, path, max_age, secure, http_only, same_site, partitioned, .. } = spec;
    // Browsers look at prefixes without regard to case.
    let begins =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_host_only = begins("__Host-");
    // From the drafts behind RFC 6265bis: what scripts can neither read nor have set.
    let is_http_only = begins("__Http-") || begins("__Host-Http-");
    let path_is_plain = path.starts_with('/')
        && path.bytes().all(|byte| (byte.is_ascii_graphic() || byte == b' ') && !b";\\,".contains(&byte));
    let refusals = [
        (
            name.is_empty() || !name.bytes().all(is_token),
            "its name must consist of letters, digits and !#$%&'*+-.^_`|~",
        ),
        (
            is_host_only && domain.is_some(),
            "browsers refuse a __Host- cookie with a domain: give it another name or no domain",
        ),
        (
            is_host_only && path != "/",
            "browsers refuse a __Host- cookie with another path than /: give it another name or that path",
        ),
        (
            (is_host_only || is_http_only || begins("__Secure-")) && !secure,
            "browsers refuse a __Secure-, __Host- or __Http- cookie without Secure: give it another name",
        ),
        (
            is_http_only && !http_only,
            "browsers refuse an __Http- or __Host-Http- cookie without HttpOnly: give it another name or leave that on",
        ),
        (
            *same_site == SameSite::None && !secure,
            "browsers refuse SameSite=None without Secure: serve by https, or leave SameSite at Lax",
        ),
        (
            *partitioned && !secure,
            "browsers refuse Partitioned without Secure: serve by https, or leave it out",
        ),
        (!domain.as_deref().is_none_or(is_domain), "its domain is not a host name"),
        (
            domain.as_deref().is_some_and(|domain| is_domain(domain) && !around.is_within(domain)),
            "browsers refuse a domain that the host is not in: write the host's own or one above it",
        ),
        (
            !path_is_plain,
            "its path does not begin with a slash, or has a character that a cookie cannot have",
        ),
        (
            path_is_plain && !around.is_below(path),
            "browsers would not send it to the base path: write / or a path above that",
        ),
        (*max_age == Some(0), "browsers would delete it at once: a max_age must be a second or longer"),
    ];
    refusals.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, reason)| reason).collect()
}

/// Whether a cookie's name is that of a piece of another one.
fn is_piece(name: &str, whole: &str) -> bool {
    let index = name.strip_prefix(whole).and_then(|rest| rest.strip_prefix('.'));
    index.is_some_and(|index| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether NextAuth v4 names its session cookie so.
pub(super) fn is_nextauth_v4(name: &str) -> bool {
    [NEXTAUTH, NEXTAUTH_SECURE].contains(&name)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}
