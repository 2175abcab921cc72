//! Users.

use crate::{Extra, Timestamp, UserId};

/// A user as the store holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The display name.
    pub name: Option<String>,
    /// The e-mail address, exactly as stored.
    pub email: Option<String>,
    /// When the address was last proven to be the user's; `None` if never.
    #[doc(alias = "emailVerified")]
    pub email_verified: Option<Timestamp>,
    /// The URL of a picture.
    pub image: Option<String>,
    /// The application's own columns, every declared one present.
    pub extra: Extra,
}

/// A user to be created. Begin with [`NewUser::default`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewUser {
    /// An id to use if the store lets the application choose. Ignored where the database makes its own, and if
    /// it has the wrong shape for the store.
    pub id: Option<UserId>,
    /// The display name.
    pub name: Option<String>,
    /// The e-mail address, already normalized by the caller.
    pub email: Option<String>,
    /// When the address was proven, if it was.
    pub email_verified: Option<Timestamp>,
    /// The URL of a picture.
    pub image: Option<String>,
    /// The application's own columns; one that is not given gets the database's default.
    pub extra: Extra,
}

impl NewUser {
    /// A user of whom only the e-mail address is known.
    pub fn with_email(email: impl Into<String>) -> Self {
        Self { email: Some(email.into()), ..Self::default() }
    }
}

/// What is to become of one value: left as it is, or set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// The stored value stays.
    #[default]
    Keep,
    /// The stored value is replaced.
    Set(T),
}

impl<T> Change<T> {
    /// The new value, if there is one.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// Changes to a user: only what is set is written, so that concurrent changes to other columns are not lost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserChanges {
    /// The display name.
    pub name: Change<Option<String>>,
    /// The e-mail address.
    pub email: Change<Option<String>>,
    /// When the address was proven.
    pub email_verified: Change<Option<Timestamp>>,
    /// The URL of a picture.
    pub image: Change<Option<String>>,
    /// The application's own columns; one that is not given stays as it is.
    pub extra: Extra,
}
