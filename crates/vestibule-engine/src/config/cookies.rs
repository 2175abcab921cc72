//! Names and attributes of the cookies.

use std::time::Duration;

/// Other names and attributes for the cookies than Auth.js' defaults (its option `cookies`).
///
/// Sharing cookies with an Auth.js application needs the same names on both sides: the keys of what is sealed in a cookie are
/// made of its name. What browsers would not keep, or not bring back here, is refused when the engine is made, as far as it can be
/// told: whether a domain is one that many share (a public suffix, such as `co.uk`), which browsers refuse, is not looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookies {
    /// Whether cookies are for https only, with the prefixes `__Secure-` and `__Host-` (`useSecureCookies`);
    /// `None` goes by the scheme of the origin.
    pub secure: Option<bool>,
    /// The cookie of the session token. To take over people from NextAuth v4 give it the name of v4's if sessions are in the
    /// store, and leave it alone otherwise: see [`JwtPolicy::with_nextauth_v4`](crate::JwtPolicy::with_nextauth_v4).
    pub session_token: CookieOverride,
    /// The cookie that remembers where a sign-in leads to.
    pub callback_url: CookieOverride,
    /// The cookie of the CSRF token. The engine's own cookies for codes, and for browsers that are known, are sent across sites
    /// if it is.
    pub csrf_token: CookieOverride,
    /// The cookie of the PKCE code verifier (`pkceCodeVerifier`).
    pub pkce_code_verifier: CookieOverride,
    /// The cookie of the state that went to a provider.
    pub state: CookieOverride,
    /// The cookie of the nonce that went to a provider.
    pub nonce: CookieOverride,
    /// The cookie of the challenge that a passkey has to answer (`webauthnChallenge`).
    pub webauthn_challenge: CookieOverride,
}

/// What differs from the default for one cookie; what is `None` stays as it is.
///
/// ```
/// use vestibule_engine::{CookieOverride, Cookies, SameSite};
///
/// // Pages of yours that other sites embed in theirs: signing in, out, and being signed in there. Each of those sites has a
/// // session of its own, apart from the one that a browser has when it visits you. The engine's pages refuse to be embedded.
/// let embedded = || CookieOverride {
///     same_site: Some(SameSite::None),
///     partitioned: Some(true),
///     ..CookieOverride::default()
/// };
/// let cookies = Cookies {
///     session_token: embedded(),
///     csrf_token: embedded(),
///     callback_url: embedded(),
///     ..Cookies::default()
/// };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieOverride {
    /// The whole name; no prefix is put in front of it.
    pub name: Option<String>,
    /// The `Domain` attribute, to share the cookie with subdomains: the host's own or one above it.
    pub domain: Option<String>,
    /// The `Path` attribute in place of `/`; it has to cover the base path.
    pub path: Option<String>,
    /// The `Max-Age` attribute, in whole seconds and at least one. Browsers prefer it to the time at which a cookie expires; what is sealed in a
    /// cookie counts no longer for it.
    pub max_age: Option<Duration>,
    /// The `HttpOnly` attribute. Without it every script on the page can read the cookie.
    pub http_only: Option<bool>,
    /// The `Secure` attribute, in place of the one that goes by the scheme.
    pub secure: Option<bool>,
    /// The `SameSite` attribute in place of `Lax`.
    pub same_site: Option<SameSite>,
    /// The `Partitioned` attribute: a page that another site embeds has a cookie of its own below that site, also where browsers
    /// keep no others there. They demand `Secure` with it.
    pub partitioned: Option<bool>,
    /// The `Priority` attribute, of which there is none unless it is set.
    pub priority: Option<CookiePriority>,
}

/// Which cookies a browser that has too many of one site gives up first (`Priority`); not every browser looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookiePriority {
    /// Before the others.
    Low,
    /// As those that say nothing.
    Medium,
    /// After the others.
    High,
}

/// With which requests that another site leads to a browser sends a cookie (`SameSite`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// With none. Whoever comes back from a provider, or follows a link, then seems to be signed out for that one request:
    /// a strict session cookie keeps accounts at providers from being linked to whoever is signed in.
    Strict,
    /// With those that open a page by `GET`.
    #[default]
    Lax,
    /// With all; browsers then demand `Secure`. Posts from other sites are refused by where they come from all the same.
    None,
}
