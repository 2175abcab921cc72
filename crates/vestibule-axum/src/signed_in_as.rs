//! The extractor for handlers that want user and session as types of their own.

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::{DeserializeOwned, IgnoredAny};
use vestibule_engine::CurrentSession;

use crate::rejection::{SessionUnknown, SignedInRejection};
use crate::{Auth, SignedIn};

/// Who is signed in, as types of the application's own: `U` is the user with the application's columns, `D` what it keeps
/// in the session.
///
/// What each is read from, say [`CurrentSession::user_as`] and [`CurrentSession::data_as`]. What does not fit is a fault of
/// the application or of its table, and answered with 500; the log says which member it was. Otherwise it is as
/// [`SignedIn`], an `Option` included.
///
/// ```
/// use serde::Deserialize;
/// use vestibule_axum::SignedInAs;
///
/// #[derive(Deserialize)]
/// struct Member {
///     id: String,
///     role: Option<String>,
/// }
///
/// async fn team(SignedInAs { user, .. }: SignedInAs<Member>) -> String {
///     format!("{} is {}", user.id, user.role.as_deref().unwrap_or("a member"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct SignedInAs<U, D = IgnoredAny> {
    /// The user.
    pub user: U,
    /// What the application keeps in the session.
    pub data: D,
    /// The session itself.
    pub session: CurrentSession,
}

impl<U: DeserializeOwned, D: DeserializeOwned> SignedInAs<U, D> {
    fn read(session: CurrentSession) -> Result<Self, SessionUnknown> {
        match (session.user_as(), session.data_as()) {
            (Ok(user), Ok(data)) => Ok(Self { user, data, session }),
            (Err(error), _) | (_, Err(error)) => Err(SessionUnknown::of_another_shape(error)),
        }
    }
}

impl<S, U, D> FromRequestParts<S> for SignedInAs<U, D>
where
    S: Send + Sync,
    Auth: FromRef<S>,
    U: DeserializeOwned,
    D: DeserializeOwned,
{
    type Rejection = SignedInRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let SignedIn(session) = <SignedIn as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        Ok(Self::read(session)?)
    }
}

impl<S, U, D> OptionalFromRequestParts<S> for SignedInAs<U, D>
where
    S: Send + Sync,
    Auth: FromRef<S>,
    U: DeserializeOwned,
    D: DeserializeOwned,
{
    type Rejection = SessionUnknown;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Self::Rejection> {
        let session = <SignedIn as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        session.map(|SignedIn(session)| Self::read(session)).transpose()
    }
}
