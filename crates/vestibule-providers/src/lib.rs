//! The sign-in providers of Auth.js, as data.
//!
//! Each of the 93 providers of OAuth and OpenID Connect is an [`Entry`]: where its endpoints are, how it is asked, how
//! the user is found in what it tells, and what it does differently. An operator's [`Settings`] make a
//! [`Provider`](vestibule_oauth::Provider) of it; [`from_env`] does that for every provider that the environment names.
//!
//! ```
//! use vestibule_providers::{Settings, find};
//!
//! let keycloak = find("keycloak").expect("it is in the catalogue");
//! let settings = Settings::new("my-app").with_client_secret("…").with_issuer("https://sso.example.com/realms/demo");
//! let provider = keycloak.provider(&settings)?;
//! # Ok::<(), vestibule_providers::SettingsError>(())
//! ```
//!
//! Nothing here sends a request. To add a provider, add an entry to the table of its letter below `entries`, and what
//! the provider tells about a user to `fixtures/providers`; the tests say what else they want.

mod entries;
mod entry;
mod environment;
mod mapping;
mod options;
mod page;
mod provider;
mod settings;
mod values;
mod words;

pub use crate::entry::{Entry, IssuerNeed, Style};
pub use crate::environment::{EnvironmentError, from_env};
pub use crate::options::{OptionKind, OptionSpec};
#[doc(hidden)]
pub use crate::page::page;
pub use crate::settings::{Settings, SettingsError};

/// Every entry, in the order of the ids.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    entries::TABLES.iter().copied().flatten()
}

/// The entry of this id, which is that of the originals.
pub fn find(id: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.id() == id)
}
