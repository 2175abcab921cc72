//! The file and the settings of its connections.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use vestibule_core::{Adapter as _, AdapterError, NewUser, Users as _};
use vestibule_rusqlite::Rusqlite;
use vestibule_rusqlite::rusqlite::{Connection, ErrorCode};
use vestibule_sql::{Access, Driver as _, Value};

use crate::{adapter, adapter_on, statement};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_file_and_its_companions_are_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let adapter = adapter(&path).await;
    adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();

    for name in ["vestibule.db", "vestibule.db-wal", "vestibule.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[tokio::test]
async fn a_file_that_is_there_keeps_its_rights_and_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    adapter(&path).await.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();

    let again = adapter(&path).await;
    assert!(again.user_by_email("ada").await.unwrap().is_some());
    assert_eq!(mode(&path), 0o640);
}

/// Asks every connection: reads go to the readers in turn, writes to the writer.
async fn assert_settings(driver: &Rusqlite) {
    let wanted = [
        ("PRAGMA journal_mode", Value::Text("wal".into())),
        ("PRAGMA synchronous", Value::Int(2)),
        ("PRAGMA foreign_keys", Value::Int(1)),
    ];
    for (text, value) in wanted {
        for access in [Access::Read, Access::Read, Access::Read, Access::Read, Access::Write] {
            let rows = driver.run(&statement(text, access), &[]).await.unwrap();
            assert!(rows[0][0] == value, "{text} as {access:?}");
        }
    }
    let reader = driver.run(&statement("PRAGMA query_only", Access::Read), &[]).await.unwrap();
    let writer = driver.run(&statement("PRAGMA query_only", Access::Write), &[]).await.unwrap();
    assert!(reader[0][0] == Value::Int(1) && writer[0][0] == Value::Int(0));
    let mapped = driver.run(&statement("PRAGMA mmap_size", Access::Read), &[]).await.unwrap();
    assert!(mapped[0][0] == Value::Int(1 << 30), "a reader maps the file instead of copying its pages");
    let timeout = driver.run(&statement("PRAGMA busy_timeout", Access::Read), &[]).await.unwrap();
    assert!(timeout[0][0] == Value::Int(0), "a reader never waits on the runtime");
}

#[tokio::test]
async fn every_connection_writes_ahead_waits_for_the_disk_and_checks_foreign_keys() {
    let folder = tempfile::tempdir().unwrap();
    assert_settings(&Rusqlite::open(folder.path().join("own.db")).unwrap()).await;
}

#[tokio::test]
async fn the_callers_own_connections_get_the_same_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.db");
    let open = || {
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
    };
    assert_settings(&Rusqlite::with_connections(open(), [open(), open(), open(), open()]).unwrap()).await;

    let alone = adapter_on(Rusqlite::with_connections(open(), []).unwrap()).await;
    alone.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    assert!(alone.user_by_email("ada").await.unwrap().is_some());
}

#[tokio::test]
async fn a_name_is_a_file_unless_it_is_memory() {
    let memory = adapter_on(Rusqlite::open(":memory:").unwrap()).await;
    memory.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    assert!(memory.user_by_email("ada").await.unwrap().is_some());
    assert!(!Path::new(":memory:").exists());
    assert!(Rusqlite::open("").is_err());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file:x?mode=memory");
    adapter(&path).await.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    assert!(adapter(&path).await.user_by_email("ada").await.unwrap().is_some());
}

#[tokio::test]
async fn ids_are_never_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    for expected in ["1", "2", "3"] {
        let adapter = adapter(&path).await;
        let user = adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
        assert_eq!(user.id.as_str(), expected);
        adapter.delete_user(&user.id).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let notes = "These are notes and no database.\n".repeat(200);
    fs::write(&path, &notes).unwrap();

    let error = Rusqlite::open(&path).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase), "{error}");
    assert!(error.to_string().contains("not a database"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), notes);
    assert!(Rusqlite::open(folder.path().join("no/such/folder.db")).is_err());
    assert!(Rusqlite::open(folder.path()).is_err());
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_never_an_absent_user() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vestibule.db");
    let adapter = adapter(&path).await;
    adapter.create_user(&NewUser::with_email("ada"), None).await.unwrap();
    drop(adapter);
    let cleaner = Connection::open(&path).unwrap();
    cleaner.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    cleaner.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(cleaner);
    let mut bytes = fs::read(&path).unwrap();
    // The first page says what the tables are; the others hold them.
    bytes[4096..].fill(0xA5);
    fs::write(&path, bytes).unwrap();

    let driver = Rusqlite::open(&path).unwrap();
    let damaged = vestibule_sql::SqlAdapter::new(driver, vestibule_sql::Profile::authjs()).unwrap();
    damaged.ping().await.unwrap();
    let read = damaged.user_by_email("ada").await;
    assert!(matches!(read, Err(AdapterError::Refused { .. })), "{read:?}");
    let write = damaged.create_user(&NewUser::with_email("eve"), None).await;
    assert!(matches!(write, Err(AdapterError::Refused { .. })), "{write:?}");
}
