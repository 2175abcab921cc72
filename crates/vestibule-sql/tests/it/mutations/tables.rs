//! The published tables with one row each, and changes to them, in the words of any database.

use proptest::prelude::*;

/// What a database calls things, and which odd ones it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) quote: char,
    /// The type of an id that the database makes.
    pub(super) id: &'static str,
    pub(super) number: &'static str,
    pub(super) text: &'static str,
    pub(super) time: &'static str,
    /// A point in time as it is written, and in milliseconds.
    pub(super) now: (&'static str, i64),
    /// Types that a column may be given instead, with what follows them.
    pub(super) types: &'static [&'static str],
    /// Values that a cell may be given instead.
    pub(super) values: &'static [&'static str],
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    Number,
    Text,
    Time,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    name: &'static str,
    kind: Kind,
    definition: String,
    /// What the one row holds.
    value: &'static str,
}

#[derive(Clone, Debug)]
pub(super) struct Made {
    name: &'static str,
    columns: Vec<Column>,
}

/// The published tables. Texts that look like numbers are found out by a column that turns them.
pub(super) fn published(words: &Words) -> Vec<Made> {
    use Kind::{Id, Number, Text, Time};
    let made = |name, columns: &[(&'static str, Kind, &str, &'static str)]| Made {
        name,
        columns: columns
            .iter()
            .map(|&(name, kind, rest, value)| {
                let word = match kind {
                    Id => words.id,
                    Number => words.number,
                    Text => words.text,
                    Time => words.time,
                };
                Column { name, kind, definition: format!("{word}{rest}"), value }
            })
            .collect(),
    };
    let now = words.now.0;
    vec![
        made(
            "users",
            &[
                ("id", Id, "", "7"),
                ("name", Text, "", "'007'"),
                ("email", Text, "", "'ada@example.com'"),
                ("emailVerified", Time, "", now),
                ("image", Text, "", "'1.50'"),
            ],
        ),
        made(
            "accounts",
            &[
                ("id", Id, "", "3"),
                ("userId", Number, " NOT NULL", "7"),
                ("type", Text, " NOT NULL", "'oauth'"),
                ("provider", Text, " NOT NULL", "'github'"),
                ("providerAccountId", Text, " NOT NULL", "'05e31'"),
                ("refresh_token", Text, "", "NULL"),
                ("access_token", Text, "", "'1e3'"),
                ("expires_at", Number, "", "1925089445"),
                ("id_token", Text, "", "NULL"),
                ("scope", Text, "", "NULL"),
                ("session_state", Text, "", "NULL"),
                ("token_type", Text, "", "'bearer'"),
            ],
        ),
        made(
            "sessions",
            &[
                ("id", Id, "", "5"),
                ("userId", Number, " NOT NULL", "7"),
                ("expires", Time, " NOT NULL", now),
                ("sessionToken", Text, " NOT NULL", "'4e2'"),
            ],
        ),
        made(
            "verification_token",
            &[
                ("identifier", Text, " NOT NULL", "'8e5'"),
                ("expires", Time, " NOT NULL", now),
                ("token", Text, " NOT NULL", "'9e9'"),
            ],
        ),
    ]
}

