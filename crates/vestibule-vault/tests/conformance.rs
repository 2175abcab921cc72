//! The conformance suite around the store in memory and around SQLite, on a fresh schema and on the published one.
//!
//! `HashedSessions` runs without `ListedTokens`: a list cannot show tokens that nobody knows any more. That what it shows
//! ends a session all the same is a case of the suite.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use vestibule_conformance::{Fixture, Presence, Store};
use vestibule_core::Adapter;
use vestibule_memory::Memory;
use vestibule_rusqlite::Rusqlite;
use vestibule_testkit::sql::{self, Made};
use vestibule_vault::{EncryptedTokens, HashedSessions, Key, KeyRing, PlainSessions, PlainTokens};

fn memory(fixture: &Fixture) -> Store {
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

async fn sqlite(fixture: &Fixture, made: Made) -> Store {
    let folder = tempfile::tempdir().unwrap();
    let driver = Rusqlite::open(folder.path().join("vestibule.db")).unwrap();
    sql::store(driver, fixture, made).await.with_guard(folder)
}

fn encrypted(inner: Arc<dyn Adapter>) -> EncryptedTokens {
    let keys = [("new", Key::new([1; 32])), ("old", Key::new([2; 32]))];
    EncryptedTokens::new(inner, KeyRing::new(keys).unwrap())
}

/// As they are turned on with an existing database.
mod migrating {
    use super::*;

    fn tokens(inner: Arc<dyn Adapter>) -> Arc<dyn Adapter> {
        Arc::new(encrypted(inner))
    }

    fn sessions(inner: Arc<dyn Adapter>) -> Arc<dyn Adapter> {
        Arc::new(HashedSessions::new(inner))
    }

    mod tokens_in_memory {
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::memory(&fixture).decorated(super::tokens),
            without [Feature::RenamedSchema, Feature::TypedColumns]
        );
    }

    mod tokens_on_fresh_tables {
        use super::Made;
        vestibule_conformance::suite!(async |fixture| super::sqlite(&fixture, Made::Fresh)
            .await
            .decorated(super::tokens));
    }

    mod tokens_on_published_tables {
        use super::Made;
        vestibule_conformance::suite!(async |fixture| super::sqlite(&fixture, Made::Published)
            .await
            .decorated(super::tokens));
    }

    mod sessions_in_memory {
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::memory(&fixture).decorated(super::sessions),
            without [Feature::RenamedSchema, Feature::TypedColumns, Feature::ListedTokens]
        );
    }

    mod sessions_on_fresh_tables {
        use super::Made;
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::sqlite(&fixture, Made::Fresh).await.decorated(super::sessions),
            without[Feature::ListedTokens]
        );
    }

    mod sessions_on_published_tables {
        use super::Made;
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::sqlite(&fixture, Made::Published).await.decorated(super::sessions),
            without[Feature::ListedTokens]
        );
    }
}

/// Both of them, once nothing plain is left.
mod migrated {
    use super::*;

    fn both(inner: Arc<dyn Adapter>) -> Arc<dyn Adapter> {
        let tokens = encrypted(inner).with_plain_tokens(PlainTokens::Refused);
        Arc::new(HashedSessions::new(Arc::new(tokens)).with_plain_sessions(PlainSessions::Ignored))
    }

    mod in_memory {
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::memory(&fixture).decorated(super::both),
            without [Feature::RenamedSchema, Feature::TypedColumns, Feature::ListedTokens]
        );
    }

    mod on_fresh_tables {
        use super::Made;
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::sqlite(&fixture, Made::Fresh).await.decorated(super::both),
            without[Feature::ListedTokens]
        );
    }

    mod on_published_tables {
        use super::Made;
        use vestibule_conformance::Feature;
        vestibule_conformance::suite!(
            async |fixture| super::sqlite(&fixture, Made::Published).await.decorated(super::both),
            without[Feature::ListedTokens]
        );
    }
}
