//! The sign-in engine of Vestibule: Auth.js' HTTP interface, free of I/O of its own.
//!
//! [`Engine::handle`] turns a request below the base path into a response; [`Engine::session`] says who is
//! signed in. The store ([`Adapter`](vestibule_core::Adapter)), the clock, the random source and the
//! [`Mailer`] are handed in as [`Parts`]; everything else is [`Config`]. The engine opens no socket, starts no
//! task and keeps no state between requests, so any number of processes may share one store.
//!
//! In this version: database sessions and sign-in by e-mail link.
//!
//! ```
//! use std::sync::Arc;
//!
//! use bytes::Bytes;
//! use http::Request;
//! use vestibule_engine::{Config, EmailProvider, Engine, Parts};
//! use vestibule_memory::Memory;
//! use vestibule_testkit::Mailbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new("a secret of at least 32 characters")
//!     .with_base_url("https://app.example.com")
//!     .with_provider(EmailProvider::new("App <no-reply@example.com>"));
//! let engine = Engine::new(config, Parts::new(Arc::new(Memory::new()), Arc::new(Mailbox::new())))?;
//!
//! let response = engine.handle(Request::get("/auth/session").body(Bytes::new())?).await;
//!
//! assert_eq!(response.body(), "null");
//! # Ok(())
//! # }
//! ```

mod callback_url;
mod config;
mod cookie;
mod csrf;
mod email;
mod engine;
mod error;
mod http;
mod mail;
mod pages;
mod random;
mod route;
mod secrets;
mod session;
mod time;

pub use config::{
    ColorScheme, Config, ConfigError, ConfigProblem, CookieOverride, Cookies, EmailProvider, LinkRedemption,
    Pages, Provider, SessionStrategy, Theme, TrustedHosts,
};
pub use email::InvalidAddress;
pub use engine::{Engine, Parts};
pub use error::SessionError;
pub use mail::{Mail, MailError, Mailer};
pub use secrets::Secret;
pub use session::CurrentSession;
pub use vestibule_core::OsRandom;
