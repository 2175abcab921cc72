//! The whole conformance suite on the original's tables.

use vestibule_conformance::{COLUMNS, Store, run_all};
use vestibule_profile_tests::Entry;

use crate::place::Place;

pub(crate) fn pass(entry: &Entry) {
    let Some(plain) = Place::without_rows(entry) else { return };
    let Some(with_columns) = Place::without_rows(entry) else { return };
    let plain = plain.with_hidden_extra();
    let with_columns = with_columns.with_hidden_extra().with_columns(COLUMNS);

    let failed = run_all(entry.without, async |fixture| {
        let place = if fixture.columns.is_empty() { &plain } else { &with_columns };
        place.empty();
        Store::shared(place.adapter(place.profile()).await)
    });

    assert!(failed.is_empty(), "{}: {failed:#?}", entry.name);
}
