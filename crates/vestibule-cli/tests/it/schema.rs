use std::path::Path;

use vestibule_rusqlite::rusqlite::Connection;

use crate::program::run;

const DATABASE: [&str; 2] = ["--database-url", "sqlite:app.db"];

fn schema(folder: &Path, words: &[&str]) -> crate::program::Ended {
    let args: Vec<&str> = ["schema"].iter().chain(words).chain(&DATABASE).copied().collect();
    run(folder, &args, &[])
}

#[test]
fn what_is_printed_makes_the_tables() {
    let folder = tempfile::tempdir().unwrap();

    let printed = run(folder.path(), &["schema", "print", "--dialect", "sqlite"], &[]);

    assert_eq!(printed.code, Some(0), "{printed:?}");
    Connection::open(folder.path().join("app.db")).unwrap().execute_batch(&printed.stdout).unwrap();
    let checked = schema(folder.path(), &["check"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert!(checked.stdout.contains("everything"), "{checked:?}");
    assert!(!checked.stdout.contains("safer"), "{checked:?}");
}

#[test]
fn the_tables_of_postgres_are_printed_without_a_database() {
    let folder = tempfile::tempdir().unwrap();

    let printed =
        run(folder.path(), &["schema", "print", "--profile", "authjs", "--dialect", "postgres"], &[]);

    for table in ["users", "accounts", "sessions", "verification_token"] {
        assert!(printed.stdout.contains(&format!("\"{table}\"")), "{printed:?}");
    }
}

#[test]
fn nothing_is_applied_without_a_yes() {
    let folder = tempfile::tempdir().unwrap();

    let ended = schema(folder.path(), &["apply"]);

    assert_eq!(ended.code, Some(2));
    assert!(ended.stdout.contains("CREATE TABLE"), "it is shown: {ended:?}");
    assert!(ended.stderr.contains("--yes"), "{ended:?}");
    assert!(!folder.path().join("app.db").exists(), "not even an empty file is made");
}

#[test]
fn what_is_applied_is_shown_and_is_applied_once() {
    let folder = tempfile::tempdir().unwrap();

    let first = schema(folder.path(), &["apply", "--yes"]);
    let second = schema(folder.path(), &["apply", "--yes"]);

    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{first:?} {second:?}");
    assert!(first.stdout.contains("CREATE TABLE"), "{first:?}");
    assert!(second.stdout.contains("nothing to add"), "{second:?}");
    assert_eq!(tables(folder.path()), 4);
}

#[test]
fn a_missing_table_or_column_is_told_with_the_sql_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(schema(folder.path(), &["apply", "--yes"]).code, Some(0));
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    database.execute_batch("DROP TABLE verification_token; ALTER TABLE users DROP COLUMN image").unwrap();
    drop(database);

    let checked = schema(folder.path(), &["check"]);
    let served = run(folder.path(), &[DATABASE[0], DATABASE[1]], &[]);

    assert_eq!((checked.code, served.code), (Some(1), Some(4)), "{checked:?} {served:?}");
    for ended in [&checked, &served] {
        assert!(ended.stderr.contains("verification_token"), "{ended:?}");
        assert!(ended.stderr.contains("ALTER TABLE \"users\" ADD COLUMN \"image\""), "{ended:?}");
    }

    assert_eq!(schema(folder.path(), &["apply", "--yes"]).code, Some(0));
    assert_eq!(schema(folder.path(), &["check"]).code, Some(0));
}

#[test]
fn what_cannot_be_added_is_told_and_nothing_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(schema(folder.path(), &["apply", "--yes"]).code, Some(0));
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    database.execute_batch("ALTER TABLE users ADD COLUMN badge TEXT NOT NULL DEFAULT 'x'").unwrap();
    database
        .execute_batch(
            "ALTER TABLE sessions RENAME TO old; \
             CREATE TABLE sessions (id INTEGER PRIMARY KEY, \"userId\" INTEGER, \
             \"sessionToken\" BLOB NOT NULL, expires INTEGER NOT NULL, must TEXT NOT NULL)",
        )
        .unwrap();
    drop(database);

    let applied = schema(folder.path(), &["apply", "--yes"]);

    assert_eq!(applied.code, Some(1), "{applied:?}");
    assert!(applied.stderr.contains("\"must\""), "{applied:?}");
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    for column in ["badge", "image"] {
        assert!(database.prepare(&format!("SELECT {column} FROM users")).is_ok());
    }
    assert!(database.prepare("SELECT 1 FROM old").is_ok());
}

