//! Which profile is found by looking at the tables that an original made.

use vestibule_core::IdKind;
use vestibule_profile_tests::{Database, Entry};

use crate::place::{Place, block_on};
use crate::rows;

/// The entry's profile is found, and under what was found every row reads as the original answered.
pub(crate) fn finds(entry: &Entry) {
    let Some(place) = Place::with_rows(entry) else { return };

    let detected = block_on(place.detect()).unwrap();

    assert_eq!(detected.profile.name(), entry.profile, "{}", detected.reason);
    if let Some(ids) = entry.ids {
        // SQLite keeps UUIDs as text.
        let is_text = entry.database == Database::Sqlite && ids == IdKind::Uuid;
        assert_eq!(detected.profile.id_kind(), if is_text { IdKind::Text } else { ids });
    }
    if entry.has_rows {
        // Columns of the application's own are found where they are all that Lucia's users have.
        let undeclared = if entry.profile.starts_with("lucia") { &[] } else { entry.attributes };
        rows::read_as(entry, &place, detected.profile, undeclared);
    } else {
        block_on(place.adapter(detected.profile));
    }
}
