//! Two people sign in, and each writes notes; on SQLite, and on PostgreSQL where there is one.

#[path = "../../notes.rs"]
mod notes;

use sea_orm::{ConnectOptions, ConnectionTrait, Database};

#[tokio::test]
async fn everybody_sees_their_own_notes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("notes.db").display());
    let database = Database::connect(url).await.unwrap();

    notes::everybody_sees_their_own_notes(async |mailer| {
        sea_orm_notes::app(database.clone(), mailer).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn everybody_sees_their_own_notes_on_postgresql() {
    let Ok(url) = std::env::var("VESTIBULE_TEST_POSTGRES_URL") else {
        eprintln!("skipped: VESTIBULE_TEST_POSTGRES_URL is not set");
        return;
    };
    let schema = format!("sea_orm_notes_{}", std::process::id());
    let mut options = ConnectOptions::new(url);
    options.set_schema_search_path(&schema);
    let database = Database::connect(options).await.unwrap();
    database.execute_unprepared(&format!("CREATE SCHEMA {schema}")).await.unwrap();

    notes::everybody_sees_their_own_notes(async |mailer| {
        sea_orm_notes::app(database.clone(), mailer).await.unwrap()
    })
    .await;

    database.execute_unprepared(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
}
