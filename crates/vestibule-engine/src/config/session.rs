//! How sessions are kept.

use std::time::Duration;

use vestibule_core::TouchPolicy;

/// How sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionStrategy {
    /// As rows of the store; the cookie holds the token of the row.
    Database(TouchPolicy),
    /// In the cookie alone, encrypted under the secret; the store is not asked who is signed in.
    Jwt(JwtPolicy),
}

impl Default for SessionStrategy {
    fn default() -> Self {
        Self::Database(TouchPolicy::default())
    }
}

impl From<TouchPolicy> for SessionStrategy {
    fn from(policy: TouchPolicy) -> Self {
        Self::Database(policy)
    }
}

impl From<JwtPolicy> for SessionStrategy {
    fn from(policy: JwtPolicy) -> Self {
        Self::Jwt(policy)
    }
}

/// How sessions in the cookie live on.
///
/// As in Auth.js every `GET /session` renews the cookie for the whole of `max_age`. A cookie that was handed out
/// cannot be taken back: signing out deletes the browser's copy, and a copy somebody else made is good until it
/// expires. [`with_absolute_age`](Self::with_absolute_age) bounds how long that can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JwtPolicy {
    /// How long a session lives from its last renewal, in whole seconds.
    pub max_age: Duration,
    /// How long the token in the cookie counts, if not for `max_age` (Auth.js' `jwt.maxAge`).
    pub token_max_age: Option<Duration>,
    /// How long a session lives at most from the moment of signing in, however often it is renewed.
    pub absolute_age: Option<Duration>,
    /// Whether tokens of NextAuth v4 are taken too, from the cookies of that name; they are renewed as v5's.
    pub reads_nextauth_v4: bool,
}

impl Default for JwtPolicy {
    /// Auth.js' default: 30 days, renewed without end.
    fn default() -> Self {
        Self {
            max_age: Duration::from_hours(30 * 24),
            token_max_age: None,
            absolute_age: None,
            reads_nextauth_v4: false,
        }
    }
}

impl JwtPolicy {
    /// Sessions that live for `max_age` from their last renewal; parts of a second do not count.
    pub fn new(max_age: Duration) -> Self {
        Self { max_age, ..Self::default() }
    }

    /// Tokens that count for another time than the session's.
    #[must_use]
    pub fn with_token_max_age(mut self, max_age: Duration) -> Self {
        self.token_max_age = Some(max_age);
        self
    }

    /// An end that no renewal moves: so long after signing in, one has to sign in again.
    ///
    /// The moment of signing in stands in the token as the claim `auth_time` (OIDC Core §2). A token without it,
    /// which a service of Auth.js' own has made, counts from its `iat`.
    #[must_use]
    pub fn with_absolute_age(mut self, age: Duration) -> Self {
        self.absolute_age = Some(age);
        self
    }

    /// Takes the session cookies of NextAuth v4 too, so that nobody is signed out by the move.
    ///
    /// One that is taken becomes a cookie of v5 and is deleted, so that a session that ends has ended: an application of
    /// v4 on the same host knows the browser no more. So the session cookie must not have the name of v4's
    /// ([`Cookies::session_token`](crate::Cookies)), which [`Engine::new`](crate::Engine::new) refuses: a new session would be
    /// deleted under its own name.
    #[must_use]
    pub fn with_nextauth_v4(mut self) -> Self {
        self.reads_nextauth_v4 = true;
        self
    }
}
