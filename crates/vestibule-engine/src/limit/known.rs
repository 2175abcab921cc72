//! Browsers that somebody has signed in with before.
//!
//! What strangers count up for a name must not keep its owner out. So a browser gets a cookie when somebody signs in with
//! it, and afterwards has a count of its own for that name.

use http::HeaderValue;
use sha2::{Digest, Sha256};
use vestibule_token::Claims;

use crate::cookie::seal;
use crate::random::random_hex;
use crate::route::Context;

/// What the keys that seal the cookie are derived for.
pub(crate) const SALT: &str = "vestibule.known";
/// How long a browser is known, in seconds: half a year.
const MAX_AGE: u64 = 180 * 24 * 60 * 60;
/// For how many names a browser is known.
const NAMES: usize = 8;

/// A browser that is known for some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownBrowser {
    /// Tells browsers apart.
    pub(crate) id: String,
    /// The names, hashed, those that signed in last first.
    names: Vec<String>,
}

impl KnownBrowser {
    /// The browser of a request, if it has the cookie.
    pub(crate) fn read(context: &Context<'_>) -> Option<Self> {
        let sealed = context.cookies.get(&context.names.known.name)?;
        let now = context.parts.clock.now().as_secs();
        let claims = context.settings.known_keys.open(&sealed, now).ok()?;
        let names = claims.text("names")?.split(' ').map(str::to_owned).collect();
        Some(Self { id: claims.text("id")?.to_owned(), names })
    }

    /// Whether somebody has signed in under this name.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let hash = self.hash(name);
        self.names.contains(&hash)
    }

    /// The cookie of a browser in which somebody has just signed in under this name.
    pub(crate) fn remember(name: &str, context: &Context<'_>) -> HeaderValue {
        let (parts, settings) = (context.parts, context.settings);
        let new = || Self { id: random_hex(&*parts.random)[..32].to_owned(), names: Vec::new() };
        let mut browser = Self::read(context).unwrap_or_else(new);
        let hash = browser.hash(name);
        browser.names.retain(|known| *known != hash);
        browser.names.insert(0, hash);
        browser.names.truncate(NAMES);
        let mut claims = Claims::new();
        claims.insert("id", browser.id);
        claims.insert("names", browser.names.join(" "));
        let now = parts.clock.now();
        let sealed = seal(&settings.known_keys, &claims, now, MAX_AGE, &*parts.random);
        let until = now.after(std::time::Duration::from_secs(MAX_AGE));
        context.names.known.set_for(&sealed, Some(MAX_AGE), until)
    }

    /// A name as the cookie has it: short, and another one in each browser.
    fn hash(&self, name: &str) -> String {
        let digest = Sha256::new()
            .chain_update(b"vestibule:known")
            .chain_update(&self.id)
            .chain_update(b" ")
            .chain_update(name)
            .finalize();
        hex::encode(&digest[..16])
    }
}
