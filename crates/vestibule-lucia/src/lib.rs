//! Lucia's own interface in Rust, over any store of Vestibule.
//!
//! * [`Lucia`] keeps sessions: it creates, validates and ends them, as `new Lucia(adapter, options)` does.
//! * [`SessionCookie`] reads and writes the cookie, [`read_bearer_token`] the `Authorization` header.
//! * [`verify_request_origin`] tells requests of one's own pages from those of others.
//! * [`PasswordHash`] makes hashes as Lucia v3 does, and verifies what every version of Lucia wrote.
//! * [`generate_id`] and [`generate_id_from_entropy_size`] make ids of users.
//!
//! It works on the rows that Lucia works on: an application in JavaScript and one in Rust may serve the same
//! users at the same time. There is no creation of users here, because Lucia has none: that is the application's
//! own, through [`Users`](vestibule_core::Users) or otherwise. Nor are there routes or sign-in flows; those are
//! the engine's.
//!
//! ```
//! use std::sync::Arc;
//!
//! use serde::{Deserialize, Serialize};
//! use vestibule_core::{NewUser, Users};
//! use vestibule_lucia::{Lucia, NoAttributes};
//! # use vestibule_memory::Memory;
//!
//! /// Columns of the table of users.
//! #[derive(Deserialize)]
//! struct UserAttributes {
//!     username: String,
//! }
//!
//! /// Columns of the table of sessions.
//! #[derive(Serialize, Deserialize)]
//! struct SessionAttributes {
//!     ip_country: Option<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = Arc::new(Memory::new());
//! # let mut new = NewUser::default();
//! # new.extra.insert("username".into(), "ada".into());
//! # let ada = store.create_user(&new, None).await?;
//! let lucia = Lucia::new(store).with_attributes::<SessionAttributes, UserAttributes>();
//!
//! let attributes = SessionAttributes { ip_country: Some("GB".into()) };
//! let session = lucia.create_session(&ada.id, &attributes).await?;
//! let header = lucia.create_session_cookie(&session.id).to_header();
//! assert!(header.starts_with("auth_session="));
//!
//! // In the next request:
//! # let sent = format!("theme=dark; {}", header.split(';').next().unwrap_or_default());
//! let id = lucia.read_session_cookie(&sent).ok_or("no cookie")?;
//! let found = lucia.validate_session(&id).await?.ok_or("no session")?;
//! assert_eq!(found.user.attributes.username, "ada");
//! if found.session.fresh {
//!     // It was extended: send the cookie again.
//! }
//! # Ok(())
//! # }
//! ```

mod attributes;
mod cookie;
mod error;
mod id;
mod lucia;
mod password;
mod request;
mod session;

pub use attributes::{AttributesError, NoAttributes};
pub use cookie::{Cookie, CookieError, CookieLifetime, SameSite, SessionCookie};
pub use error::LuciaError;
pub use id::{generate_id, generate_id_from_entropy_size};
pub use lucia::Lucia;
pub use password::{HashForm, PasswordHash, PasswordHashError};
pub use request::{read_bearer_token, verify_request_origin};
pub use session::{Session, User, Validated};
