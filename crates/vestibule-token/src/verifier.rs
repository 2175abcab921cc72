//! Who is signed in, for services that only want to know that.

use std::borrow::Cow;

use crate::claims::Claims;
use crate::cookie::{self, AUTHJS, AUTHJS_SECURE, NEXTAUTH, NEXTAUTH_SECURE};
use crate::error::TokenError;
use crate::keys::SessionKeys;

/// Tells who is signed in, from the headers of a request and the secrets that the servers share.
///
/// Reads sessions and never extends them: that is up to whoever signs people in. A token that was signed out elsewhere
/// is accepted until it expires, because it is nowhere written down.
///
/// ```
/// use vestibule_token::{TokenError, Verifier};
///
/// /// What to answer to a request.
/// fn greet(verifier: &Verifier, cookies: &[&str], authorization: Option<&str>, now: i64) -> String {
///     match verifier.verify(cookies.iter().copied(), authorization, now) {
///         Ok(Some(claims)) => format!("Hello, {}", claims.text("name").unwrap_or("whoever you are")),
///         Ok(None) => "401: sign in first".into(),
///         Err(TokenError::Expired) => "401: sign in again".into(),
///         Err(reason) => format!("401: {reason}"),
///     }
/// }
///
/// # use vestibule_token::{Claims, SessionKeys, cookie};
/// // The value of AUTH_SECRET in the application that signs people in.
/// let verifier = Verifier::new(&["a secret of 32 or more random characters"]);
/// let now = 1_700_000_000; // seconds since 1970
///
/// assert_eq!(greet(&verifier, &["theme=dark"], None, now), "401: sign in first");
/// # let keys = SessionKeys::new(&["a secret of 32 or more random characters"], cookie::AUTHJS);
/// # let token = keys.seal(&Claims::from([("name", "Ada")]), now, 60, &[7; 32]);
/// # let cookies = format!("theme=dark; {}={token}", cookie::AUTHJS);
/// assert_eq!(greet(&verifier, &[&cookies], None, now), "Hello, Ada");
/// assert_eq!(greet(&verifier, &[&cookies], None, now + 3600), "401: sign in again");
/// ```
#[derive(Clone)]
pub struct Verifier {
    /// Those of version 5 come first.
    doors: Vec<Door>,
    /// The name of the cookie, if it is not one of Auth.js'.
    custom: Option<Box<str>>,
}

/// A cookie, and what opens it.
#[derive(Clone)]
struct Door {
    cookie: Box<str>,
    keys: SessionKeys,
    /// Whether a token without `sub` is none.
    wants_subject: bool,
}

impl Verifier {
    /// Reads the session cookie of Auth.js v5, with and without the prefix `__Secure-`, under any of `secrets`, the
    /// newest first.
    ///
    /// The prefix is a promise of the browser that the cookie came over `https`. A service that is reached by nothing
    /// else accepts only that one with [`for_cookie`](Self::for_cookie) and [`AUTHJS_SECURE`].
    pub fn new<S: AsRef<str>>(secrets: &[S]) -> Self {
        let door = |name| Door::new(name, SessionKeys::new(secrets, name));
        Self { doors: vec![door(AUTHJS_SECURE), door(AUTHJS)], custom: None }
    }

    /// Reads the session cookie of this name and no other, prefix included.
    pub fn for_cookie<S: AsRef<str>>(secrets: &[S], name: &str) -> Self {
        let door = Door::new(name, SessionKeys::new(secrets, name));
        Self { doors: vec![door], custom: Some(name.into()) }
    }

    /// Reads sessions that NextAuth v4 sealed under any of `secrets`, too: in its own cookies, or in the one that was
    /// named. One without `sub` is malformed, since that version seals more than sessions under these keys.
    #[must_use]
    pub fn with_nextauth_v4<S: AsRef<str>>(mut self, secrets: &[S]) -> Self {
        let keys = SessionKeys::nextauth_v4(secrets, "");
        let door = |name: &str| Door { wants_subject: true, ..Door::new(name, keys.clone()) };
        match self.custom.as_deref() {
            Some(name) => self.doors.push(door(name)),
            None => self.doors.extend([NEXTAUTH_SECURE, NEXTAUTH].map(door)),
        }
        self
    }

    /// Tells the claims of whoever is signed in.
    ///
    /// `cookies` are the values of the `Cookie` headers, `authorization` that of the `Authorization` header, which
    /// counts only if there is no session cookie at all; `now` is in seconds since 1970. Of several cookies that open
    /// the first of Auth.js v5 counts, the one with the prefix before the one without.
    ///
    /// No session cookie and no bearer token is `None`. When the session ends is [`Claims::expires`].
    ///
    /// # Errors
    ///
    /// Each variant of [`TokenError`]: there is a session, and it does not count.
    pub fn verify<'a>(
        &self,
        cookies: impl IntoIterator<Item = &'a str>,
        authorization: Option<&str>,
        now: i64,
    ) -> Result<Option<Claims>, TokenError> {
        let headers: Vec<&str> = cookies.into_iter().collect();
        let mut outcome = Outcome(None);
        for door in &self.doors {
            let found = cookie::find(headers.iter().flat_map(|header| cookie::pairs(header)), &door.cookie);
            if found.is_empty() {
                continue;
            }
            match door.open(found.token(), now) {
                Ok(claims) => return Ok(Some(claims)),
                Err(error) => outcome.note(error),
            }
        }
        if let (None, Some(token)) = (outcome.0, authorization.and_then(cookie::bearer)) {
            for door in &self.doors {
                match door.open(Some(Cow::Borrowed(&*token)), now) {
                    Ok(claims) => return Ok(Some(claims)),
                    Err(error) => outcome.note(error),
                }
            }
        }
        outcome.0.map_or(Ok(None), Err)
    }
}

impl Door {
    fn new(cookie: &str, keys: SessionKeys) -> Self {
        Self { cookie: cookie.into(), keys, wants_subject: false }
    }

    fn open(&self, token: Option<Cow<'_, str>>, now: i64) -> Result<Claims, TokenError> {
        let claims = self.keys.open(&token.ok_or(TokenError::Malformed)?, now)?;
        // NextAuth v4 seals a state or a code verifier under the keys of its sessions. Neither is about anybody.
        let is_about_somebody = claims.text("sub").is_some_and(|sub| !sub.is_empty());
        if self.wants_subject && !is_about_somebody { Err(TokenError::Malformed) } else { Ok(claims) }
    }
}

/// Why nothing has opened so far: of several reasons, the first that is about the token rather than about the door.
struct Outcome(Option<TokenError>);

impl Outcome {
    fn note(&mut self, error: TokenError) {
        if matches!(self.0, None | Some(TokenError::UnknownKey | TokenError::Unsupported)) {
            self.0 = Some(error);
        }
    }
}

impl std::fmt::Debug for Verifier {
    /// Shows the names of the cookies.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.doors.iter().map(|door| &door.cookie)).finish()
    }
}
