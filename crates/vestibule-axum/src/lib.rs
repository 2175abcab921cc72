//! The axum face of Vestibule: the engine's routes as a [`Router`](axum::Router), a layer that keeps session
//! cookies alive, and an extractor for handlers that need to know who is signed in.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Router, routing::get};
//! use vestibule_axum::{Auth, SignedIn};
//! use vestibule_engine::{Config, EmailProvider, Engine, Mailer, Parts};
//! use vestibule_core::Adapter;
//!
//! /// For those who are signed in. Others are answered with 401, or led to the sign-in page.
//! async fn account(SignedIn(who): SignedIn) -> String {
//!     format!("Hello, {}", who.user.email.unwrap_or_default())
//! }
//!
//! /// For everybody. An outage of the store is 503 here too, never "not signed in".
//! async fn home(who: Option<SignedIn>) -> &'static str {
//!     if who.is_some() { "Welcome back" } else { "Welcome" }
//! }
//!
//! fn app(store: Arc<dyn Adapter>, mailer: Arc<dyn Mailer>) -> Result<Router, vestibule_engine::ConfigError> {
//!     let config = Config::new("a secret of at least 32 characters")
//!         .with_base_url("https://app.example.com")
//!         .with_provider(EmailProvider::new("App <no-reply@example.com>"));
//!     let auth = Auth::new(Engine::new(config, Parts::new(store, mailer))?);
//!
//!     Ok(Router::new()
//!         .route("/", get(home))
//!         .route("/account", get(account))
//!         .layer(auth.layer())
//!         .merge(auth.merged_router())
//!         .with_state(auth))
//! }
//! ```
//!
//! The extractor finds the [`Auth`] through [`FromRef`](axum::extract::FromRef): the state is an `Auth`, or has
//! one as a field (`#[derive(FromRef)]`). It works without the layer too; then a session that is extended in the
//! store does not reach the browser's cookie until the next `GET /auth/session`.
//!
//! To limit how often a network may ask for mails, the engine has to know where a request comes from. Serve with
//! `into_make_service_with_connect_info::<SocketAddr>()`, and say with `Config::with_trusted_proxies` how many proxies are
//! in front; or put a [`ClientAddress`](vestibule_engine::ClientAddress) into the extensions of the request.
//!
//! This crate holds no rules of its own about who is signed in; those are the engine's.

mod auth;
mod layer;
mod lookup;
mod rejection;
mod routes;
mod runtime;
mod signed_in;
mod signed_in_as;

pub use auth::Auth;
pub use layer::{SessionLayer, SessionService};
pub use rejection::{NotSignedIn, SessionUnknown, SignedInRejection};
pub use runtime::TokioRuntime;
pub use signed_in::SignedIn;
pub use signed_in_as::SignedInAs;
