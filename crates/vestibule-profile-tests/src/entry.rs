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
    /// MariaDB.
    MariaDb,
    /// MySQL, which tests can only have where Debian's development release can.
    MySql,
    /// SQLite.
    Sqlite,
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
        })
    }
}

/// The tables on which the whole suite passes on MySQL too: one for each form in which times lie in the cells, and
/// for each kind of id.
pub(crate) const SUITE_ON_MYSQL: [&str; 4] =
    ["authjs-drizzle.mysql", "authjs-prisma-snake.mysql", "authjs-typeorm.mysql", "v3-typeorm.mysql"];

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
    /// Columns that the original handed out and the profile does not, on purpose.
    pub unread: &'static [(Table, &'static str)],
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

impl Entry {
    /// What the tests are named after.
    pub fn label(&self) -> String {
        match self.database {
            Database::MySql => format!("{}::MySQL", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Whether the original that can be had is NextAuth v3 itself.
    fn original_is_v3(&self) -> Option<bool> {
        self.original.map(|name| name.starts_with("v3-"))
    }

    /// Everything that the page claims of it.
    pub fn claims(&self) -> Vec<Claim> {
        let may_hold = |claim: &Claim| match claim {
            Claim::Rows => self.has_rows,
            Claim::Cells => !self.cells.is_empty(),
            Claim::Original => self.original_is_v3() == Some(false) && self.database != Database::MySql,
            Claim::TurnsWithV3 => self.original_is_v3() == Some(true) && self.database != Database::MySql,
            Claim::Recognized => true,
            // The official guide takes its own columns away.
            Claim::FieldsOfV3 => {
                self.profile.starts_with("nextauth-v3") && self.profile != "nextauth-v3-migrated"
            }
            // On all of these it would take minutes.
            Claim::Suite => self.database != Database::MySql || SUITE_ON_MYSQL.contains(&self.name),
            Claim::MixedRows | Claim::MixedSuite | Claim::MixedExpiry | Claim::Defaults => {
                !self.beside.is_empty()
            }
        };
        Claim::ALL.into_iter().filter(may_hold).collect()
    }
}

/// What the page claims of an entry. Each claim is a test, and there is no test of an entry that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Every row reads as the original answered.
    Rows,
    /// What is written looks as the original writes it.
    Cells,
    /// The original reads what was written.
    Original,
    /// NextAuth v3 and we take turns on one database.
    TurnsWithV3,
    /// The profile is found by looking, and reads the same then.
    Recognized,
    /// The columns of NextAuth v3's own are filled, and can be set.
    FieldsOfV3,
    /// The whole conformance suite passes on the tables.
    Suite,
    /// Rows read the same where other programs write dates otherwise.
    MixedRows,
    /// The suite passes there.
    MixedSuite,
    /// Sessions end to the millisecond there.
    MixedExpiry,
    /// Dates that the table fills in are read.
    Defaults,
}

impl Claim {
    /// All of them.
    const ALL: [Self; 11] = [
        Self::Rows,
        Self::Cells,
        Self::Original,
        Self::TurnsWithV3,
        Self::Recognized,
        Self::FieldsOfV3,
        Self::Suite,
        Self::MixedRows,
        Self::MixedSuite,
        Self::MixedExpiry,
        Self::Defaults,
    ];

    /// The name of its test.
    pub fn test(self) -> &'static str {
        match self {
            Self::Rows => "every_row_reads_as_the_original_answered",
            Self::Cells => "cells_look_as_the_original_writes_them",
            Self::Original => "the_original_reads_what_vestibule_wrote",
            Self::TurnsWithV3 => "v3_and_vestibule_take_turns_on_one_database",
            Self::Recognized => "the_profile_is_recognized",
            Self::FieldsOfV3 => "fields_of_v3_can_be_set",
            Self::Suite => "the_suite_passes_on_the_tables",
            Self::MixedRows => "rows_read_the_same_where_others_write_dates_otherwise",
            Self::MixedSuite => "the_suite_passes_where_others_write_dates_otherwise",
            Self::MixedExpiry => "expiry_is_exact_where_others_write_dates_otherwise",
            Self::Defaults => "dates_that_the_table_fills_in_are_read",
        }
    }
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
