//! What the application is told.

use async_trait::async_trait;
use serde_json::Value;
use vestibule_core::{NewAccount, NewUser, Session, User};
use vestibule_token::Claims;

use crate::callbacks::{CallbackError, SessionView};

/// What the application is told: Auth.js' `events`.
///
/// Each is waited for, after what it tells has happened. An error is logged and changes nothing.
#[async_trait]
pub trait Events: Send + Sync + 'static {
    /// Somebody signed in (`signIn`).
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn sign_in(&self, event: &SignedInEvent<'_>) -> Result<(), CallbackError> {
        let _ = event;
        Ok(())
    }

    /// Somebody signed out (`signOut`).
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn sign_out(&self, event: &SignedOutEvent<'_>) -> Result<(), CallbackError> {
        let _ = event;
        Ok(())
    }

    /// A user was created (`createUser`).
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn create_user(&self, user: &User) -> Result<(), CallbackError> {
        let _ = user;
        Ok(())
    }

    /// A user was changed (`updateUser`): their address is verified now.
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn update_user(&self, user: &User) -> Result<(), CallbackError> {
        let _ = user;
        Ok(())
    }

    /// An account was linked to a user (`linkAccount`), one that was created with the user included.
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn link_account(&self, event: &LinkedEvent<'_>) -> Result<(), CallbackError> {
        let _ = event;
        Ok(())
    }

    /// A browser asked for its session, and is about to be told (`session`).
    ///
    /// # Errors
    ///
    /// Are logged.
    async fn session(&self, event: &SessionEvent<'_>) -> Result<(), CallbackError> {
        let _ = event;
        Ok(())
    }
}

/// Somebody who signed in.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignedInEvent<'a> {
    /// Who.
    pub user: &'a User,
    /// By which account.
    pub account: &'a NewAccount,
    /// What the provider told about them.
    pub profile: Option<&'a Value>,
    /// Whether the user was created just now.
    pub is_new_user: bool,
}

/// An account that was linked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LinkedEvent<'a> {
    /// To whom.
    pub user: &'a User,
    /// The account.
    pub account: &'a NewAccount,
    /// The user that the provider tells of (`profile`): what a new one is created as, which `user` need not be.
    pub profile: &'a NewUser,
}

/// A session that a browser is told of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionEvent<'a> {
    /// What it is told, as the callback `session` left it (`session`).
    pub body: &'a Claims,
    /// The session itself: its row, or the claims of its token (`token`).
    pub view: SessionView<'a>,
}

/// A session that was ended by its user.
#[derive(Clone, Copy, Debug)]
pub enum SignedOutEvent<'a> {
    /// A row of the store, which is gone; `None` if it was gone already.
    Database(Option<&'a Session>),
    /// A token, whose cookie is deleted.
    Jwt(&'a Claims),
}
