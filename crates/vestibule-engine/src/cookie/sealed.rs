//! Cookies whose value only we can read: what was sent to a provider and must come back.

use http::HeaderValue;
use vestibule_core::{ProviderId, Random, Timestamp};
use vestibule_token::{Claims, SessionKeys};

use crate::cookie::{CookieSpec, RequestCookies};

/// How long a sign-in at a provider may take, in seconds.
pub(crate) const MAX_AGE: u64 = 900;

/// One of the cookies that a sign-in at a provider leaves in the browser, and the keys that its name gives.
#[derive(Clone, Debug)]
pub(crate) struct SealedCookie {
    pub(crate) spec: CookieSpec,
    keys: SessionKeys,
    /// Auth.js gives all of them the attribute `Max-Age` but the nonce.
    has_max_age: bool,
}

impl SealedCookie {
    pub(crate) fn new(spec: CookieSpec, secrets: &[&str], has_max_age: bool) -> Self {
        let keys = SessionKeys::new(secrets, &spec.name);
        Self { spec, keys, has_max_age }
    }

    /// Sets the cookie to a value that counts for this provider alone, with whatever else it is to carry.
    pub(crate) fn set(
        &self,
        value: &str,
        provider: &ProviderId,
        carried: Option<&Claims>,
        across_sites: bool,
        now: Timestamp,
        random: &dyn Random,
    ) -> HeaderValue {
        let mut claims = Claims::new();
        claims.insert("value", value);
        claims.insert("provider", provider.as_str());
        for (name, carried) in carried.into_iter().flat_map(Claims::iter) {
            claims.insert(name, carried.clone());
        }
        let sealed = seal(&self.keys, &claims, now, MAX_AGE, random);
        let spec = if across_sites { self.spec.across_sites() } else { self.spec.clone() };
        let max_age = self.has_max_age.then_some(MAX_AGE);
        spec.set_for(&sealed, max_age, now.after(std::time::Duration::from_secs(MAX_AGE)))
    }

    /// The value, if the cookie is there, ours, fresh and this provider's.
    pub(crate) fn open(
        &self,
        cookies: &RequestCookies<'_>,
        provider: &ProviderId,
        now: Timestamp,
    ) -> Option<String> {
        let claims = self.claims(cookies, provider, now)?;
        claims.text("value").filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// All that the cookie carries, on the same conditions.
    pub(crate) fn claims(
        &self,
        cookies: &RequestCookies<'_>,
        provider: &ProviderId,
        now: Timestamp,
    ) -> Option<Claims> {
        let sealed = cookies.get(&self.spec.name)?;
        let claims = self.keys.open(&sealed, now.as_secs()).ok()?;
        (claims.text("provider") == Some(provider.as_str())).then_some(claims)
    }
}

/// Seals claims for so many seconds.
pub(crate) fn seal(
    keys: &SessionKeys,
    claims: &Claims,
    now: Timestamp,
    max_age: u64,
    random: &dyn Random,
) -> String {
    let mut entropy = [0; 32];
    random.fill(&mut entropy);
    keys.seal(claims, now.as_secs(), max_age, &entropy)
}
