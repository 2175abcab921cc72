//! The rows of a fixture, as `fixtures/expected` has them.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vestibule_core::Timestamp;
use vestibule_profile_tests::{ENTRIES, Entry};
use vestibule_sql::Table;
use vestibule_testkit::databases::fixture;

/// Every file is read by a test.
pub(crate) fn all_are_used() {
    let files = fs::read_dir(fixture("expected")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| {
            file.unwrap().file_name().into_string().unwrap().strip_suffix(".json").unwrap().to_owned()
        })
        .collect();
    let entries = ENTRIES.iter().filter(|entry| entry.has_rows).map(|entry| entry.name.to_owned());

    assert_eq!(files, entries.collect());
}

/// The rows of each table; `None` for a table that the original has not.
#[derive(Debug)]
pub(crate) struct Expected(Value);

impl Expected {
    pub(crate) fn of(entry: &Entry) -> Self {
        let path = fixture(&format!("expected/{}.json", entry.name));
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The same without columns beyond the contract, each of which is there.
    pub(crate) fn without(mut self, columns: &[(Table, &str)]) -> Self {
        for (table, column) in columns {
            let table = match table {
                Table::Users => "users",
                Table::Accounts => "accounts",
                Table::Sessions => "sessions",
                table => panic!("{table} has no columns beyond the contract"),
            };
            let mut rows = self.0[table].as_array_mut().unwrap().iter_mut();
            let removed =
                rows.by_ref().filter_map(|row| row["extra"].as_object_mut()?.remove(*column)).count();
            assert_ne!(removed, 0, "{table} has no {column}");
        }
        self
    }

    pub(crate) fn rows(&self, table: &str) -> Option<&[Value]> {
        Some(self.0.get(table)?.as_array().unwrap())
    }
}

/// The text of a field; `None` if it is null.
pub(crate) fn text(row: &Value, field: &str) -> Option<String> {
    row[field].as_str().map(str::to_owned)
}

/// The text of a field that is never null.
pub(crate) fn key(row: &Value, field: &str) -> String {
    text(row, field).unwrap_or_else(|| panic!("{row} has no {field}"))
}

/// The point in time of a field such as `2031-01-02T03:04:05.678Z`.
pub(crate) fn time(row: &Value, field: &str) -> Option<Timestamp> {
    let parsed = OffsetDateTime::parse(row[field].as_str()?, &Rfc3339).unwrap();
    Some(Timestamp::from_millis((parsed.unix_timestamp_nanos() / 1_000_000).try_into().unwrap()))
}
