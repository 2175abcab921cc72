//! Keys whose collation takes different texts for the same.

use super::catalog::Found;
use super::report::same_name;
use super::{Finding, KEYS, qualified};
use crate::{Dialect, Profile, Table};

/// The columns that rows are looked up by and that would also find others: a token in another case, say.
///
/// On PostgreSQL these are columns with a collation that is not deterministic; comparing twice there, as on other
/// databases, would make everybody pay for them.
pub(super) fn problems<'a>(
    profile: &'a Profile,
    dialect: Dialect,
    table: Table,
    found: &'a Found,
) -> impl Iterator<Item = Finding> + 'a {
    let keys = KEYS.iter().filter(move |key| key.table == table).flat_map(|key| key.fields);
    let keys = keys.chain(&["id"]).filter_map(move |field| profile.column_name(table, field));
    let keys: Vec<_> = keys.collect();
    let is_key = move |column: &&String| keys.iter().any(|key| same_name(dialect, key, column));
    found.lax.iter().filter(is_key).map(move |column| {
        let name = qualified(profile, dialect, table);
        let message = format!(
            "column {column:?} of {name} has a collation that takes different texts for the same, so that a key would \
             find the row of another"
        );
        let mend = format!(
            "ALTER TABLE {name} ALTER COLUMN {0} TYPE text COLLATE \"C\"",
            dialect.quote(column)
        );
        Finding { message, mend: Some(mend), additive: false }
    })
}
