//! What the list is made of.

use std::fmt;

use vestibule_conformance::Feature;
use vestibule_core::IdKind;
use vestibule_sql::Table;

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, and MySQL as far as they are alike.
    MariaDb,
    /// SQLite.
    Sqlite,
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Sqlite => "SQLite",
        })
    }
}

/// A profile on a database.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of the test, and of the file in `fixtures/expected` if there are rows.
    pub name: &'static str,
    /// The name of the profile.
    pub profile: &'static str,
    /// The database.
    pub database: Database,
    /// Tables that this database calls otherwise than the profile does.
    pub renamed: &'static [(Table, &'static str)],
    /// Columns of text that this database has beyond the profile.
    pub attributes: &'static [(Table, &'static str)],
    /// What makes the tables, below `fixtures/`: a dump with rows or the statements alone.
    pub tables: &'static str,
    /// Whether the file brings rows that the original software wrote.
    pub has_rows: bool,
    /// The PostgreSQL schema that the tables are in, if it is not `public`.
    pub schema: Option<&'static str>,
    /// Tables whose rows are part of the schema, and stay when the others are emptied.
    pub kept: &'static [&'static str],
    /// The name of the original adapter in `tests/originals` that reads what Vestibule wrote, if it can be had.
    pub original: Option<&'static str>,
    /// What the tables cannot hold.
    pub without: &'static [Feature],
    /// How cells look after writing through the contract.
    pub cells: &'static [Cell],
    /// The kind of the users' ids, if it is not the profile's.
    pub ids: Option<IdKind>,
    /// Whether the ids of sessions, which are their tokens, are UUIDs.
    pub uuid_tokens: bool,
    /// How other programs write dates into the same columns, as after an upgrade.
    pub beside: &'static [Encoding],
}

/// How a program writes a date into a column of a SQLite file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `1925089445678`, an integer: Prisma's own engine.
    Millis,
    /// `2031-01-02T03:04:05.678+00:00`: Prisma's driver adapters.
    IsoOffset,
    /// `2031-01-02 03:04:05`: the column's default. A fraction that is not zero stays behind it, so that nothing is lost.
    Default,
}

/// A cell, and how it looks in the database: its type and its text.
///
/// The type is what SQLite's `typeof` or PostgreSQL's `pg_typeof` says, or the declared type in MariaDB.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The type and the text.
    pub looks: (&'static str, &'static str),
}

impl Cell {
    /// A cell of the only row of a table.
    pub const fn new(table: &'static str, column: &'static str, looks: (&'static str, &'static str)) -> Self {
        Self { table, column, looks }
    }
}