/// One change. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Add(usize, &'static str),
    Drop(usize, usize),
    DropTable(usize),
    Rename(usize, usize, &'static str),
    RenameTable(usize, &'static str),
    Retype(usize, usize, &'static str),
    /// Every column of a table that is for the same.
    RetypeAll(usize, Kind, &'static str),
    Value(usize, usize, &'static str),
}

const NAMES: [&str; 8] =
    ["email", "ID", "user_id", "userid", "sessiontoken", "expires_at", "a \"b\"", "Users"];

pub(super) fn change(words: &Words) -> impl Strategy<Value = Change> + use<> {
    let (table, column) = (0..4_usize, 0..12_usize);
    let (kind, name) = (prop::sample::select(words.types), prop::sample::select(&NAMES[..]));
    let of = prop::sample::select(&[Kind::Number, Kind::Text, Kind::Time][..]);
    prop_oneof![
        (table.clone(), kind.clone()).prop_map(|(at, kind)| Change::Add(at, kind)),
        (table.clone(), column.clone()).prop_map(|(at, column)| Change::Drop(at, column)),
        table.clone().prop_map(Change::DropTable),
        (table.clone(), column.clone(), name.clone()).prop_map(|(at, c, name)| Change::Rename(at, c, name)),
        (table.clone(), name).prop_map(|(at, name)| Change::RenameTable(at, name)),
        (table.clone(), column.clone(), kind.clone()).prop_map(|(at, c, kind)| Change::Retype(at, c, kind)),
        (table.clone(), of, kind).prop_map(|(at, of, kind)| Change::RetypeAll(at, of, kind)),
        (table, column, prop::sample::select(words.values))
            .prop_map(|(at, c, value)| Change::Value(at, c, value)),
    ]
}

/// Every type there is for all columns of every table that are for the same: chance alone would not meet each.
pub(super) fn every_type(words: &Words, kinds: &[Kind]) -> impl Iterator<Item = Vec<Change>> {
    let types = words.types;
    kinds.iter().flat_map(move |&kind| {
        types.iter().map(move |name| (0..4).map(|at| Change::RetypeAll(at, kind, name)).collect())
    })
}

/// What is changed, and whether the values of the rows were.
pub(super) fn changed(words: &Words, changes: &[Change]) -> (Vec<Made>, bool) {
    let (mut tables, mut values) = (published(words), false);
    for change in changes {
        let (Change::Add(at, _)
        | Change::Drop(at, _)
        | Change::DropTable(at)
        | Change::Rename(at, ..)
        | Change::RenameTable(at, _)
        | Change::Retype(at, ..)
        | Change::RetypeAll(at, ..)
        | Change::Value(at, ..)) = *change;
        if tables.is_empty() {
            break;
        }
        let at = at % tables.len();
        let table = &mut tables[at];
        let count = table.columns.len().max(1);
        match *change {
            Change::Add(_, definition) => {
                let definition = definition.to_owned();
                table.columns.push(Column { name: "added", kind: Kind::Text, definition, value: "'y'" });
            }
            Change::DropTable(_) => drop(tables.remove(at)),
            Change::RenameTable(_, name) => table.name = name,
            Change::RetypeAll(_, kind, definition) => {
                for column in table.columns.iter_mut().filter(|column| column.kind == kind) {
                    definition.clone_into(&mut column.definition);
                }
            }
            _ if table.columns.is_empty() => {}
            Change::Drop(_, column) => drop(table.columns.remove(column % count)),
            Change::Rename(_, column, name) => table.columns[column % count].name = name,
            Change::Retype(_, column, definition) => {
                definition.clone_into(&mut table.columns[column % count].definition);
            }
            Change::Value(_, column, value) => {
                values = true;
                table.columns[column % count].value = value;
            }
        }
    }
    tables.retain(|table| !table.columns.is_empty());
    values |= tables.iter().flat_map(|table| &table.columns).any(Column::is_computed);
    (tables, values)
}

impl Column {
    fn is_computed(&self) -> bool {
        self.definition.contains("GENERATED ALWAYS")
    }
}

impl Made {
    pub(super) fn quoted(&self, words: &Words) -> String {
        quoted(words, self.name)
    }

    pub(super) fn create(&self, words: &Words) -> String {
        let column = |column: &Column| format!("{} {}", quoted(words, column.name), column.definition);
        let columns: Vec<_> = self.columns.iter().map(column).collect();
        format!("CREATE TABLE {} ({})", self.quoted(words), columns.join(", "))
    }

    pub(super) fn insert(&self, words: &Words) -> String {
        let given = self.columns.iter().filter(|column| !column.is_computed());
        let (names, values): (Vec<_>, Vec<_>) =
            given.map(|column| (quoted(words, column.name), column.value)).unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO {} ({names}) VALUES ({values})", self.quoted(words))
    }
}

fn quoted(words: &Words, name: &str) -> String {
    let quote = words.quote;
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}
