//! The relying party: signs people in at providers that speak OAuth 2 or OpenID Connect.
//!
//! A [`Provider`] is data: where its endpoints are, how a client shows who it is, what it is known to do differently.
//! [`RelyingParty`] makes the URL that a browser is sent to, and turns what the browser brings back into an
//! [`Identity`], or into an [`OAuthError`] that says what was wrong. It is given an
//! [`HttpClient`](vestibule_http::HttpClient) and a [`Clock`](vestibule_core::Clock), and knows nothing of sessions,
//! cookies and stores: whoever calls it keeps `state`, `nonce` and `code_verifier` until the browser comes back, bound
//! to that browser, to that provider, and used once.
//!
//! ```
//! use std::sync::Arc;
//!
//! use vestibule_core::{OsRandom, SystemClock};
//! use vestibule_http::HyperClient;
//! use vestibule_oauth::{
//!     AuthorizationRequest, CallbackParams, Expected, Identity, Kind, OAuthError, Provider, RelyingParty, pkce,
//! };
//!
//! const REDIRECT_URI: &str = "https://app.example/callback/acme";
//!
//! fn provider() -> Provider {
//!     Provider::new("acme", "Acme", Kind::Oidc)
//!         .with_issuer("https://accounts.acme.example")
//!         .with_client_id("the id")
//!         .with_client_secret("the secret")
//! }
//!
//! fn party() -> RelyingParty {
//!     RelyingParty::new(Arc::new(HyperClient::new()), Arc::new(SystemClock))
//! }
//!
//! /// Where to send the browser. What is given back is kept for when it returns.
//! async fn leave(state: &str, nonce: &str) -> Result<(String, String), OAuthError> {
//!     let verifier = pkce::verifier(&OsRandom);
//!     let request = AuthorizationRequest {
//!         redirect_uri: REDIRECT_URI,
//!         state: Some(state),
//!         nonce: Some(nonce),
//!         code_challenge: Some(&pkce::challenge(&verifier)),
//!         params: &[],
//!     };
//!     Ok((party().authorization_url(&provider(), &request).await?, verifier))
//! }
//!
//! async fn come_back(query: &str, expected: &Expected<'_>) -> Result<Identity, OAuthError> {
//!     let callback = CallbackParams::from_query(query)?;
//!     party().identify(&provider(), &callback, expected).await
//! }
//! ```

#[cfg(test)]
mod any_json;
mod authorize;
mod cache;
mod callback;
mod claims;
mod discovery;
mod error;
mod identity;
mod issuer;
mod jose;
pub mod pkce;
mod provider;
mod relying_party;
mod text;
mod token;
mod user_info;
mod user_info_endpoint;
mod wire;

pub use callback::CallbackParams;
pub use error::{OAuthError, OAuthFailure, ProviderEndpoint};
pub use identity::{AuthorizationRequest, Check, Expected, Identity};
pub use provider::{
    Alg, Checks, ClientAuth, ClientKey, ClientKeyError, Endpoint, Kind, ProfileSource, Provider, Quirk,
    ResponseMode, UserInfoMethod, UserInfoRequest,
};
pub use relying_party::RelyingParty;
pub use user_info::{ProfileError, UserInfo, UserInfoMapping};
