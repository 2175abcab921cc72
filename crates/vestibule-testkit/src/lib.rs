//! What the tests of Vestibule hand in: a clock that is moved by hand, a seeded random source, a mailbox, a store
//! that fails when told to.

mod clock;
#[cfg(feature = "sql")]
pub mod databases;
mod faulty;
#[cfg(feature = "sql")]
pub mod galera;
#[cfg(feature = "http")]
mod http_server;
mod mailbox;
#[cfg(feature = "sql")]
pub mod mysql;
#[cfg(feature = "neon")]
mod neon;
#[cfg(feature = "http")]
pub mod node;
pub mod operations;
pub mod outage;
#[cfg(feature = "sql")]
pub mod postgres;
#[cfg(feature = "sql")]
mod private;
#[cfg(feature = "oidc")]
mod provider;
mod proxy;
mod random;
#[cfg(feature = "sql")]
pub mod replicated;
#[cfg(feature = "sql")]
pub mod servers;
#[cfg(feature = "sql")]
pub mod sql;
#[cfg(feature = "hrana")]
mod sqlite_http;
#[cfg(feature = "tds")]
pub mod tds;
pub mod traffic;
#[cfg(feature = "sql")]
pub mod trips;
mod until;
#[cfg(feature = "webauthn")]
pub mod webauthn;

pub use clock::TestClock;
pub use faulty::{Fault, FaultyAdapter};
#[cfg(feature = "http")]
pub use http_server::HttpServer;
pub use mailbox::Mailbox;
#[cfg(feature = "neon")]
pub use neon::NeonBridge;
#[cfg(feature = "oidc")]
pub use provider::{FakeProvider, Page, Returned, Signing};
pub use proxy::Proxy;
pub use random::SeededRandom;
#[cfg(feature = "hrana")]
pub use sqlite_http::{D1Server, HranaServer};
pub use until::until;
