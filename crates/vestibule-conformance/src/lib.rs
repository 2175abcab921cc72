//! The conformance suite: every promise of [`vestibule_core::Adapter`] as a test, races included.
//!
//! One macro call expands to one test for each case, each on a store of its own. The macro owns the list of
//! cases, so none can be forgotten, and a case can be left out only where the call says so.
//!
//! # One call a backend
//!
//! A *factory* is an async function, or closure, that makes a fresh, empty store as a [`Fixture`] asks for it,
//! and answers with a [`Store`], with `Option<Store>`, or with an [`Offer`]:
//!
//! ```
//! // tests/conformance.rs
//! use vestibule_conformance::{Feature, Fixture, Presence, Store, suite};
//! use vestibule_memory::Memory;
//!
//! async fn store(fixture: Fixture) -> Store {
//!     let columns = || fixture.columns.iter().map(|column| (column.name, column.default_value()));
//!     let mut memory = Memory::new();
//!     if let Some(id_kind) = fixture.id_kind {
//!         memory = memory.with_id_kind(id_kind);
//!     }
//!     if !fixture.columns.is_empty() {
//!         memory = memory
//!             .with_user_columns(columns())
//!             .with_account_columns(columns())
//!             .with_session_columns(columns());
//!     }
//!     if fixture.authenticators == Some(Presence::Absent) {
//!         memory = memory.without_authenticators();
//!     }
//!     Store::new(memory)
//! }
//!
//! // A map has neither names to change nor types to check.
//! suite!(store, without [Feature::RenamedSchema, Feature::TypedColumns]);
//! ```
//!
//! `suite!(store);` alone promises everything. What stands after `without` is not asked of the factory, and its
//! cases print that they do not apply; so what is left out can be read in the source, and a factory cannot
//! leave out more.
//!
//! # Several schemas, one server
//!
//! The tests are named after the cases, so each call needs a module of its own. A factory for a database
//! server that may not be there answers `None`: the cases are then skipped, and say so, but fail if the
//! environment variable `CI` is set.
//!
//! ```text
//! use vestibule_conformance::{ColumnKind, Feature, Fixture, Naming, Presence, Store, suite};
//!
//! async fn store(fixture: Fixture, published: bool) -> Option<Store> {
//!     let url = std::env::var("DATABASE_URL").ok()?;
//!     let mut profile = Profile::authjs();
//!     if let Some(kind) = fixture.id_kind {
//!         profile = profile.with_id_kind(kind);
//!     }
//!     for column in fixture.columns {
//!         // On users, accounts and sessions; `ColumnKind` says what it holds and how it travels as JSON,
//!         // `column.default` is the database's own default: a text.
//!         profile = profile.with_extra(/* … */);
//!     }
//!     if fixture.naming == Naming::Renamed {
//!         // Give every table and every column, the extra ones too, another name.
//!     }
//!     if fixture.authenticators == Some(Presence::Absent) {
//!         profile = profile.without_authenticators();
//!     }
//!     // `fixture.case` is unique within one suite and short: good for a name. Two suites of one backend run
//!     // at once, so add something random.
//!     let schema = fresh_schema(&url, fixture.case, &profile, published).await;
//!     let adapter = SqlAdapter::new(Driver::new(schema.pool()), profile);
//!     Some(Store::new(adapter).with_teardown(async move { schema.drop_it().await }))
//! }
//!
//! mod fresh {
//!     vestibule_conformance::suite!(async |fixture| super::store(fixture, false).await);
//! }
//!
//! mod published {
//!     use vestibule_conformance::Feature;
//!     vestibule_conformance::suite!(
//!         async |fixture| super::store(fixture, true).await,
//!         without [Feature::UuidIds, Feature::TextIds, Feature::Authenticators]
//!     );
//! }
//! ```
//!
//! A store may hold guards ([`Store::with_guard`]: a temporary folder) and a teardown ([`Store::with_teardown`]:
//! drop the schema), which run whether the case passed or not. Factory, case and teardown share one runtime
//! with four worker threads, so a pool that the factory opens serves the case.
//!
//! Some stores cannot hold all that the contract knows: a table that somebody else made may want every user to
//! have an address, or end every point in time in 2038. What such a suite runs without, the other cases do not
//! ask for either, so that they still apply. [`run_all`] runs the suite on one such schema as a single test.
//!
//! # What a store must bear
//!
//! In the races up to 64 tasks call the store at once. A pool must let callers wait for a connection rather
//! than refuse them at once, since [`Unavailable`](vestibule_core::AdapterError::Unavailable) fails a case. No
//! case sleeps or reads a clock: the time is an argument of every operation that needs it.
//!
//! A store whose [`Capabilities`](vestibule_core::Capabilities) name a coarser precision of points in time is
//! tested with that.
//!
//! # By hand
//!
//! Every case is a function of its own, such as [`tokens::a_token_is_consumed_once`], that panics if the store
//! breaks the promise; [`CASES`] lists them.

#![expect(clippy::unwrap_used, reason = "a case fails by panicking")]

mod at_once;
mod cases;
mod fixture;
mod run;
mod store;
mod values;

macro_rules! case_modules {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            #[expect(clippy::missing_panics_doc, reason = "a case fails by panicking")]
            pub mod $name;
        )*
    };
}

case_modules! { accounts authenticators extra extra_values ids leases limits meetings names races sessions sign_ups tokens user_updates users }

pub use fixture::{COLUMNS, Column, ColumnKind, Feature, Fixture, Naming, Presence};
pub use run::{Case, run, run_all, run_one};
pub use store::{Offer, Store};

/// Every case: its module and its name.
pub const CASES: &[(&str, &str)] = __cases!([__names]);

/// Every case with what it needs, ready to run.
const ALL: &[(Fixture, Case)] = __cases!([__all]);

/// Expands to one test for each case, on stores that the factory makes; see the [crate](crate).
///
/// `suite!(factory)` runs all of them; `suite!(factory, without [Feature::…, …])` all but those that need one
/// of the features.
#[macro_export]
macro_rules! suite {
    ($factory:expr $(,)?) => {
        $crate::suite!($factory, without []);
    };
    ($factory:expr, without [$($feature:expr),* $(,)?] $(,)?) => {
        // One function for all tests, since each would be compiled again with the factory in it.
        fn __run(case: &str) {
            $crate::run_one(case, &[$($feature),*], $factory);
        }

        $crate::__cases!([$crate::__tests]);
    };
}
