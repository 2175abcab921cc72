//! Runs one case.

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use vestibule_core::Adapter;

use crate::values::running_without;
use crate::{ALL, Feature, Fixture, Offer, Presence};

/// After this long a case hangs. None takes more than seconds, even on a slow server.
const LIMIT: Duration = Duration::from_mins(5);

/// A case of the suite, ready to run on a store.
pub type Case = fn(Arc<dyn Adapter>) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs one case on a store of its own. There is rarely a reason to.
///
/// The case does not apply where `without` names what it needs. A factory may answer `None` if it has no server
/// to make a store on: then the case is skipped, and says so, unless the environment variable `CI` is set. With
/// [`Offer::NotRun`] it is left out even then.
///
/// # Panics
///
/// If the case fails; if the store is not what the fixture asks for; if there is no store under `CI`.
pub fn run<F, R>(fixture: Fixture, without: &'static [Feature], factory: F, case: Case)
where
    F: AsyncFnOnce(Fixture) -> R,
    R: Into<Offer>,
{
    if applies(&fixture, without) {
        run_on(&runtime(), fixture, without, factory, case);
    }
}

/// Whether a case applies; where not, it is said why.
fn applies(fixture: &Fixture, without: &[Feature]) -> bool {
    let lacking = fixture.needs().into_iter().find(|feature| without.contains(feature));
    if let Some(feature) = lacking {
        println!("{} does not apply: this suite runs without {feature:?}", fixture.case);
    }
    lacking.is_none()
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(4).enable_all().build().unwrap_or_else(|error| panic!("no runtime: {error}"))
}

/// The part of [`run`] that needs a runtime, for a case that applies.
fn run_on<F, R>(runtime: &Runtime, fixture: Fixture, without: &'static [Feature], factory: F, case: Case)
where
    F: AsyncFnOnce(Fixture) -> R,
    R: Into<Offer>,
{
    runtime.block_on(async {
        let store = match factory(fixture).await.into() {
            Offer::Store(store) => store,
            Offer::Missing => {
                let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
                assert!(!ci, "there is no store for {}; under CI every case must run", fixture.case);
                println!("{} was skipped: the factory has no store", fixture.case);
                return;
            }
            Offer::NotRun => {
                println!("NOT RUN: {}: the factory has no store, and need not have one", fixture.case);
                return;
            }
        };
        let adapter = store.adapter();
        let outcome = tokio::time::timeout(
            LIMIT,
            tokio::spawn(running_without(without, async move {
                expect_fixture(&fixture, &*adapter);
                case(adapter).await;
            })),
        )
        .await;
        store.tear_down().await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => panic::resume_unwind(failure.into_panic()),
            Err(elapsed) => panic!("{} hangs: {elapsed}", fixture.case),
        }
    });
}

/// Runs the case of this name on a store of its own. [`suite!`](crate::suite) calls it.
///
/// # Panics
///
/// As [`run`] does, and if there is no such case.
pub fn run_one<F, R>(name: &str, without: &'static [Feature], factory: F)
where
    F: AsyncFnOnce(Fixture) -> R,
    R: Into<Offer>,
{
    let found = ALL.iter().find(|(fixture, _)| fixture.case == name);
    let (fixture, case) = *found.unwrap_or_else(|| panic!("there is no case {name}"));
    run(fixture, without, factory, case);
}

/// Runs every case that applies, one after the other, and answers with the names of those that failed.
///
/// For a suite on many schemas, where a test for each case of each schema would be too many. The factory is
/// asked for a store for each case, in the order of [`CASES`](crate::CASES). All of them run on one runtime, so that a
/// factory may answer with the same store again after emptying it. What a failed case says goes to standard error.
///
/// # Panics
///
/// If there is no store under `CI`.
pub fn run_all<F, R>(without: &'static [Feature], factory: F) -> Vec<&'static str>
where
    F: AsyncFn(Fixture) -> R,
    R: Into<Offer>,
{
    let runtime = runtime();
    let attempt = |(fixture, case): &(Fixture, Case)| {
        let (fixture, case) = (*fixture, *case);
        let one = AssertUnwindSafe(|| run_on(&runtime, fixture, without, &factory, case));
        panic::catch_unwind(one).is_err().then_some(fixture.case)
    };
    ALL.iter().filter(|(fixture, _)| applies(fixture, without)).filter_map(attempt).collect()
}

/// A factory that gives less than was asked for would make cases pass that should not.
fn expect_fixture(fixture: &Fixture, adapter: &dyn Adapter) {
    let capabilities = adapter.capabilities();
    if let Some(id_kind) = fixture.id_kind {
        assert_eq!(capabilities.id_kind, id_kind, "the store has another kind of ids than was asked for");
    }
    if let Some(presence) = fixture.authenticators {
        assert_eq!(
            capabilities.authenticators,
            presence == Presence::Present,
            "the store's place for authenticators is not as was asked for"
        );
    }
}
