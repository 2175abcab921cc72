//! rusqlite, called in place: for a file one connection that writes and several that read, in memory just one.

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{one, several};
use crate::data::{DUE, Data, NOT_DUE, PROVIDER, new_hash, new_token};
use crate::measure::Contestant;
use crate::operation::Operation;
use crate::recorded::Texts;

/// How much of a file the adapter's readers map into memory at the most.
const MAPPED: i64 = 1 << 30;

/// How readers get at the pages of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As the driver does unless told otherwise: each is copied by a call.
    Copied,
    /// As the adapter has it.
    Mapped,
}

/// The raw driver.
#[derive(Debug)]
pub(crate) struct RawSqlite {
    writer: Mutex<Connection>,
    readers: Vec<Mutex<Connection>>,
    next: AtomicUsize,
    texts: Texts,
    data: Arc<Data>,
}

#[expect(dead_code, reason = "read by the optimizer only")]
struct Session {
    id: i64,
    token: String,
    user_id: i64,
    expires: i64,
}

#[expect(dead_code, reason = "read by the optimizer only")]
struct User {
    id: i64,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<i64>,
    image: Option<String>,
}

#[expect(dead_code, reason = "read by the optimizer only")]
struct Account {
    id: i64,
    user_id: i64,
    kind: String,
    provider: String,
    provider_account_id: String,
    texts: [Option<String>; 6],
    expires_at: Option<i64>,
}

fn session(row: &Row<'_>, at: usize) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get(at)?,
        token: row.get(at + 1)?,
        user_id: row.get(at + 2)?,
        expires: row.get(at + 3)?,
    })
}

fn user(row: &Row<'_>, at: usize) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(at)?,
        name: row.get(at + 1)?,
        email: row.get(at + 2)?,
        email_verified: row.get(at + 3)?,
        image: row.get(at + 4)?,
    })
}

fn account(row: &Row<'_>, at: usize) -> rusqlite::Result<Account> {
    let mut texts = [const { None }; 6];
    for (text, cell) in texts.iter_mut().zip([5, 6, 7, 9, 10, 11]) {
        *text = row.get(at + cell)?;
    }
    Ok(Account {
        id: row.get(at)?,
        user_id: row.get(at + 1)?,
        kind: row.get(at + 2)?,
        provider: row.get(at + 3)?,
        provider_account_id: row.get(at + 4)?,
        texts,
        expires_at: row.get(at + 8)?,
    })
}

const NO_TEXT: Option<&str> = None;
const NO_NUMBER: Option<i64> = None;

impl RawSqlite {
    /// On a file, set up like the adapter's connections save for how they read.
    pub(crate) fn on_file(path: &Path, reading: Reading, texts: Texts, data: Arc<Data>) -> Result<Self> {
        let readers = (0..4).map(|_| {
            let connection = prepared(Connection::open(path)?)?;
            if reading == Reading::Mapped {
                connection.pragma_update(None, "mmap_size", MAPPED)?;
            }
            Ok(Mutex::new(connection))
        });
        let readers = readers.collect::<Result<Vec<_>>>()?;
        let writer = prepared(Connection::open(path)?)?;
        Ok(Self { writer: Mutex::new(writer), readers, next: AtomicUsize::new(0), texts, data })
    }

    /// On a connection that is all there is.
    pub(crate) fn in_memory(connection: Connection, texts: Texts, data: Arc<Data>) -> Result<Self> {
        let writer = Mutex::new(prepared(connection)?);
        Ok(Self { writer, readers: Vec::new(), next: AtomicUsize::new(0), texts, data })
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        if self.readers.is_empty() {
            return self.writer();
        }
        let next = self.next.fetch_add(1, Ordering::Relaxed) % self.readers.len();
        self.readers[next].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        operation: Operation,
        params: impl Params,
        decode: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        row(&self.reader(), one(&self.texts, operation)?, params, decode)
    }
}

fn prepared(connection: Connection) -> Result<Connection> {
    connection.set_prepared_statement_cache_capacity(256);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Runs one statement and decodes its first row; there is no second.
fn row<T>(
    connection: &Connection,
    text: &str,
    params: impl Params,
    decode: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(text)?;
    let found = statement.query_row(params, decode).optional()?;
    Ok(found)
}

fn execute(connection: &Connection, text: &str, params: impl Params) -> Result<usize> {
    Ok(connection.prepare_cached(text)?.execute(params)?)
}

/// Runs `work` as one transaction that nothing else runs beside.
fn transaction<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    execute(connection, "BEGIN IMMEDIATE", ())?;
    let done = work()?;
    execute(connection, "COMMIT", ())?;
    Ok(done)
}

const MISSING: &str = "a row is missing";

impl Contestant for RawSqlite {
    async fn call(&self, operation: Operation, n: u64) -> Result<()> {
        let data = &*self.data;
        match operation {
            Operation::SessionAndUser => self.read_session(n)?,
            Operation::SessionAndUserMiss => {
                let token = data.absent(n).expose();
                let found = self.read(operation, [token], |row| Ok((session(row, 0)?, user(row, 4)?)))?;
                ensure!(found.is_none(), "there is a session too many");
            }
            Operation::User => {
                let found = self.read(operation, [data.user(n).number], |row| user(row, 0))?;
                black_box(found).context(MISSING)?;
            }
            Operation::UserByEmail => {
                let found = self.read(operation, [&data.user(n).email], |row| user(row, 0))?;
                black_box(found).context(MISSING)?;
            }
            Operation::UserByAccount => {
                let found =
                    self.read(operation, [PROVIDER, data.user(n).account.as_str()], |row| user(row, 0))?;
                black_box(found).context(MISSING)?;
            }
            _ => self.write(operation, n)?,
        }
        Ok(())
    }
}

