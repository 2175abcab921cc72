//! The statements that change the types of columns on SQLite, which changes none: they make the table anew.
//!
//! They are advice, and nothing here runs them. In essence they are what SQLite's documentation prescribes
//! (<https://www.sqlite.org/lang_altertable.html>, section 7). Unlike there the old table is renamed first, inside the
//! transaction, so that a step that fails leaves it there under its name even if whoever runs the text goes on after
//! errors: the checks in between undo everything, and what would be dropped is then not there.

use super::catalog::Found;
use super::definition::Definition;
use crate::Dialect;

/// A column that is to have another type.
#[derive(Debug)]
pub(super) struct Retyped {
    pub(super) column: String,
    pub(super) type_name: String,
    /// Whether the column holds ids that the database is to count.
    pub(super) counts: bool,
}

/// A table that lives no longer than the transaction. What is put into it that does not hold undoes everything.
const CHECK: &str = "temp.\"vestibule_check\"";

/// What the table is called until its rows are in the new one.
fn old_name(table: &str) -> String {
    format!("vestibule_old_{table}")
}

/// The statements, of which the last has no semicolon; `None` if what made the table is not understood or cannot have
/// the types.
pub(super) fn rebuild(table: &str, found: &Found, retyped: &[Retyped]) -> Option<String> {
    let dialect = Dialect::Sqlite;
    let definition = Definition::read(found.definition.as_deref()?)?;
    let same = |a: &str, b: &str| dialect.fold(a) == dialect.fold(b);
    let mut types = Vec::new();
    for column in retyped {
        let at = definition.columns.iter().position(|there| same(&there.name, &column.column))?;
        types.push((at, column_type(&definition, found, at, column)?));
    }

    let (name, before) = (dialect.quote(table), dialect.quote(&old_name(table)));
    let columns = found.columns.iter().map(|column| dialect.quote(&column.name)).collect::<Vec<_>>();
    let values = found.columns.iter().zip(&columns).map(|(column, quoted)| {
        let becomes = retyped.iter().find(|retyped| same(&retyped.column, &column.name));
        if becomes.is_some_and(|retyped| retyped.type_name == "TEXT") {
            format!("CAST({quoted} AS TEXT)")
        } else {
            quoted.clone()
        }
    });
    let (values, columns) = (values.collect::<Vec<_>>().join(", "), columns.join(", "));
    let (text, text_before) = (literal(table), literal(&old_name(table)));
    let mut steps = vec![
        "PRAGMA foreign_keys = OFF".to_owned(),
        "PRAGMA legacy_alter_table = ON".to_owned(),
        "BEGIN IMMEDIATE".to_owned(),
        format!("ALTER TABLE {name} RENAME TO {before}"),
        definition.with_types(&name, &types),
        format!("CREATE TABLE {CHECK} (holds CHECK (holds))"),
        format!("INSERT OR ROLLBACK INTO {CHECK} SELECT count(*) > 0 FROM pragma_table_info({text})"),
        format!("INSERT INTO {name} ({columns}) SELECT {values} FROM {before}"),
        format!(
            "INSERT OR ROLLBACK INTO {CHECK} \
             SELECT (SELECT count(*) FROM {name}) = (SELECT count(*) FROM {before})"
        ),
    ];
    if definition.says("AUTOINCREMENT") {
        // So that no id is given out twice.
        steps.push(format!("DELETE FROM sqlite_sequence WHERE name = {text}"));
        steps.push(format!(
            "INSERT INTO sqlite_sequence (name, seq) \
             SELECT {text}, seq FROM sqlite_sequence WHERE name = {text_before}"
        ));
    }
    steps.push(format!("DROP TABLE {before}"));
    steps.push(format!("DROP TABLE {CHECK}"));
    steps.extend(found.companions.iter().cloned());
    steps
        .extend(["COMMIT", "PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON"].map(str::to_owned));
    Some(steps.join(";\n"))
}

/// The type as it stands in the definition; an id that is counted is a primary key of just this type.
fn column_type(definition: &Definition<'_>, found: &Found, at: usize, column: &Retyped) -> Option<String> {
    let allowed = ["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"];
    if definition.says("STRICT") && !allowed.contains(&column.type_name.as_str()) {
        return None;
    }
    let is_integer = column.type_name == "INTEGER";
    if definition.columns[at].is_primary_key && !is_integer && definition.says("AUTOINCREMENT") {
        return None;
    }
    if !column.counts || definition.columns[at].is_primary_key {
        return Some(column.type_name.clone());
    }
    if !definition.has_primary_key {
        return Some(format!("{} PRIMARY KEY AUTOINCREMENT", column.type_name));
    }
    let is_alone = |(unique, names): &(bool, Vec<String>)| *unique && *names == [column.column.as_str()];
    found.keys.iter().any(is_alone).then(|| column.type_name.clone())
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