#[test]
fn a_column_of_a_wrong_type_is_told_with_the_sql_that_makes_its_table_anew() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(schema(folder.path(), &["apply", "--yes"]).code, Some(0));
    let database = Connection::open(folder.path().join("app.db")).unwrap();
    database
        .execute_batch(
            "DROP TABLE sessions; \
             CREATE TABLE sessions (id INTEGER PRIMARY KEY, \"userId\" INTEGER REFERENCES users (id) ON DELETE CASCADE, \
             \"sessionToken\" BLOB NOT NULL, expires INTEGER NOT NULL, device TEXT); \
             INSERT INTO users (id, name) VALUES (1, 'Ada'); \
             INSERT INTO sessions VALUES (1, 1, CAST('token' AS BLOB), 5, 'phone')",
        )
        .unwrap();
    let row = "SELECT typeof(\"sessionToken\") || device FROM sessions";
    let look = || database.query_row(row, [], |row| row.get::<_, String>(0)).unwrap();

    let checked = schema(folder.path(), &["check"]);
    let served = run(folder.path(), &[DATABASE[0], DATABASE[1]], &[]);
    let applied = schema(folder.path(), &["apply", "--yes"]);

    assert_eq!((checked.code, served.code, applied.code), (Some(1), Some(4), Some(1)), "{applied:?}");
    assert_eq!(look(), "blobphone", "it is told, and not done");
    for ended in [&checked, &served, &applied] {
        assert!(ended.stderr.contains("\"sessionToken\" of \"sessions\" has the type BLOB"), "{ended:?}");
        assert!(ended.stderr.contains("INSERT INTO \"sessions\""), "{ended:?}");
    }
    // It keeps the keys that were added just now.
    let sql = &applied.stderr[applied.stderr.find("PRAGMA foreign_keys = OFF").unwrap()..];
    let sql = &sql[..sql.find("PRAGMA foreign_keys = ON;").unwrap()];
    database.execute_batch(sql).unwrap();
    let checked = schema(folder.path(), &["check"]);
    assert_eq!((checked.code, look().as_str()), (Some(0), "textphone"), "{checked:?}");
    assert!(!checked.stdout.contains("safer"), "{checked:?}");
}

#[test]
fn a_check_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();

    let ended = schema(folder.path(), &["check"]);

    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stderr.contains("vestibule schema apply"), "{ended:?}");
    assert!(!folder.path().join("app.db").exists());
}

#[test]
fn a_check_changes_not_a_byte() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    let theirs = Connection::open(&file).unwrap();
    theirs
        .execute_batch("PRAGMA journal_mode = DELETE; CREATE TABLE users (id INTEGER PRIMARY KEY)")
        .unwrap();
    drop(theirs);
    let before = std::fs::read(&file).unwrap();

    let checked = schema(folder.path(), &["check"]);

    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stderr.contains("ADD COLUMN"), "{checked:?}");
    assert!(std::fs::read(&file).unwrap() == before, "the file is as it was");
}

#[test]
fn a_dialect_that_is_not_the_databases_is_refused() {
    let folder = tempfile::tempdir().unwrap();

    let ended = schema(folder.path(), &["apply", "--yes", "--dialect", "postgres"]);

    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!folder.path().join("app.db").exists());
}

/// How many tables there are.
fn tables(folder: &Path) -> i64 {
    let database = Connection::open(folder.join("app.db")).unwrap();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}
