//! Stores for the conformance suite on SQL databases.

use std::hash::{DefaultHasher, Hash, Hasher};

use vestibule_conformance::{Column, ColumnKind, Fixture, Naming, Presence, Store};
use vestibule_core::IdKind;
use vestibule_sql::{Dialect, Driver, ExtraColumn, ExtraKind, Profile, SqlAdapter, Table, schema};

/// How the tables were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// By Vestibule, with every key and foreign key.
    Fresh,
    /// As published with `@auth/pg-adapter`: nothing is unique but the primary keys, and nothing refers to
    /// anything.
    Published,
}

/// The profile that a fixture asks for.
pub fn profile(fixture: &Fixture) -> Profile {
    let mut profile = Profile::authjs();
    if let Some(id_kind) = fixture.id_kind {
        profile = profile.with_id_kind(id_kind);
    }
    if fixture.authenticators != Some(Presence::Absent) {
        profile = profile.with_authenticators("authenticators");
    }
    for table in [Table::Users, Table::Accounts, Table::Sessions] {
        for column in fixture.columns {
            profile = profile.with_extra_column(table, extra(column, fixture.naming));
        }
    }
    if fixture.naming == Naming::Renamed { renamed(profile) } else { profile }
}

fn extra(column: &Column, naming: Naming) -> ExtraColumn {
    let kind = match column.kind {
        ColumnKind::Text => ExtraKind::Text,
        ColumnKind::Int => ExtraKind::Int,
        ColumnKind::Real => ExtraKind::Real,
        ColumnKind::Bool => ExtraKind::Bool,
        ColumnKind::Time => ExtraKind::Time,
        ColumnKind::Json => ExtraKind::Json,
    };
    let mut extra = ExtraColumn::new(column.name, kind);
    if let Some(default) = column.default {
        extra = extra.with_default(default);
    }
    match naming {
        Naming::Usual => extra,
        Naming::Renamed => extra.with_name(format!("x \"{}\"", column.name)),
    }
}

/// Gives every table another name, one of them hard to quote, and turns every column to snake case but one.
fn renamed(mut profile: Profile) -> Profile {
    for table in Table::ALL {
        if profile.table_name(table).is_some() {
            profile = profile.with_table(table, format!("my \"{table}\"; --"));
        }
    }
    let plain = [
        (Table::Users, &["id", "name", "email", "image"][..]),
        (Table::Accounts, &["id", "type", "provider", "scope"]),
        (Table::Sessions, &["id", "expires"]),
        (Table::VerificationTokens, &["identifier", "token", "expires"]),
    ];
    for (table, fields) in plain {
        for field in fields {
            profile = profile.with_column(table, field, format!("select {field}"));
        }
    }
    profile.with_snake_case()
}

/// The statements that make the tables.
///
/// # Panics
///
/// If the profile is wrong.
pub fn tables(profile: &Profile, dialect: Dialect, made: Made) -> Vec<String> {
    let statements = schema::create(profile, dialect).expect("the profile is right");
    // PostgreSQL, which stands in for it, makes its indexes at once.
    let statements =
        statements.into_iter().map(|text| text.replace(" INDEX ASYNC ", " INDEX ")).collect::<Vec<_>>();
    match made {
        Made::Fresh => statements,
        Made::Published => {
            let is_key = |line: &&str| {
                ["UNIQUE KEY", "KEY", "FOREIGN KEY"].iter().any(|key| line.trim_start().starts_with(key))
            };
            let bare = statements.into_iter().filter(|text| !text.contains(" INDEX ")).map(|text| {
                let lines = text.lines().filter(|line| !is_key(line));
                let lines = lines.map(|line| match line.split_once(" REFERENCES ") {
                    Some((column, _)) => format!("{column},"),
                    None => line.to_owned(),
                });
                lines.collect::<Vec<_>>().join("\n").replace(",\n)", "\n)")
            });
            bare.collect()
        }
    }
}

/// A store on fresh tables in a schema of its own, which the teardown drops, on PostgreSQL and SQL Server; or in an
/// empty database that the driver is connected to.
///
/// # Panics
///
/// If the tables cannot be made.
pub async fn store<D: Driver + Clone>(driver: D, fixture: &Fixture, made: Made) -> Store {
    let mut profile = profile(fixture);
    let dialect = driver.dialect();
    let schema = schema_name(fixture, dialect, made);
    if has_schemas(dialect) {
        profile = profile.with_postgres_schema(&schema);
    }
    let drop_all = drop_all(&profile, dialect, &schema);
    let store = Store::new(adapter(driver.clone(), profile, made).await);
    if drop_all.is_empty() {
        return store;
    }
    store.with_teardown(async move {
        schema::apply(&driver, &drop_all).await.expect("the schema can be dropped");
    })
}

/// An adapter on tables that are made for it.
///
/// # Panics
///
/// If the tables cannot be made.
pub async fn adapter<D: Driver>(driver: D, profile: Profile, made: Made) -> SqlAdapter<D> {
    let statements = tables(&profile, driver.dialect(), made);
    schema::apply(&driver, &statements).await.expect("the tables can be made");
    match made {
        Made::Fresh => SqlAdapter::inspect(driver, profile).await.expect("the tables fit the profile"),
        // Nothing is known about the tables, so that every lock is taken.
        Made::Published => SqlAdapter::new(driver, profile).expect("the profile is right"),
    }
}

/// Whether the database parts its tables into schemas that have names.
fn has_schemas(dialect: Dialect) -> bool {
    use Dialect::{AuroraDsql, CockroachDb, Postgres, SqlServer, YugabyteDb};
    matches!(dialect, AuroraDsql | CockroachDb | Postgres | SqlServer | YugabyteDb)
}

/// The statements that drop the schema with all that is in it; none where it ends with the database.
fn drop_all(profile: &Profile, dialect: Dialect, schema: &str) -> Vec<String> {
    match dialect {
        _ if dialect != Dialect::SqlServer && has_schemas(dialect) => {
            vec![format!("DROP SCHEMA \"{schema}\" CASCADE")]
        }
        Dialect::SqlServer => {
            // The users last, since the others refer to them.
            let tables = [Table::Accounts, Table::Sessions, Table::VerificationTokens, Table::Authenticators];
            let names =
                tables.into_iter().chain([Table::Users]).filter_map(|table| profile.table_name(table));
            let drop =
                names.map(|name| format!("DROP TABLE IF EXISTS [{schema}].[{}]", name.replace(']', "]]")));
            drop.chain([format!("DROP SCHEMA [{schema}]")]).collect()
        }
        _ => Vec::new(),
    }
}

/// Unique for a process, a case and the way the tables are made, and short.
pub(crate) fn schema_name(fixture: &Fixture, dialect: Dialect, made: Made) -> String {
    let mut hasher = DefaultHasher::new();
    (fixture.case, dialect, made == Made::Fresh, fixture.id_kind == Some(IdKind::Serial)).hash(&mut hasher);
    format!("t_{}_{:016x}", std::process::id(), hasher.finish())
}
