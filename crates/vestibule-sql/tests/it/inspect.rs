//! What is said about tables that differ from the profile, and that the SQL it gives mends them: on SQLite.

use vestibule_rusqlite::Rusqlite;
use vestibule_sql::schema::{self, Report, SchemaError};
use vestibule_sql::{Dialect, ExtraColumn, ExtraKind, Guarantees, Profile, SqlAdapter, Table};

async fn database(statements: &[&str]) -> Rusqlite {
    let driver = Rusqlite::in_memory().unwrap();
    apply(&driver, statements).await;
    driver
}

async fn apply(driver: &Rusqlite, statements: &[&str]) {
    let statements: Vec<_> = statements.iter().map(|&text| text.to_owned()).collect();
    schema::apply(driver, &statements).await.unwrap();
}

/// The tables of the profile with one change.
async fn fresh_but(change: &[&str]) -> Rusqlite {
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, &schema::create(&Profile::authjs(), Dialect::Sqlite).unwrap()).await.unwrap();
    apply(&driver, change).await;
    driver
}

async fn inspect(driver: &Rusqlite, profile: &Profile) -> Report {
    schema::inspect(driver, profile).await.unwrap()
}

fn messages(report: &Report) -> Vec<&str> {
    report.problems.iter().map(|finding| &*finding.message).collect()
}

fn adds_only(statements: &[String]) {
    for text in statements {
        let adds = [
            "CREATE TABLE IF NOT EXISTS ",
            "CREATE INDEX IF NOT EXISTS ",
            "CREATE UNIQUE INDEX IF NOT EXISTS ",
        ];
        let is_column = text.starts_with("ALTER TABLE ") && text.contains(" ADD COLUMN ");
        assert!(is_column || adds.iter().any(|start| text.starts_with(start)), "{text}");
    }
}

#[tokio::test]
async fn an_empty_database_lacks_every_table_and_the_additions_make_them() {
    let driver = database(&[]).await;
    let profile = Profile::authjs().with_authenticators("passkeys");
    let report = inspect(&driver, &profile).await;
    assert_eq!(
        messages(&report),
        [
            "there is no table \"users\"",
            "there is no table \"accounts\"",
            "there is no table \"sessions\"",
            "there is no table \"verification_token\"",
            "there is no table \"passkeys\"",
        ]
    );

    adds_only(&report.additions());
    schema::apply(&driver, &report.additions()).await.unwrap();
    let report = inspect(&driver, &profile).await;
    assert_eq!(report.fits().unwrap(), Guarantees::ALL);
    assert_eq!(report.additions(), Vec::<String>::new());
}

#[tokio::test]
async fn additions_can_be_applied_twice() {
    let driver = database(&[]).await;
    let additions = inspect(&driver, &Profile::authjs()).await.additions();

    schema::apply(&driver, &additions).await.unwrap();
    schema::apply(&driver, &additions).await.unwrap();
    let created = schema::create(&Profile::authjs(), Dialect::Sqlite).unwrap();
    schema::apply(&driver, &created).await.unwrap();
}

#[tokio::test]
async fn a_missing_column_is_named_and_added() {
    let driver =
        fresh_but(&["ALTER TABLE users DROP COLUMN image", "ALTER TABLE accounts DROP COLUMN scope"]).await;
    let profile = Profile::authjs()
        .with_extra_column(Table::Users, ExtraColumn::text("role").with_default("member"))
        .with_extra_column(Table::Sessions, ExtraColumn::new("a NOT NULL b", ExtraKind::Int));

    let report = inspect(&driver, &profile).await;
    assert_eq!(
        messages(&report),
        [
            "table \"users\" has no column \"image\"",
            "table \"users\" has no column \"role\"",
            "table \"accounts\" has no column \"scope\"",
            "table \"sessions\" has no column \"a NOT NULL b\"",
        ]
    );
    adds_only(&report.additions());
    schema::apply(&driver, &report.additions()).await.unwrap();
    inspect(&driver, &profile).await.fits().unwrap();
}

#[tokio::test]
async fn a_missing_column_that_must_not_be_null_is_added_to_a_table_with_rows() {
    let driver = fresh_but(&[
        "INSERT INTO users (email) VALUES ('ada@example.com')",
        "INSERT INTO sessions (\"userId\", expires, \"sessionToken\") VALUES (1, 1, 'x')",
        "DROP INDEX \"sessions_expires_idx\"",
        "ALTER TABLE sessions DROP COLUMN expires",
    ])
    .await;

    let additions = inspect(&driver, &Profile::authjs()).await.additions();
    schema::apply(&driver, &additions).await.unwrap();
    inspect(&driver, &Profile::authjs()).await.fits().unwrap();
}

