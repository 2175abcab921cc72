//! The adapter keeps the contract.

use custom_adapter::JsonFile;
use vestibule_conformance::{Feature, Fixture, Store, suite};

async fn store(fixture: Fixture) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let columns = fixture.columns.iter().map(|column| (column.name.into(), column.default_value()));
    let adapter = JsonFile::open(&folder.path().join("store.json"), columns.collect()).unwrap();
    Store::new(adapter).with_guard(folder)
}

suite!(
    store,
    without [
        // Its ids are texts.
        Feature::SerialIds,
        Feature::UuidIds,
        // Its rows are JSON: there are no columns to rename, and any key may hold anything.
        Feature::RenamedSchema,
        Feature::ClosedColumns,
        Feature::TypedColumns,
        // There is always a place for authenticators.
        Feature::NoAuthenticators,
    ]
);
