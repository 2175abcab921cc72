//! The list of schema profiles, each with a database that the original software wrote, and what its tables cannot
//! hold.
//!
//! The tests of this package read every row of those databases through the contract, write through it and look at
//! the raw cells, and run the whole conformance suite on the original tables. The program of this package writes
//! `docs/profiles.md` from the same list, and compares the page with what ran.
//!
//! No part of the product: nothing here is for applications.

mod entry;
mod features;
mod list;
mod looks;
mod page;
mod ran;

pub use entry::{Cell, Claim, Database, Encoding, Entry};
pub use list::{ENTRIES, all};
pub use page::page;
pub use ran::{FOLDER, Outcome, check, leave};
