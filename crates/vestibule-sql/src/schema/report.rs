//! How the tables that are there differ from the profile.

use std::fmt;

use vestibule_core::{AdapterError, IdKind};

use super::catalog::{Found, FoundColumn};
use super::rebuild::{Retyped, rebuild};
use super::{Guarantees, KEYS, Key, create, qualified};
use crate::Dialect;
use crate::dialect::Family;
use crate::profile::{ColumnKind, Profile, ProfileError, Table};

/// One thing that differs, and what would mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What differs, in a sentence.
    pub message: String,
    /// The SQL that mends it, where there is any.
    pub mend: Option<String>,
    /// Whether the SQL only adds something. Only then does anything here run it.
    pub additive: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.mend {
            Some(mend) => write!(f, "\n  {};", mend.replace('\n', "\n  ")),
            None => Ok(()),
        }
    }
}

/// How the tables that are there differ from the profile.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// What makes the profile unusable on these tables.
    pub problems: Vec<Finding>,
    /// What works without, but would be faster or safer with.
    pub advice: Vec<Finding>,
    /// The constraints that are there.
    pub guarantees: Guarantees,
    /// The profile without the columns that it allows to lack, and that do lack.
    pub profile: Option<Profile>,
}

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The profile itself is wrong.
    #[error(transparent)]
    Profile(ProfileError),

    /// The database could not be asked, or refused.
    #[error("the schema could not be read or changed")]
    Store(#[source] AdapterError),

    /// No published schema was recognized, or several were.
    #[error("which schema the database has cannot be told: {found}; name the profile that is meant")]
    Undetected {
        /// What was found instead.
        found: String,
    },

    /// The tables do not fit the profile.
    #[error("the tables do not fit the schema profile:{}", listed(.0))]
    Unfit(Vec<Finding>),
}

/// A line for each finding.
fn listed(findings: &[Finding]) -> String {
    findings.iter().flat_map(|finding| ["\n- ".to_owned(), finding.to_string()]).collect()
}

impl Report {
    /// The constraints, if the tables can be used as they are.
    ///
    /// # Errors
    ///
    /// [`SchemaError::Unfit`] with all problems.
    pub fn fits(&self) -> Result<Guarantees, SchemaError> {
        if self.problems.is_empty() {
            Ok(self.guarantees)
        } else {
            Err(SchemaError::Unfit(self.problems.clone()))
        }
    }

    /// The statements that add what lacks, in an order in which they can run. They drop and change nothing.
    pub fn additions(&self) -> Vec<String> {
        let findings = self.problems.iter().chain(&self.advice).filter(|finding| finding.additive);
        findings.filter_map(|finding| finding.mend.clone()).collect()
    }
}

pub(super) fn compare(profile: &Profile, dialect: Dialect, found: &[(Table, Found)]) -> Report {
    let mut comparison = Comparison { profile, dialect, report: Report::default() };
    if found.iter().any(|(_, found)| found.columns.is_empty()) {
        comparison.schema_itself();
    }
    for (table, found) in found {
        if found.columns.is_empty() {
            let name = qualified(profile, dialect, *table);
            let message = format!("there is no table {name}{}", unseen(profile, dialect));
            comparison.problem(message, create::create_table(profile, dialect, *table));
        } else {
            comparison.columns(*table, found);
            comparison.report.problems.extend(super::lax::problems(profile, dialect, *table, found));
            comparison.foreign_key(*table, found);
        }
    }
    for key in KEYS {
        if let Some((_, found)) = found.iter().find(|(table, _)| *table == key.table) {
            comparison.key(&key, found);
        }
    }
    comparison.report.guarantees = guarantees(profile, dialect, found);
    comparison.report
}

