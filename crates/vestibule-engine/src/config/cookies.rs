//! Names and attributes of the cookies.

/// Other names and attributes for the cookies than Auth.js' defaults.
///
/// Sharing cookies with an Auth.js application needs the same names on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookies {
    /// Whether cookies are for https only, with the prefixes `__Secure-` and `__Host-` (`useSecureCookies`);
    /// `None` goes by the scheme of the origin.
    pub secure: Option<bool>,
    /// The cookie of the session token.
    pub session_token: CookieOverride,
    /// The cookie that remembers where a sign-in leads to.
    pub callback_url: CookieOverride,
    /// The cookie of the CSRF token.
    pub csrf_token: CookieOverride,
    /// The cookie of the PKCE code verifier (`pkceCodeVerifier`).
    pub pkce_code_verifier: CookieOverride,
    /// The cookie of the state that went to a provider.
    pub state: CookieOverride,
    /// The cookie of the nonce that went to a provider.
    pub nonce: CookieOverride,
}

/// What differs from the default for one cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieOverride {
    /// The whole name; no prefix is put in front of it.
    pub name: Option<String>,
    /// The `Domain` attribute, to share the cookie with subdomains.
    pub domain: Option<String>,
    /// The `Secure` attribute, in place of the one that goes by the scheme.
    pub secure: Option<bool>,
}
