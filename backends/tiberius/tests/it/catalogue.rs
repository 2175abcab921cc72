//! The whole comparison with the tables that are there, and the search for a profile, over the wire.

use vestibule_core::IdKind;
use vestibule_sql::{Guarantees, Profile, SqlAdapter, schema};
use vestibule_testkit::tds::{Cell, Column, Kind, Reply, Request};

use crate::fake::pair;

type Columns = &'static [(&'static str, &'static str, bool)];

/// The tables of a fresh schema: their columns with types and whether they must have a value, and their keys, those that
/// are not unique behind a minus.
const FRESH: [(&str, Columns, &[&str]); 4] = [
    (
        "users",
        &[
            ("id", "int", true),
            ("name", "nvarchar", false),
            ("email", "nvarchar", false),
            ("emailVerified", "datetime2", false),
            ("image", "nvarchar", false),
        ],
        &["id", "email"],
    ),
    (
        "accounts",
        &[
            ("id", "int", true),
            ("userId", "int", true),
            ("type", "nvarchar", true),
            ("provider", "nvarchar", true),
            ("providerAccountId", "nvarchar", true),
            ("refresh_token", "nvarchar", false),
            ("access_token", "nvarchar", false),
            ("expires_at", "bigint", false),
            ("id_token", "nvarchar", false),
            ("scope", "nvarchar", false),
            ("session_state", "nvarchar", false),
            ("token_type", "nvarchar", false),
        ],
        &["id", "provider\u{1f}providerAccountId", "-userId"],
    ),
    (
        "sessions",
        &[
            ("id", "int", true),
            ("userId", "int", true),
            ("expires", "datetime2", true),
            ("sessionToken", "nvarchar", true),
        ],
        &["id", "sessionToken", "-userId", "-expires"],
    ),
    (
        "verification_token",
        &[("identifier", "nvarchar", true), ("token", "nvarchar", true), ("expires", "datetime2", true)],
        &["identifier\u{1f}token", "-expires"],
    ),
];

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// What the catalogue says of a schema that is fresh save for a table that is missing and a column of another type.
fn catalogue(request: &Request, missing: &str, changed: &str) -> Reply {
    let name = |name| Column::new(name, Kind::NVarChar).not_null();
    let bit = |name| Column::new(name, Kind::Bit).not_null();
    let tables = FRESH.iter().filter(|(table, ..)| *table != missing);
    let kind_of = |column: &str, kind: &'static str| if column == changed { "float" } else { kind };
    if request.params.is_empty() {
        let rows = tables.flat_map(|(table, columns, _)| {
            columns.iter().map(|(column, kind, _)| {
                vec![text(""), text(table), text(column), text(kind_of(column, kind))]
            })
        });
        return Reply::new()
            .set(&[name(""), name("name"), name("name"), name("name")], &rows.collect::<Vec<_>>());
    }
    let Cell::Text(asked) = &request.params[0] else { panic!("{request:?}") };
    let table = tables.into_iter().find(|(table, ..)| *asked == format!("[{table}]"));
    let (columns, keys) = table.map_or((&[][..], &[][..]), |(_, columns, keys)| (*columns, *keys));
    if request.text.contains("sys.foreign_keys") {
        let rows = columns.iter().filter(|(name, ..)| *name == "userId");
        let rows: Vec<_> = rows.map(|(name, ..)| vec![text(name), Cell::Bit(true)]).collect();
        return Reply::new().set(&[name("name"), bit("")], &rows);
    }
    if request.text.contains("sys.indexes") {
        let rows = keys.iter();
        let rows = rows.map(|key| vec![Cell::Bit(!key.starts_with('-')), text(key.trim_start_matches('-'))]);
        let columns = [bit("is_unique"), Column::new("", Kind::NVarCharMax)];
        return Reply::new().set(&columns, &rows.collect::<Vec<_>>());
    }
    let rows = columns.iter().map(|(name, kind, not_null)| {
        vec![text(name), text(kind_of(name, kind)), Cell::Bit(*not_null), Cell::Bit(*name == "id")]
    });
    Reply::new().set(&[name("name"), name(""), bit(""), bit("")], &rows.collect::<Vec<_>>())
}

#[tokio::test]
async fn a_fresh_schema_is_seen_to_guarantee_everything() {
    let (_server, driver) = pair(1, |request| catalogue(request, "", "")).await;

    let adapter = SqlAdapter::inspect(driver, Profile::authjs()).await.unwrap();

    // All that its tables need; it has none for authenticators.
    let mut wanted = Guarantees::ALL;
    wanted.unique_credential_id = adapter.guarantees().unique_credential_id;
    assert_eq!(adapter.guarantees(), wanted);
}

#[tokio::test]
async fn a_schema_that_does_not_fit_is_told_with_the_sql_that_mends_it() {
    let (_server, driver) = pair(1, |request| catalogue(request, "sessions", "emailVerified")).await;

    let report = schema::inspect(&driver, &Profile::authjs()).await.unwrap();

    let problems: Vec<_> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("users") && problems[0].contains("emailVerified"), "{problems:?}");
    assert!(problems[0].contains("ALTER TABLE [users] ALTER COLUMN [emailVerified]"), "{problems:?}");
    assert!(
        problems[1].contains("sessions") && problems[1].contains("CREATE TABLE [sessions]"),
        "{problems:?}"
    );
    let additions = report.additions();
    assert!(additions.iter().all(|added| added.contains("[sessions]")), "{additions:?}");
    let error = SqlAdapter::inspect(driver, Profile::authjs()).await.unwrap_err().to_string();
    assert!(error.contains("emailVerified") && error.contains("sessions"), "{error}");
}

#[tokio::test]
async fn the_profile_of_a_database_is_found_by_its_catalogue() {
    let (_server, driver) = pair(1, |request| catalogue(request, "", "")).await;

    let detected = Profile::detect(&driver).await.unwrap();

    assert_eq!((detected.profile.name(), detected.profile.id_kind()), ("authjs", IdKind::Serial));
    SqlAdapter::inspect(driver, detected.profile).await.unwrap();
}

#[tokio::test]
async fn a_catalogue_that_may_not_be_read_is_a_named_error() {
    let denied = "The SELECT permission was denied on the object 'columns', database 'mssqlsystemresource'.";
    let (_server, driver) = pair(1, move |_| Reply::new().error(229, 14, denied)).await;

    let told = schema::inspect(&driver, &Profile::authjs()).await.unwrap_err();

    let causes = std::iter::successors(Some(&told as &dyn std::error::Error), |error| error.source());
    let full = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    assert!(full.contains("SELECT permission was denied"), "{full}");
}