#[tokio::test]
async fn a_column_of_the_wrong_type_is_named_with_its_type() {
    let driver = database(&[
        "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT, email BLOB, \"emailVerified\" TEXT, image TEXT)",
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, \"userId\" INTEGER, type TEXT, provider TEXT, \
         \"providerAccountId\" INTEGER, refresh_token TEXT, access_token TEXT, expires_at TEXT, id_token TEXT, \
         scope TEXT, session_state TEXT, token_type TEXT)",
        "CREATE TABLE sessions (id INTEGER PRIMARY KEY, \"userId\" INTEGER, expires DATETIME, \"sessionToken\" TEXT)",
        "CREATE TABLE verification_token (identifier TEXT, expires INTEGER, token TEXT)",
    ])
    .await;

    let report = inspect(&driver, &Profile::authjs()).await;
    let messages = messages(&report);
    for (at, column) in [
        "\"id\" of \"users\" has the type TEXT",
        "\"email\" of \"users\" has the type BLOB",
        "\"emailVerified\" of \"users\" has the type TEXT",
        "\"providerAccountId\" of \"accounts\" has the type INTEGER",
        "\"expires_at\" of \"accounts\" has the type TEXT",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(messages[at].contains(column), "{messages:#?}");
    }
    assert_eq!(messages.len(), 5, "{messages:#?}");
    assert!(messages[0].contains("choose the profile's id kind"), "{messages:#?}");
    // Nothing that changes a type is among what is applied.
    adds_only(&report.additions());
    assert!(matches!(SqlAdapter::inspect(driver, Profile::authjs()).await, Err(SchemaError::Unfit(_))));
}

#[tokio::test]
async fn a_column_that_nobody_fills_is_named() {
    let driver = database(&["CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, \
         \"emailVerified\" INTEGER, image TEXT, tenant TEXT NOT NULL, plan TEXT NOT NULL DEFAULT 'free')"])
    .await;

    let report = inspect(&driver, &Profile::authjs()).await;
    let found: Vec<_> =
        report.problems.iter().filter(|finding| finding.message.contains("must not be NULL")).collect();
    assert_eq!(found.len(), 1, "{report:?}");
    assert!(found[0].message.starts_with("column \"tenant\" of \"users\""), "{}", found[0].message);
    assert_eq!((&found[0].mend, found[0].additive), (&None, false));

    let known = Profile::authjs().with_extra_column(Table::Users, ExtraColumn::text("tenant"));
    let report = inspect(&driver, &known).await;
    assert!(report.problems.iter().all(|finding| !finding.message.contains("tenant")), "{report:?}");
}

#[tokio::test]
async fn ids_that_nothing_makes_are_named() {
    let driver = fresh_but(&[
        "DROP TABLE sessions",
        "CREATE TABLE sessions (id INTEGER, \"userId\" INTEGER, expires INTEGER, \"sessionToken\" TEXT)",
    ])
    .await;

    let report = inspect(&driver, &Profile::authjs()).await;
    assert_eq!(
        messages(&report),
        [
            "nothing makes the ids of \"sessions\": its column \"id\" has no default; SQLite changes no column, so the \
          table has to be made anew, with nothing else using the file"
        ]
    );
}

#[tokio::test]
async fn a_key_of_the_tokens_is_advised_and_made() {
    let driver = fresh_but(&[
        "DROP TABLE verification_token",
        "CREATE TABLE verification_token (identifier TEXT, expires INTEGER, token TEXT)",
    ])
    .await;

    let report = inspect(&driver, &Profile::authjs()).await;
    assert!(!report.fits().unwrap().unique_token);
    let advice: Vec<_> = report.advice.iter().map(|finding| finding.message.as_str()).collect();
    let key = "table \"verification_token\" has no unique key on identifier and token";
    assert!(advice.contains(&key), "{advice:#?}");
    schema::apply(&driver, &report.additions()).await.unwrap();
    assert!(inspect(&driver, &Profile::authjs()).await.fits().unwrap().unique_token);
}

#[tokio::test]
async fn a_view_is_looked_at_like_a_table() {
    let driver =
        fresh_but(&["ALTER TABLE users RENAME TO people", "CREATE VIEW users AS SELECT * FROM people"]).await;

    let report = inspect(&driver, &Profile::authjs()).await;
    assert!(!report.guarantees.unique_email, "a view has no key");
}

#[tokio::test]
async fn only_a_foreign_key_to_the_users_deletes_with_the_user() {
    let driver = fresh_but(&[
        "DROP TABLE sessions",
        "CREATE TABLE others (id INTEGER PRIMARY KEY)",
        "CREATE TABLE sessions (id INTEGER PRIMARY KEY, \"userId\" INTEGER REFERENCES others (id) ON DELETE CASCADE, \
         expires INTEGER, \"sessionToken\" TEXT)",
    ])
    .await;

    let report = inspect(&driver, &Profile::authjs()).await;
    assert!(!report.guarantees.cascading_owners);
    assert!(report.advice.iter().any(|finding| finding.message.contains("no foreign key")), "{report:?}");
}
