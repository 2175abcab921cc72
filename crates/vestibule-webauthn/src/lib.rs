//! The relying party of WebAuthn: what a browser is asked for, and whether its answer is to be believed.
//!
//! [`Settings`] and a [`RelyingParty`] make [`RegistrationOptions`] and [`AuthenticationOptions`], whose JSON is that of
//! SimpleWebAuthn 9, which Auth.js and its client for browsers speak. A [`RegistrationResponse`] or an
//! [`AuthenticationResponse`] is what the browser sends back; `verify` makes a [`Registered`] or an [`Authenticated`]
//! of it, or a [`Problem`] that says what was wrong. What is stored is an [`Authenticator`], in the form of Auth.js.
//!
//! There is no I/O, no clock and no store here. Whoever calls keeps the [`Challenge`] until the answer comes, bound to
//! that browser and that purpose, takes it away at the first answer, and lets it end after a time.
//!
//! Attestation, which tells of what make an authenticator is, is neither asked for nor believed: any format is accepted,
//! and its statement is not looked at.
//!
//! ```
//! use vestibule_core::{Authenticator, OsRandom};
//! use vestibule_webauthn::{
//!     Authenticated, AuthenticationOptions, AuthenticationResponse, Challenge, Expected, NewUser, Problem,
//!     Registered, RegistrationOptions, RegistrationResponse, RelyingParty, Settings,
//! };
//!
//! fn ask(party: &RelyingParty, challenge: &Challenge) -> String {
//!     let user = NewUser { handle: "6b1f", name: "ada@example.com", display_name: "Ada" };
//!     RegistrationOptions::new(&Settings::passkey(), party, challenge, user).to_json().to_string()
//! }
//!
//! fn register(party: &RelyingParty, challenge: &Challenge, json: &str) -> Result<Registered, Problem> {
//!     let settings = Settings::passkey();
//!     RegistrationResponse::parse(json)?.verify(&Expected { challenge, relying_party: party, settings: &settings })
//! }
//!
//! /// `stored` is the authenticator of [`AuthenticationResponse::credential_id`].
//! fn sign_in(
//!     response: &AuthenticationResponse,
//!     stored: &Authenticator,
//!     expected: &Expected<'_>,
//! ) -> Result<Authenticated, Problem> {
//!     response.verify(expected, stored)
//! }
//!
//! let party = RelyingParty::of_origin("https://app.example")?;
//! let challenge = Challenge::new(&OsRandom);
//! assert!(ask(&party, &challenge).contains(challenge.as_str()));
//! # Ok::<(), vestibule_webauthn::RelyingPartyError>(())
//! ```

mod attestation;
mod auth_data;
mod authentication;
mod cbor;
mod challenge;
mod client_data;
mod cose;
mod options;
mod problem;
mod registration;
mod relying_party;
mod response;
mod settings;

pub use authentication::{Authenticated, AuthenticationResponse};
pub use challenge::Challenge;
pub use cose::Algorithm;
pub use options::{AuthenticationOptions, NewUser, RegistrationOptions};
pub use problem::{Part, Problem};
pub use registration::{Registered, RegistrationResponse};
pub use relying_party::{RelyingParty, RelyingPartyError};
pub use settings::{ResidentKey, Settings, UserVerification, Verification};

/// What an answer has to fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The challenge that was given to this browser, for this purpose, and was not used before.
    pub challenge: &'a Challenge,
    /// Who asked.
    pub relying_party: &'a RelyingParty,
    /// How was asked.
    pub settings: &'a Settings,
}
