//! Sign-in by what the application checks itself.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use vestibule_core::{Extra, ProviderId, User, UserId};

use crate::callbacks::CallbackError;

/// Sign-in by a name and a password, or whatever else an application checks itself.
///
/// The engine checks where the form came from and its CSRF token, hands the fields to [`Authorize`], and begins a
/// session for whom it answers. Unlike in Auth.js the session is of the configured strategy, rows of the store
/// included; then [`Credential::id`] has to be the id of a user of the store.
#[derive(Clone)]
pub struct CredentialsProvider {
    pub(crate) id: ProviderId,
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) identifier: Option<String>,
    pub(crate) authorize: Arc<dyn Authorize>,
}

impl CredentialsProvider {
    /// A provider with the id `credentials`, the name `Credentials` and no fields.
    pub fn new(authorize: impl Authorize) -> Self {
        Self {
            id: ProviderId::from("credentials"),
            name: "Credentials".into(),
            fields: Vec::new(),
            identifier: None,
            authorize: Arc::new(authorize),
        }
    }

    /// Another id; it is part of the URLs.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<ProviderId>) -> Self {
        self.id = id.into();
        self
    }

    /// Another name, which people read.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The field that says who wants to sign in, such as `username`: wrong credentials are counted for what is in it.
    /// Not set, it is the first field that is no password.
    #[must_use]
    pub fn with_identifier(mut self, field: impl Into<String>) -> Self {
        self.identifier = Some(field.into());
        self
    }

    /// The field that says who wants to sign in.
    pub(crate) fn identifier(&self) -> Option<&str> {
        let first = || self.fields.iter().find(|field| field.kind != "password");
        self.identifier.as_deref().or_else(|| first().map(|field| field.name.as_str()))
    }

    /// A field of the built-in page's form, after those that were added before.
    #[must_use]
    pub fn with_field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }
}

impl fmt::Debug for CredentialsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsProvider")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// A field of the form on the built-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name under which the value is sent.
    pub name: String,
    /// What stands before the field.
    pub label: String,
    /// The `type` of the input, such as `text` or `password`.
    pub kind: String,
    /// What stands in the field while it is empty.
    pub placeholder: Option<String>,
    /// What a browser may fill in, such as `username` or `current-password`.
    pub autocomplete: Option<String>,
}

impl Field {
    /// A field for text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind: "text".into(),
            placeholder: None,
            autocomplete: None,
        }
    }

    /// A field for a password, which is not shown.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            kind: "password".into(),
            autocomplete: Some("current-password".into()),
            ..Self::text(name, label)
        }
    }

    /// Another `type`, such as `email` or `tel`.
    #[must_use]
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }

    /// What stands in the field while it is empty.
    #[must_use]
    pub fn with_placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    /// What a browser may fill in (`autocomplete`).
    #[must_use]
    pub fn with_autocomplete(mut self, purpose: impl Into<String>) -> Self {
        self.autocomplete = Some(purpose.into());
        self
    }
}

/// Decides whose credentials these are.
#[async_trait]
pub trait Authorize: Send + Sync + 'static {
    /// Whose credentials these are; `None` if they are nobody's.
    ///
    /// `fields` are all that the form sent, the CSRF token included. Take as long for a name that nobody has as for a
    /// wrong password, and hash passwords off the threads of the runtime.
    ///
    /// # Errors
    ///
    /// [`CredentialsError::Refused`] with a code that the page is given (`?error=CredentialsSignin&code=…`);
    /// anything else signs nobody in and tells the browser nothing.
    async fn authorize(&self, fields: &Credentials<'_>) -> Result<Option<Credential>, CredentialsError>;
}

/// The fields of a form with credentials. Prints no values.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    pub(crate) fields: &'a crate::http::Fields,
    pub(crate) headers: &'a http::HeaderMap,
}

impl<'a> Credentials<'a> {
    /// The value of a field; of several the last one.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.get(name)
    }

    /// The headers of the request.
    pub fn headers(&self) -> &'a http::HeaderMap {
        self.headers
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Who signed in by credentials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credential {
    /// The user's id.
    pub id: Option<UserId>,
    /// The display name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The URL of a picture.
    pub image: Option<String>,
    /// What else is known, for the callbacks.
    pub extra: Extra,
}

impl From<User> for Credential {
    fn from(user: User) -> Self {
        Self { id: Some(user.id), name: user.name, email: user.email, image: user.image, extra: user.extra }
    }
}

/// Why credentials sign nobody in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// They are wrong, or not enough; `code` says in which way, such as `otp_required`.
    #[error("the credentials were refused with the code {code}")]
    Refused {
        /// What the page is given as `code`: letters, digits, `-` and `_`.
        code: String,
    },
    /// They could not be checked.
    #[error("the credentials could not be checked")]
    Failed(#[from] CallbackError),
}

impl CredentialsError {
    /// A refusal with a code.
    pub fn refused(code: impl Into<String>) -> Self {
        Self::Refused { code: code.into() }
    }
}
