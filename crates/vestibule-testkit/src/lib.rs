//! What the tests of Vestibule hand in: a clock that is moved by hand, a seeded random source, a mailbox, a store
//! that fails when told to.

mod clock;
#[cfg(feature = "sql")]
pub mod databases;
mod faulty;
mod mailbox;
pub mod operations;
#[cfg(feature = "sql")]
pub mod postgres;
mod proxy;
mod random;
#[cfg(feature = "sql")]
pub mod sql;

pub use clock::TestClock;
pub use faulty::{Fault, FaultyAdapter};
pub use mailbox::Mailbox;
pub use proxy::Proxy;
pub use random::SeededRandom;
