//! A case cannot pass without having been run on the store it asks for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vestibule_conformance::{Case, Feature, Fixture, Presence, Store, run, run_all};
use vestibule_core::IdKind;
use vestibule_memory::Memory;

use crate::broken::{Fault, store};

/// What a map cannot do.
const UNTYPED: &[Feature] = &[Feature::RenamedSchema, Feature::TypedColumns];

const PASSES: Case = |_| Box::pin(async {});
const FAILS: Case = |_| Box::pin(async { panic!("the case fails") });

fn fails(run: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}

#[test]
fn a_case_without_a_store_fails_under_ci_only() {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());

    let failed = fails(|| run(Fixture::plain("case"), &[], async |_| None::<Store>, PASSES));

    assert_eq!(failed, ci);
}

#[test]
fn a_store_with_other_ids_than_asked_for_fails() {
    let factory = async |_| Store::new(Memory::new().with_id_kind(IdKind::Text));

    assert!(fails(|| run(Fixture::serial_ids("case"), &[], factory, PASSES)));
    assert!(!fails(|| run(Fixture::text_ids("case"), &[], factory, PASSES)));
}

#[test]
fn a_store_with_or_without_authenticators_unlike_asked_for_fails() {
    let with = async |_| Store::new(Memory::new());
    let without = async |_| Store::new(Memory::new().without_authenticators());

    assert!(fails(|| run(Fixture::no_authenticators("case"), &[], with, PASSES)));
    assert!(fails(|| run(Fixture::authenticators("case"), &[], without, PASSES)));
}

#[test]
fn only_what_the_suite_runs_without_is_left_out() {
    let factory = async |_| Store::new(Memory::new());

    assert!(!fails(|| run(Fixture::renamed("case"), &[Feature::RenamedSchema], factory, FAILS)));
    assert!(fails(|| run(Fixture::renamed("case"), &[Feature::SerialIds], factory, FAILS)));
    assert!(fails(|| run(Fixture::plain("case"), &[Feature::RenamedSchema], factory, FAILS)));
}

#[test]
fn the_teardown_runs_whether_the_case_passes_or_not() {
    struct Guard(Arc<AtomicBool>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    for (case, expected) in [(PASSES, false), (FAILS, true)] {
        let (torn_down, dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let guard = Guard(Arc::clone(&dropped));
        let seen = (Arc::clone(&torn_down), Arc::clone(&dropped));
        let teardown = async move {
            assert!(!seen.1.load(Ordering::SeqCst), "the guard must outlive the teardown");
            seen.0.store(true, Ordering::SeqCst);
        };
        let factory = async |_| Store::new(Memory::new()).with_guard(guard).with_teardown(teardown);

        assert_eq!(fails(|| run(Fixture::plain("case"), &[], factory, case)), expected);
        assert!(torn_down.load(Ordering::SeqCst) && dropped.load(Ordering::SeqCst));
    }
}

#[test]
fn all_at_once_names_the_cases_that_fail() {
    let failed = |fault| run_all(UNTYPED, async |fixture| store(fixture, fault));

    assert_eq!(failed(Fault::None), [""; 0]);
    assert!(failed(Fault::UpdateMakesGhost).contains(&"an_update_makes_no_ghost"));
}

/// The cases that remain do not use what is left out.
#[test]
fn a_suite_runs_on_a_store_that_knows_only_sessions() {
    let failed = run_all(
        &[
            Feature::RenamedSchema,
            Feature::TypedColumns,
            Feature::EmailAddresses,
            Feature::UserDetails,
            Feature::Accounts,
            Feature::VerificationTokens,
            Feature::Leases,
            Feature::Authenticators,
        ],
        async |mut fixture: Fixture| {
            fixture.authenticators = Some(Presence::Absent);
            store(fixture, Fault::Bare)
        },
    );

    assert_eq!(failed, [""; 0]);
}