/// Why a table may be there all the same, and how to tell.
fn unseen(profile: &Profile, dialect: Dialect) -> &'static str {
    match dialect.family() {
        Family::MySql => {
            ", or this user has no privilege on it and may not know of it (SHOW GRANTS tells); one that is there is \
             granted, not made anew"
        }
        Family::Mssql => {
            ", or this user has no permission on it and may not know of it (sys.fn_my_permissions tells); one that \
             is there is granted, not made anew"
        }
        // What is in a schema that is named can be seen, or the database says that it cannot.
        Family::Postgres if profile.postgres_schema.is_none() => {
            ", or it is in a schema that this role may not use (has_schema_privilege tells) or that is not in its \
             search path; one that is there is granted, not made anew"
        }
        Family::Postgres | Family::Sqlite => "",
    }
}

struct Comparison<'a> {
    profile: &'a Profile,
    dialect: Dialect,
    report: Report,
}

impl Comparison<'_> {
    fn problem(&mut self, message: String, mend: String) {
        self.report.problems.push(Finding { message, mend: Some(mend), additive: true });
    }

    fn advice(&mut self, message: String, mend: String) {
        self.report.advice.push(Finding { message, mend: Some(mend), additive: true });
    }

    fn schema_itself(&mut self) {
        if let (Some(schema), Some(mend)) =
            (&self.profile.postgres_schema, create::create_schema(self.profile, self.dialect))
        {
            self.problem(format!("tables are missing in the schema {schema:?}, or all of it is"), mend);
        }
    }

    fn columns(&mut self, table: Table, found: &Found) {
        let (profile, dialect) = (self.profile, self.dialect);
        let Some(spec) = profile.spec(table) else { return };
        let name = qualified(profile, dialect, table);
        let own = spec.columns.iter().map(|column| {
            let definition = create::define(profile, dialect, table, column, create::Rows::Some);
            (profile.name_of(column), column.kind.clone(), definition)
        });
        let extra = spec.extra.iter().map(|column| {
            let definition = create::define_extra(profile, dialect, column);
            (profile.name_of_extra(column), column.column_kind(), definition)
        });
        let wanted: Vec<_> = own.chain(extra).collect();
        let mut retyped = Vec::new();
        let lacks = wanted.iter().any(|(column, ..)| find(dialect, found, column).is_none());
        for (column, kind, definition) in &wanted {
            match find(dialect, found, column) {
                None if *kind == ColumnKind::Id && dialect == Dialect::Sqlite => {
                    let message = format!(
                        "table {name} has no column {column:?}, and SQLite can only have a primary key from the start"
                    );
                    self.report.problems.push(Finding { message, mend: None, additive: false });
                }
                None => {
                    let message = format!("table {name} has no column {column:?}");
                    let add = if dialect.family() == Family::Mssql { "ADD" } else { "ADD COLUMN" };
                    self.problem(message, format!("ALTER TABLE {name} {add} {definition}"));
                }
                Some(there) => {
                    let before = self.report.problems.len();
                    self.column_type(table, there, kind);
                    self.counting_id(table, there, kind);
                    retyped.extend((before..self.report.problems.len()).map(|at| (at, there, kind)));
                }
            }
        }
        if dialect.family() == Family::Sqlite && !retyped.is_empty() {
            self.retype(table, found, &retyped, lacks);
        }
        for column in &found.columns {
            let known = wanted.iter().any(|(name, ..)| same_name(dialect, name, &column.name));
            if !known && column.not_null && !column.has_default {
                let message = format!(
                    "column {:?} of {name} must not be NULL, has no default, and the profile does not declare it, \
                     so that no row can be added",
                    column.name
                );
                self.report.problems.push(Finding { message, mend: None, additive: false });
            }
        }
    }

    /// Says how the columns of some findings are mended, which SQLite can only do to the whole table: the first finding
    /// has the statements.
    fn retype(
        &mut self,
        table: Table,
        found: &Found,
        findings: &[(usize, &FoundColumn, &ColumnKind)],
        lacks: bool,
    ) {
        let wanted = findings.iter().map(|(_, there, kind)| {
            let counts = **kind == ColumnKind::Id && self.profile.id_kind_of(table) == IdKind::Serial;
            Retyped { column: there.name.clone(), type_name: self.wanted_type(table, kind), counts }
        });
        let wanted: Vec<_> = wanted.collect();
        let mend = if lacks {
            None
        } else {
            rebuild(self.profile.table_name(table).unwrap_or_default(), found, &wanted)
        };
        for (place, (at, ..)) in findings.iter().enumerate() {
            let Some(finding) = self.report.problems.get_mut(*at) else { continue };
            finding.message.push_str(match (&mend, place) {
                _ if lacks => "; add first what the table lacks, and the SQL that mends this is told",
                (None, _) => "; SQLite can only have it from the start",
                (Some(_), 0) => {
                    "; SQLite changes no column, so the table has to be made anew, with nothing else using the file"
                }
                (Some(_), _) => "; the SQL that makes the table anew mends this as well",
            });
            if place == 0 {
                finding.mend.clone_from(&mend);
            }
        }
    }

    /// The type that a column of the kind has in a fresh table.
    fn wanted_type(&self, table: Table, kind: &ColumnKind) -> String {
        match kind {
            ColumnKind::Id => self.dialect.column_type(&ColumnKind::UserRef, self.profile.id_kind_of(table)),
            kind => self.dialect.column_type(kind, self.profile.id_kind),
        }
    }

    fn column_type(&mut self, table: Table, there: &FoundColumn, kind: &ColumnKind) {
        let (profile, dialect) = (self.profile, self.dialect);
        let id_kind = if *kind == ColumnKind::Id { profile.id_kind_of(table) } else { profile.id_kind };
        if dialect.accepts(kind, id_kind, &there.type_name) {
            return;
        }
        let name = qualified(profile, dialect, table);
        let wanted = self.wanted_type(table, kind);
        let hint = if matches!(kind, ColumnKind::Id | ColumnKind::UserRef) {
            "; if that is intended, choose the profile's id kind accordingly"
        } else {
            ""
        };
        let message = format!(
            "column {:?} of {name} has the type {}, which cannot hold what the profile keeps there ({wanted}){hint}",
            there.name, there.type_name
        );
        let column = dialect.quote(&there.name);
        let utc = if there.type_name == "timestamp" {
            format!(" USING {column} AT TIME ZONE 'UTC'")
        } else {
            String::new()
        };
        let mend = match dialect.family() {
            Family::Mssql => Some(format!("ALTER TABLE {name} ALTER COLUMN {column} {wanted}")),
            Family::MySql => Some(format!("ALTER TABLE {name} MODIFY COLUMN {column} {wanted}")),
            Family::Postgres => Some(format!("ALTER TABLE {name} ALTER COLUMN {column} TYPE {wanted}{utc}")),
            Family::Sqlite => None,
        };
        self.report.problems.push(Finding { message, mend, additive: false });
    }

    /// Ids that the database is to count need something that counts.
    fn counting_id(&mut self, table: Table, there: &FoundColumn, kind: &ColumnKind) {
        let (profile, dialect) = (self.profile, self.dialect);
        let id_kind = profile.id_kind_of(table);
        let counts = *kind != ColumnKind::Id || id_kind != IdKind::Serial || there.has_default;
        if counts || !dialect.accepts(kind, id_kind, &there.type_name) {
            return;
        }
        let (name, column) = (qualified(profile, dialect, table), dialect.quote(&there.name));
        let message = format!("nothing makes the ids of {name}: its column {:?} has no default", there.name);
        let mend = match dialect.family() {
            Family::Postgres => {
                Some(format!("ALTER TABLE {name} ALTER COLUMN {column} ADD GENERATED BY DEFAULT AS IDENTITY"))
            }
            Family::MySql => {
                let column_type = dialect.column_type(&ColumnKind::UserRef, id_kind);
                Some(format!(
                    "ALTER TABLE {name} MODIFY COLUMN {column} {column_type} NOT NULL AUTO_INCREMENT"
                ))
            }
            Family::Mssql | Family::Sqlite => None,
        };
        let finding = Finding { message, mend, additive: false };
        // In SQLite a column that may be NULL would take a user without an id.
        if table == Table::Users && profile.given_users && there.not_null {
            self.report.advice.push(finding);
        } else {
            self.report.problems.push(finding);
        }
    }

    fn foreign_key(&mut self, table: Table, found: &Found) {
        let (profile, dialect) = (self.profile, self.dialect);
        let Some(column) = profile.column_name(table, "userId") else {
            return;
        };
        let is_there = found.foreign_keys.iter().any(|(name, _)| same_name(dialect, name, &column));
        if is_there || !dialect.has_foreign_keys() {
            return;
        }
        let name = qualified(profile, dialect, table);
        let message = format!("table {name} has no foreign key from {column:?} to the users");
        match dialect.family() {
            Family::Mssql | Family::MySql | Family::Postgres => {
                let references = create::references(profile, dialect);
                let column = dialect.quote(&column);
                self.advice(message, format!("ALTER TABLE {name} ADD FOREIGN KEY ({column}) {references}"));
            }
            Family::Sqlite => {
                let message = format!("{message}; SQLite can only have it from the start");
                self.report.advice.push(Finding { message, mend: None, additive: false });
            }
        }
    }

    fn key(&mut self, key: &Key, found: &Found) {
        let (profile, dialect) = (self.profile, self.dialect);
        let is_there = has_key(profile, dialect, key.table, key.fields, key.unique, found);
        if is_there || !create::exists(profile, key) || create::makes(dialect, key, found.columns.is_empty())
        {
            return;
        }
        let name = qualified(profile, dialect, key.table);
        let kind = if key.unique { "unique key" } else { "index" };
        let message = format!("table {name} has no {kind} on {}", key.fields.join(" and "));
        let mend = create::create_key(profile, dialect, key);
        if key.unique && dialect.needs_unique_keys() {
            self.problem(message, mend);
        } else {
            self.advice(message, mend);
        }
    }
}

