//! What the tables that stand in for published ones lack: were they to have a key, the suite would prove nothing about
//! tables without.

use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Access, Dialect, Driver as _, Guarantees, Profile, Value, schema};
use vestibule_testkit::sql::{Made, tables};

use crate::statement;

async fn made(made: Made) -> (Rusqlite, Profile) {
    let (driver, profile) =
        (Rusqlite::in_memory().unwrap(), Profile::authjs().with_authenticators("authenticators"));
    schema::apply(&driver, &tables(&profile, Dialect::Sqlite, made)).await.unwrap();
    (driver, profile)
}

async fn counts(driver: &Rusqlite) -> Vec<Value> {
    let indexes = "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL";
    let references =
        "SELECT count(*) FROM sqlite_master AS t, pragma_foreign_key_list(t.name) WHERE t.type = 'table'";
    let mut counts = Vec::new();
    for text in [indexes, references] {
        counts.push(driver.run(&statement(text, Access::Read), &[]).await.unwrap()[0][0].clone());
    }
    counts
}

#[tokio::test]
async fn published_tables_have_primary_keys_and_nothing_else() {
    let (driver, profile) = made(Made::Published).await;

    let report = schema::inspect(&driver, &profile).await.unwrap();

    let mut primary = Guarantees::default();
    (primary.unique_user_id, primary.unique_token) = (true, true);
    assert_eq!(report.fits().unwrap(), primary);
    assert!(counts(&driver).await == [Value::Int(0), Value::Int(0)]);
    let advice: Vec<_> = report.advice.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        advice,
        [
            "table \"accounts\" has no foreign key from \"userId\" to the users; SQLite can only have it from the start",
            "table \"sessions\" has no foreign key from \"userId\" to the users; SQLite can only have it from the start",
            "table \"authenticators\" has no foreign key from \"userId\" to the users; SQLite can only have it from the \
             start",
            "table \"users\" has no unique key on email",
            "table \"accounts\" has no unique key on provider and providerAccountId",
            "table \"accounts\" has no index on userId",
            "table \"sessions\" has no unique key on sessionToken",
            "table \"sessions\" has no index on userId",
            "table \"sessions\" has no index on expires",
            "table \"verification_token\" has no index on expires",
            "table \"authenticators\" has no unique key on credentialID",
            "table \"authenticators\" has no index on userId",
        ]
    );
}

#[tokio::test]
async fn fresh_tables_have_every_key() {
    let (driver, profile) = made(Made::Fresh).await;

    let report = schema::inspect(&driver, &profile).await.unwrap();

    assert_eq!((report.fits().unwrap(), report.advice), (Guarantees::ALL, Vec::new()));
    assert!(counts(&driver).await == [Value::Int(9), Value::Int(3)]);
}