impl RawSqlite {
    /// `session_and_user`, for a thread that may block.
    pub(crate) fn read_session(&self, n: u64) -> Result<()> {
        let token = self.data.session(n).expose();
        let decode = |row: &Row<'_>| Ok((session(row, 0)?, user(row, 4)?));
        black_box(self.read(Operation::SessionAndUser, [token], decode)?).context(MISSING)?;
        Ok(())
    }

    fn write(&self, operation: Operation, n: u64) -> Result<()> {
        let (data, texts) = (&*self.data, &self.texts);
        match operation {
            Operation::TouchNotDue | Operation::TouchDue => {
                let policy = if operation == Operation::TouchDue { DUE } else { NOT_DUE };
                let (now, expiry) = (data.now.as_millis(), policy.expiry(data.now).as_millis());
                let (due, token) = (policy.due_until(data.now).as_millis(), data.session(n).expose());
                let [drop_expired, select, extend] = several(texts, operation)?;
                let writer = self.writer();
                let found = transaction(&writer, || {
                    execute(&writer, drop_expired, params![token, now])?;
                    let decode =
                        |row: &Row<'_>| Ok((row.get::<_, bool>(0)?, session(row, 1)?, user(row, 5)?));
                    let found = row(&writer, select, params![due, token], decode)?;
                    execute(&writer, extend, params![token, now, expiry, due])?;
                    Ok(found)
                })?;
                black_box(found).context(MISSING)?;
            }
            Operation::UpdateSession => {
                let params = params![data.session(n).expose(), data.expires.as_millis()];
                let found = row(&self.writer(), one(texts, operation)?, params, |row| session(row, 0))?;
                black_box(found).context(MISSING)?;
            }
            Operation::UpdateUser => {
                let params = params![data.user(n).number, format!("User {n}")];
                let found = row(&self.writer(), one(texts, operation)?, params, |row| user(row, 0))?;
                black_box(found).context(MISSING)?;
            }
            Operation::SessionCreateDelete => self.session_comes_and_goes(n)?,
            Operation::TokenCreateConsume => {
                let [create, consume] = several(texts, operation)?;
                let (identifier, hash) = (&data.user(n).email, new_hash(n));
                let created = params![identifier, hash, data.expires.as_millis()];
                row(&self.writer(), create, created, |row| row.get::<_, i64>(0))?.context(MISSING)?;
                let decode = |row: &Row<'_>| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
                };
                let used = row(&self.writer(), consume, params![identifier, hash], decode)?;
                black_box(used).context(MISSING)?;
            }
            Operation::AccountLinkUnlink => self.account_comes_and_goes(n)?,
            _ => self.user_comes_and_goes(n)?,
        }
        Ok(())
    }

    fn session_comes_and_goes(&self, n: u64) -> Result<()> {
        let [probe, insert, delete] = several(&self.texts, Operation::SessionCreateDelete)?;
        let (owner, token, expires) = (self.data.user(n).number, new_token(n), self.data.expires.as_millis());
        let created = {
            let writer = self.writer();
            transaction(&writer, || {
                row(&writer, probe, params![owner, token], two_flags)?.context(MISSING)?;
                row(&writer, insert, params![owner, token, expires], |row| session(row, 0))?.context(MISSING)
            })?
        };
        let deleted = row(&self.writer(), delete, [&created.token], |row| session(row, 0))?;
        black_box(deleted).context(MISSING)?;
        Ok(())
    }

    fn account_comes_and_goes(&self, n: u64) -> Result<()> {
        let [probe, insert, unlink] = several(&self.texts, Operation::AccountLinkUnlink)?;
        let (owner, id) = (self.data.user(n).number, new_token(n));
        let linked = {
            let writer = self.writer();
            transaction(&writer, || {
                row(&writer, probe, params![owner, PROVIDER, id], two_flags)?.context(MISSING)?;
                let given = params![
                    owner, PROVIDER, id, "oauth", NO_TEXT, NO_TEXT, NO_TEXT, NO_NUMBER, NO_TEXT, NO_TEXT,
                    NO_TEXT
                ];
                row(&writer, insert, given, |row| account(row, 0))?.context(MISSING)
            })?
        };
        let unlinked = row(&self.writer(), unlink, [PROVIDER, &id], |row| account(row, 0))?;
        black_box((linked, unlinked.context(MISSING)?));
        Ok(())
    }

    fn user_comes_and_goes(&self, n: u64) -> Result<()> {
        let [probe, insert, link, delete] = several(&self.texts, Operation::UserCreateDelete)?;
        let (email, id) = (new_token(n), new_token(n));
        let created = {
            let writer = self.writer();
            transaction(&writer, || {
                row(&writer, probe, params![email, PROVIDER, id], two_flags)?.context(MISSING)?;
                let given = params![email, PROVIDER, id, "Ada", NO_NUMBER, NO_TEXT];
                let created = row(&writer, insert, given, |row| user(row, 0))?.context(MISSING)?;
                let given = params![
                    "oauth", PROVIDER, id, NO_TEXT, NO_TEXT, NO_TEXT, NO_NUMBER, NO_TEXT, NO_TEXT, NO_TEXT
                ];
                execute(&writer, link, given)?;
                Ok(created)
            })?
        };
        let deleted = row(&self.writer(), delete, [created.id], |row| user(row, 0))?;
        black_box(deleted).context(MISSING)?;
        Ok(())
    }
}

fn two_flags(row: &Row<'_>) -> rusqlite::Result<[bool; 2]> {
    Ok([row.get(0)?, row.get(1)?])
}
