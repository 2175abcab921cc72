//! The store in memory keeps the contract.

use vestibule_conformance::{Feature, Fixture, Presence, Store, suite};
use vestibule_memory::Memory;

async fn store(fixture: Fixture) -> Store {
    let columns = || fixture.columns.iter().map(|column| (column.name, column.default_value()));
    let mut memory = Memory::new();
    if let Some(id_kind) = fixture.id_kind {
        memory = memory.with_id_kind(id_kind);
    }
    if !fixture.columns.is_empty() {
        memory = memory
            .with_user_columns(columns())
            .with_account_columns(columns())
            .with_session_columns(columns());
    }
    if fixture.authenticators == Some(Presence::Absent) {
        memory = memory.without_authenticators();
    }
    Store::new(memory)
}

// A map has neither names to change nor types to check.
suite!(store, without [Feature::RenamedSchema, Feature::TypedColumns]);
