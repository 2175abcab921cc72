//! What the tests of Vestibule hand in: a clock that is moved by hand, a seeded random source, a mailbox.

mod clock;
mod mailbox;
mod random;

pub use clock::TestClock;
pub use mailbox::Mailbox;
pub use random::SeededRandom;
