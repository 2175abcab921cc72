//! SQLite over HTTP: [`Hrana`] for libSQL and Turso, [`D1`] for Cloudflare.
//!
//! Both send each statement, and each batch, as one HTTP request and keep nothing between two of them; whatever
//! connections are kept belong to the [`HttpClient`](vestibule_http::HttpClient). A batch is all done or not at all. A
//! read that nobody answered is sent once more, if there is time left; a write only if it certainly never arrived.
//!
//! Foreign keys are enforced: Hrana switches them on in front of each write, D1 always has them on.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use vestibule_hrana::{Hrana, HranaSettings};
//! use vestibule_http::HyperClient;
//! use vestibule_sql::{Profile, SqlAdapter};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = HranaSettings::from_url(&std::env::var("TURSO_DATABASE_URL")?)?
//!     .with_token(&std::env::var("TURSO_AUTH_TOKEN")?)?;
//! let driver = Hrana::new(Arc::new(HyperClient::new()), settings);
//! let store = SqlAdapter::new(driver, Profile::authjs())?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```

mod d1;
mod error;
mod exchange;
mod hrana;
mod settings;

pub use d1::D1;
pub use hrana::Hrana;
pub use settings::{D1Settings, HranaSettings, SettingsError};
