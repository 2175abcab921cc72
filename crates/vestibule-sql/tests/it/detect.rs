//! Published schemas are recognized by their tables alone; half-made ones are not guessed at.

use vestibule_core::IdKind;
use vestibule_rusqlite::Rusqlite;
use vestibule_sql::{Dialect, Profile, SqlAdapter, Table, schema};

async fn database(statements: &[String]) -> Rusqlite {
    let driver = Rusqlite::in_memory().unwrap();
    schema::apply(&driver, statements).await.unwrap();
    driver
}

async fn told(statements: &[&str]) -> String {
    let statements: Vec<_> = statements.iter().map(|&text| text.to_owned()).collect();
    Profile::detect(&database(&statements).await).await.unwrap_err().to_string()
}

#[tokio::test]
async fn every_published_schema_is_recognized() {
    // Only what stands in the columns tells these from their neighbors, or the type of an id that has another name
    // here.
    let by_cells = ["nextauth-v3-prisma-legacy", "prisma-iso8601", "sequelize"];
    // Of these the columns are the neighbor's.
    let same = ["hasura", "supabase", "vestibule"];
    for name in Profile::names(Dialect::Sqlite) {
        if by_cells.contains(&name) || same.contains(&name) {
            continue;
        }
        let profile = Profile::named(name, Dialect::Sqlite).unwrap();
        let driver = database(&schema::create(&profile, Dialect::Sqlite).unwrap()).await;

        let detected = Profile::detect(&driver).await.unwrap();

        assert_eq!(detected.profile.name(), name, "{}", detected.reason);
        assert_eq!(
            detected.profile.id_kind() == IdKind::Serial,
            profile.id_kind() == IdKind::Serial,
            "{name}"
        );
        SqlAdapter::inspect(driver, detected.profile).await.unwrap();
    }
}

#[tokio::test]
async fn a_prefix_before_the_tables_is_found() {
    let profile = Profile::nextauth_v3(Dialect::Sqlite).with_table_prefix("shop_");
    let driver = database(&schema::create(&profile, Dialect::Sqlite).unwrap()).await;

    let detected = Profile::detect(&driver).await.unwrap();

    assert_eq!(detected.profile.table_name(Table::Accounts), Some("shop_accounts"));
    assert!(detected.reason.contains("shop_verification_requests"), "{}", detected.reason);
}

#[tokio::test]
async fn dates_as_integers_tell_prisma_from_typeorm_in_version_three() {
    let profile = Profile::nextauth_v3_prisma_legacy(Dialect::Sqlite);
    let mut statements = schema::create(&profile, Dialect::Sqlite).unwrap();
    statements.push(
        "INSERT INTO verification_requests (identifier, token, expires, created_at, updated_at) \
         VALUES ('ada', 't', 1925089445678, 0, 0)"
            .to_owned(),
    );
    let detected = Profile::detect(&database(&statements).await).await.unwrap();
    assert_eq!(detected.profile.name(), "nextauth-v3-prisma-legacy", "{}", detected.reason);
}

#[tokio::test]
async fn dates_as_text_tell_which_prisma_wrote_a_file() {
    let mut statements = schema::create(&Profile::prisma_iso8601(), Dialect::Sqlite).unwrap();
    statements.retain(|text| !text.contains("VerificationToken"));
    statements.push(
        "CREATE TABLE \"VerificationToken\" (identifier TEXT, token TEXT, expires DATETIME)".to_owned(),
    );
    statements.push(
        "INSERT INTO \"VerificationToken\" VALUES ('ada', 't', '2031-01-02T03:04:05.678+00:00')".to_owned(),
    );
    let detected = Profile::detect(&database(&statements).await).await.unwrap();
    assert_eq!(detected.profile.name(), "prisma-iso8601", "{}", detected.reason);
}

#[tokio::test]
async fn lucias_attributes_are_declared() {
    let statements = [
        "CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT, admin BOOLEAN, logins INTEGER)".to_owned(),
        "CREATE TABLE visits (id TEXT PRIMARY KEY, user_id INTEGER, expires_at INTEGER, country TEXT)"
            .to_owned(),
    ];
    let detected = Profile::detect(&database(&statements).await).await.unwrap();

    assert_eq!(detected.profile.id_kind(), IdKind::Serial);
    assert_eq!(detected.profile.table_name(Table::Sessions), Some("visits"));
    for (table, field) in [(Table::Users, "username"), (Table::Users, "logins"), (Table::Sessions, "country")]
    {
        assert_eq!(detected.profile.column_name(table, field).as_deref(), Some(field));
    }
}

#[tokio::test]
async fn what_is_not_known_is_told_and_not_guessed() {
    assert!(told(&[]).await.contains("there are no tables"));
    let error =
        told(&["CREATE TABLE orders (id INTEGER)", "CREATE TABLE users (id INTEGER, emailVerified)"]).await;
    assert!(error.contains("no published schema has the tables orders, users"), "{error}");

    let error = told(&[
        "CREATE TABLE users (id INTEGER, \"emailVerified\" INTEGER)",
        "CREATE TABLE verification_token (token TEXT)",
        "CREATE TABLE verification_requests (token TEXT, expires TEXT)",
        "CREATE TABLE accounts (compound_id TEXT)",
    ])
    .await;
    assert_eq!(
        error,
        "which schema the database has cannot be told: several schemas are there at once: nextauth-v3 \
         (verification_requests, and accounts.compound_id, whose tokens expire in a column TEXT); authjs \
         (verification_token, and users.emailVerified); name the profile that is meant"
    );
}