fn guarantees(profile: &Profile, dialect: Dialect, found: &[(Table, Found)]) -> Guarantees {
    let unique = |table: Table, fields: &[&str]| {
        let found = found.iter().find(|(there, _)| *there == table);
        found.is_some_and(|(_, found)| has_key(profile, dialect, table, fields, true, found))
    };
    let cascades = |table: Table| {
        let Some(column) = profile.column_name(table, "userId") else { return true };
        let found = found.iter().find(|(there, _)| *there == table);
        let is_it = |(name, cascades): &(String, bool)| *cascades && same_name(dialect, name, &column);
        found.is_some_and(|(_, found)| found.foreign_keys.iter().any(is_it))
    };
    Guarantees {
        cascading_owners: Table::ALL.into_iter().all(cascades),
        unique_user_id: unique(Table::Users, &["id"]),
        unique_email: unique(Table::Users, &["email"]),
        unique_account: unique(Table::Accounts, &["provider", "providerAccountId"])
            || profile.account_hash().is_some_and(|field| unique(Table::Accounts, &[field])),
        unique_token: unique(Table::VerificationTokens, &["identifier", "token"]),
        unique_session_token: unique(Table::Sessions, &["sessionToken"]),
        unique_credential_id: unique(Table::Authenticators, &["credentialID"]),
    }
}

/// Whether an index serves: a unique one must have just these columns, any other must begin with them.
fn has_key(
    profile: &Profile,
    dialect: Dialect,
    table: Table,
    fields: &[&str],
    unique: bool,
    found: &Found,
) -> bool {
    let mut wanted: Vec<_> = fields.iter().filter_map(|field| profile.column_name(table, field)).collect();
    if wanted.len() < fields.len() {
        return false;
    }
    wanted.dedup();
    found.keys.iter().any(|(is_unique, columns)| {
        let has = |name: &String| columns.iter().any(|column| same_name(dialect, column, name));
        if unique {
            *is_unique && columns.len() == wanted.len() && wanted.iter().all(has)
        } else {
            columns.len() >= wanted.len() && wanted.iter().zip(columns).all(|(a, b)| same_name(dialect, a, b))
        }
    })
}

fn find<'a>(dialect: Dialect, found: &'a Found, name: &str) -> Option<&'a FoundColumn> {
    found.columns.iter().find(|column| same_name(dialect, &column.name, name))
}

pub(super) fn same_name(dialect: Dialect, a: &str, b: &str) -> bool {
    dialect.fold(a) == dialect.fold(b)
}
