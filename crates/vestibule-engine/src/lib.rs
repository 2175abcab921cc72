//! The sign-in engine of Vestibule: Auth.js' HTTP interface, free of I/O of its own.
//!
//! [`Engine::handle`] turns a request below the base path into a response; [`Engine::session`] says who is
//! signed in. The store ([`Adapter`](vestibule_core::Adapter)), the clock, the random source and the
//! [`Mailer`] are handed in as [`Parts`]; everything else is [`Config`]. The engine opens no socket, and starts
//! tasks only on a [`Runtime`] that it is given. What it keeps between requests it can lose (a provider's documents and keys,
//! who refreshes which token right now), so any number of processes may share one store.
//!
//! Sessions are rows of the store, or tokens in the cookie; one signs in by e-mail link, by an account at a provider of
//! OAuth 2 or OpenID Connect, by a passkey, or by credentials that the application checks. With tokens in the cookie an application can do
//! without a store: [`Parts::without_store`].
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

mod access_token;
mod callback_url;
mod callbacks;
mod code;
mod config;
mod cookie;
mod csrf;
mod email;
mod engine;
mod engines;
mod error;
mod http;
mod language;
mod limit;
mod mail;
mod no_store;
mod own_account;
mod own_passkeys;
mod own_tokens;
mod pages;
mod places;
mod random;
mod route;
mod runtime;
mod secrets;
mod session;
mod sign_in;
mod time;

pub use access_token::{AccessToken, AccessTokenError, refresh_lease};
pub use callbacks::{
    CallbackError, Callbacks, Events, JwtCause, LinkedEvent, SessionEvent, SessionSource, SessionView,
    SignInAttempt, SignInDecision, SignInMethod, SignedInEvent, SignedOutEvent, Who,
};
pub use config::{
    Authorize, Codes, ColorScheme, Config, ConfigError, ConfigProblem, CookieOverride, CookiePriority,
    Cookies, Credential, Credentials, CredentialsError, CredentialsProvider, EmailProvider, Field, JwtPolicy,
    KeptTokens, Limits, LinkRedemption, Linking, OAuthProvider, Pages, PasskeyRegistration, Provider,
    SameSite, SessionStrategy, Theme, TrustedHosts, WebAuthnProvider,
};
pub use email::InvalidAddress;
pub use engine::{Engine, Parts};
pub use engines::{EngineError, Engines, PerRequest, Tenants};
pub use error::SessionError;
pub use language::{Language, LanguageError};
pub use limit::{Admission, ClientAddress, Limit, LimitKey, Permit, RateLimiter, StoreRateLimiter};
pub use mail::{Mail, MailError, Mailer};
pub use own_account::UnlinkError;
pub use own_tokens::{CodeCheck, IssuedCode};
pub use runtime::{Runtime, Work};
pub use secrets::Secret;
pub use session::{CurrentSession, KeptIn};
pub use vestibule_core::OsRandom;
pub use vestibule_oauth as oauth;
pub use vestibule_token::Claims;
pub use vestibule_webauthn as webauthn;
