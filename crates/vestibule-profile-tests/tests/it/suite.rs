//! The whole conformance suite on the original's tables.

use std::sync::Arc;

use tokio::sync::OnceCell;
use vestibule_conformance::{COLUMNS, Store, run_all};
use vestibule_core::Adapter;
use vestibule_profile_tests::Entry;

use crate::place::Place;

pub(crate) fn pass(entry: &Entry) {
    let Some(both) = Both::of(entry, |_| ()) else { return };

    let failed = both.failed(entry);

    assert!(failed.is_empty(), "{}: {failed:#?}", entry.name);
}

/// The tables as they are, and with the columns that some cases ask for. The cases share an adapter on each, and find the
/// tables empty.
#[derive(Debug)]
pub(crate) struct Both {
    plain: (Place, OnceCell<Arc<dyn Adapter>>),
    with_columns: (Place, OnceCell<Arc<dyn Adapter>>),
}

impl Both {
    /// `None` if there is no server; something is done to the tables before they are used.
    pub(crate) fn of(entry: &Entry, prepare: impl Fn(&Place)) -> Option<Self> {
        let plain = Place::without_rows(entry)?.with_hidden_extra();
        let with_columns = Place::without_rows(entry)?.with_hidden_extra().with_columns(COLUMNS);
        prepare(&plain);
        prepare(&with_columns);
        let (plain, with_columns) = ((plain, OnceCell::new()), (with_columns, OnceCell::new()));
        Some(Self { plain, with_columns })
    }

    /// The cases that fail.
    pub(crate) fn failed(&self, entry: &Entry) -> Vec<&'static str> {
        run_all(entry.without, async |fixture| {
            let (place, adapter) = if fixture.columns.is_empty() { &self.plain } else { &self.with_columns };
            place.empty();
            let adapter = adapter.get_or_init(async || place.adapter(place.profile()).await).await;
            Store::shared(Arc::clone(adapter))
        })
    }
}
