//! One connection: its settings, one statement, one transaction.

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use vestibule_core::Timestamp;
use vestibule_sql::{Row, Value};

use crate::PATIENCE;

/// A statement's text and its parameters.
pub(crate) type Work = (Arc<str>, Vec<Value>);

/// More than there are statements, so that each stays prepared.
const CACHED_STATEMENTS: usize = 256;

pub(crate) fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    // An answered write survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// How much of a file a reader maps into memory at the most, in bytes, instead of copying each page by a call.
const MAPPED: i64 = 1 << 30;

/// A reader never waits for a lock: it may run on the async runtime, and the writer waits instead.
pub(crate) fn prepare_reader(connection: &Connection) -> Result<(), rusqlite::Error> {
    prepare(connection)?;
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    connection.pragma_update(None, "query_only", true)
}

/// Creates the file so that only its owner can read it; SQLite gives its companions the same rights. A failure
/// shows when SQLite opens the file.
pub(crate) fn create_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

/// Runs one statement to its end. Outside a transaction it is one of its own.
pub(crate) fn run_one(
    connection: &Connection,
    text: &str,
    params: &[Value],
) -> Result<Vec<Row>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(text)?;
    let width = statement.column_count();
    let mut found = statement.query(rusqlite::params_from_iter(params.iter().map(Out)))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        // Collecting into a `Result` would not know the length beforehand.
        let mut cells = Row::with_capacity(width);
        for at in 0..width {
            cells.push(value_in(row.get_ref(at)?));
        }
        rows.push(cells);
    }
    Ok(rows)
}

/// Runs several statements as one transaction.
pub(crate) fn run_transaction(
    connection: &Connection,
    work: &[Work],
) -> Result<Vec<Vec<Row>>, rusqlite::Error> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
    let done = run_all(connection, work).and_then(|rows| {
        connection.prepare_cached("COMMIT")?.execute(())?;
        Ok(rows)
    });
    if done.is_err() {
        roll_back(connection);
    }
    done
}

/// Runs several statements in the transaction that is open.
pub(crate) fn run_all(connection: &Connection, work: &[Work]) -> Result<Vec<Vec<Row>>, rusqlite::Error> {
    work.iter().map(|(text, params)| run_one(connection, text, params)).collect()
}

/// Ends a failed transaction, unless SQLite has done so itself.
pub(crate) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
}

/// A value on its way out.
struct Out<'a>(&'a Value);

impl ToSql for Out<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(truth) => ValueRef::Integer((*truth).into()),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Time(time) => ValueRef::Integer(Timestamp::as_millis(*time)),
        }))
    }
}

/// A value on its way in, by what the cell holds. Text that is not UTF-8 comes in as bytes.
fn value_in(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(text.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}
