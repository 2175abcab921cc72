//! Which cookies there are.

use crate::config::{CookieOverride, CookiePriority, Cookies, SameSite};

/// The name and the attributes of one cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieSpec {
    pub(crate) name: String,
    pub(crate) domain: Option<String>,
    pub(crate) path: String,
    /// In seconds; in place of the one that the cookie has by itself, if it has one.
    pub(crate) max_age: Option<u64>,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    pub(crate) same_site: SameSite,
    pub(crate) partitioned: bool,
    pub(crate) priority: Option<CookiePriority>,
}

impl CookieSpec {
    /// A cookie with this name and the usual attributes.
    #[cfg(test)]
    pub(crate) fn named(name: &str) -> Self {
        let session_token = CookieOverride { name: Some(name.into()), ..CookieOverride::default() };
        CookieSet::new(&Cookies { session_token, ..Cookies::default() }, false).session_token
    }

    /// The same cookie, sent with a form that another site posts; browsers then demand `Secure`.
    pub(crate) fn across_sites(&self) -> Self {
        Self { secure: true, same_site: SameSite::None, ..self.clone() }
    }
}

/// The cookies of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieSet {
    pub(crate) session_token: CookieSpec,
    pub(crate) callback_url: CookieSpec,
    pub(crate) csrf_token: CookieSpec,
    pub(crate) pkce: CookieSpec,
    pub(crate) state: CookieSpec,
    pub(crate) nonce: CookieSpec,
    /// The challenge of a passkey's ceremony.
    pub(crate) challenge: CookieSpec,
    /// The ticket of a code that was sent by e-mail.
    pub(crate) code: CookieSpec,
    /// Which browser began a sign-in whose answer another site posts.
    pub(crate) browser: CookieSpec,
    /// The browsers that are known.
    pub(crate) known: CookieSpec,
    /// The session cookie of NextAuth v4.
    pub(crate) nextauth_v4: CookieSpec,
}

impl CookieSet {
    /// The cookies as configured, for https or for http.
    pub(crate) fn new(cookies: &Cookies, https: bool) -> Self {
        let secure = cookies.secure.unwrap_or(https);
        let spec = |prefix: &str, name: &str, other: &CookieOverride| CookieSpec {
            name: other.name.clone().unwrap_or_else(|| {
                let prefix = if secure { prefix } else { "" };
                format!("{prefix}{name}")
            }),
            domain: other.domain.clone(),
            path: other.path.clone().unwrap_or_else(|| "/".to_owned()),
            max_age: other.max_age.map(|age| age.as_secs()),
            http_only: other.http_only.unwrap_or(true),
            secure: other.secure.unwrap_or(secure),
            same_site: other.same_site.unwrap_or_default(),
            partitioned: other.partitioned.unwrap_or_default(),
            priority: other.priority,
        };
        let usual = CookieOverride::default();
        // What a page of ours needs besides, wherever it is embedded.
        let forms = &cookies.csrf_token;
        let beside = CookieOverride {
            secure: forms.secure.filter(|secure| *secure),
            same_site: forms.same_site.filter(|same_site| *same_site == SameSite::None),
            partitioned: forms.partitioned,
            ..CookieOverride::default()
        };
        Self {
            session_token: spec("__Secure-", "authjs.session-token", &cookies.session_token),
            callback_url: spec("__Secure-", "authjs.callback-url", &cookies.callback_url),
            csrf_token: spec("__Host-", "authjs.csrf-token", &cookies.csrf_token),
            pkce: spec("__Secure-", "authjs.pkce.code_verifier", &cookies.pkce_code_verifier),
            state: spec("__Secure-", "authjs.state", &cookies.state),
            nonce: spec("__Secure-", "authjs.nonce", &cookies.nonce),
            challenge: spec("__Secure-", "authjs.challenge", &cookies.webauthn_challenge),
            code: spec("__Host-", "vestibule.code", &beside),
            browser: spec("__Host-", "vestibule.browser", &usual),
            known: spec("__Host-", "vestibule.known", &beside),
            nextauth_v4: spec("__Secure-", "next-auth.session-token", &usual),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(set: &CookieSet) -> [&str; 3] {
        [&set.session_token.name, &set.callback_url.name, &set.csrf_token.name]
    }

    #[test]
    fn https_cookies_have_prefixes() {
        let plain = CookieSet::new(&Cookies::default(), false);
        let secure = CookieSet::new(&Cookies::default(), true);

        assert_eq!(names(&plain), ["authjs.session-token", "authjs.callback-url", "authjs.csrf-token"]);
        assert_eq!(
            names(&secure),
            ["__Secure-authjs.session-token", "__Secure-authjs.callback-url", "__Host-authjs.csrf-token"]
        );
        assert!(secure.session_token.secure && !plain.session_token.secure);
    }

    #[test]
    fn names_and_attributes_can_be_overridden() {
        let cookies = Cookies {
            secure: Some(true),
            session_token: CookieOverride {
                name: Some("sid".into()),
                domain: Some("example.com".into()),
                secure: Some(false),
                ..CookieOverride::default()
            },
            ..Cookies::default()
        };

        let set = CookieSet::new(&cookies, false);

        assert_eq!(names(&set), ["sid", "__Secure-authjs.callback-url", "__Host-authjs.csrf-token"]);
        assert_eq!(set.session_token.domain.as_deref(), Some("example.com"));
        assert!(!set.session_token.secure);
    }
    #[test]
    fn what_pages_need_besides_is_sent_across_sites_with_the_csrf_cookie() {
        let other = |same_site| {
            let csrf_token = CookieOverride {
                same_site: Some(same_site),
                partitioned: Some(true),
                ..CookieOverride::default()
            };
            CookieSet::new(&Cookies { csrf_token, ..Cookies::default() }, true)
        };

        for spec in [other(SameSite::None).code, other(SameSite::None).known] {
            assert_eq!((spec.same_site, spec.partitioned, spec.secure), (SameSite::None, true, true));
        }
        assert_eq!(other(SameSite::Strict).code.same_site, SameSite::Lax);
        let usual = CookieSet::new(&Cookies::default(), true);
        assert!(!usual.code.partitioned && !usual.session_token.partitioned);
    }
}
