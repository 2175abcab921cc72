//! tokio-postgres on a deadpool.

use std::hint::black_box;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};
use deadpool_postgres::Pool;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{one, several};
use crate::data::{DUE, Data, NOT_DUE, PROVIDER, new_hash, new_token, system_time};
use crate::measure::Contestant;
use crate::operation::Operation;
use crate::recorded::Texts;

/// The raw driver on the same pool.
#[derive(Debug)]
pub(crate) struct RawPostgres {
    pub(crate) pool: Pool,
    pub(crate) texts: Texts,
    pub(crate) data: Arc<Data>,
}

#[expect(dead_code, reason = "read by the optimizer only")]
pub(crate) struct Session {
    id: i32,
    token: String,
    user_id: i32,
    expires: SystemTime,
}

#[expect(dead_code, reason = "read by the optimizer only")]
pub(crate) struct User {
    id: i32,
    name: Option<String>,
    email: Option<String>,
    email_verified: Option<SystemTime>,
    image: Option<String>,
}

#[expect(dead_code, reason = "read by the optimizer only")]
struct Account {
    id: i32,
    user_id: i32,
    kind: String,
    provider: String,
    provider_account_id: String,
    texts: [Option<String>; 6],
    expires_at: Option<i64>,
}

pub(crate) fn session(row: &Row, at: usize) -> Result<Session> {
    Ok(Session {
        id: row.try_get(at)?,
        token: row.try_get(at + 1)?,
        user_id: row.try_get(at + 2)?,
        expires: row.try_get(at + 3)?,
    })
}

pub(crate) fn user(row: &Row, at: usize) -> Result<User> {
    Ok(User {
        id: row.try_get(at)?,
        name: row.try_get(at + 1)?,
        email: row.try_get(at + 2)?,
        email_verified: row.try_get(at + 3)?,
        image: row.try_get(at + 4)?,
    })
}

fn account(row: &Row, at: usize) -> Result<Account> {
    let mut texts = [const { None }; 6];
    for (text, cell) in texts.iter_mut().zip([5, 6, 7, 9, 10, 11]) {
        *text = row.try_get(at + cell)?;
    }
    Ok(Account {
        id: row.try_get(at)?,
        user_id: row.try_get(at + 1)?,
        kind: row.try_get(at + 2)?,
        provider: row.try_get(at + 3)?,
        provider_account_id: row.try_get(at + 4)?,
        texts,
        expires_at: row.try_get(at + 8)?,
    })
}

const NO_TEXT: Option<&str> = None;
const NO_NUMBER: Option<i64> = None;
const NO_TIME: Option<SystemTime> = None;

impl RawPostgres {
    async fn query(&self, text: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>> {
        let client = self.pool.get().await?;
        let statement = client.prepare_cached(text).await?;
        Ok(client.query_opt(&statement, params).await?)
    }

    async fn row(&self, text: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Row> {
        self.query(text, params).await?.context("a row is missing")
    }
}

impl Contestant for RawPostgres {
    async fn call(&self, operation: Operation, n: u64) -> Result<()> {
        let (texts, data) = (&self.texts, &*self.data);
        match operation {
            Operation::SessionAndUser => {
                let row = self.row(one(texts, operation)?, &[&data.session(n).expose()]).await?;
                black_box((session(&row, 0)?, user(&row, 4)?));
            }
            Operation::SessionAndUserMiss => {
                let row = self.query(one(texts, operation)?, &[&data.absent(n).expose()]).await?;
                ensure!(row.is_none(), "there is a session too many");
            }
            Operation::User => {
                let row = self.row(one(texts, operation)?, &[&data.user(n).number]).await?;
                black_box(user(&row, 0)?);
            }
            Operation::UserByEmail => {
                let row = self.row(one(texts, operation)?, &[&data.user(n).email]).await?;
                black_box(user(&row, 0)?);
            }
            Operation::UserByAccount => {
                let id = data.user(n).account.as_str();
                let row = self.row(one(texts, operation)?, &[&PROVIDER, &id]).await?;
                black_box(user(&row, 0)?);
            }
            Operation::TouchNotDue | Operation::TouchDue => {
                let policy = if operation == Operation::TouchDue { DUE } else { NOT_DUE };
                let (now, expiry) = (system_time(data.now), system_time(policy.expiry(data.now)));
                let due = system_time(policy.due_until(data.now));
                let params: [&(dyn ToSql + Sync); 4] = [&now, &due, &data.session(n).expose(), &expiry];
                let row = self.row(one(texts, operation)?, &params).await?;
                black_box((row.try_get::<_, bool>(0)?, session(&row, 1)?, user(&row, 5)?));
            }
            Operation::UpdateSession => {
                let expires = system_time(data.expires);
                let row = self.row(one(texts, operation)?, &[&data.session(n).expose(), &expires]).await?;
                black_box(session(&row, 0)?);
            }
            Operation::UpdateUser => {
                let row =
                    self.row(one(texts, operation)?, &[&data.user(n).number, &format!("User {n}")]).await?;
                black_box(user(&row, 0)?);
            }
            Operation::SessionCreateDelete => {
                let [create, delete] = several(texts, operation)?;
                let (token, expires) = (new_token(n), system_time(data.expires));
                let row = self.row(create, &[&data.user(n).number, &token, &expires]).await?;
                let created = session(&row, 2)?;
                let row = self.row(delete, &[&created.token]).await?;
                black_box((created, session(&row, 0)?));
            }
            Operation::TokenCreateConsume => {
                let [create, consume] = several(texts, operation)?;
                let (identifier, hash) = (&data.user(n).email, new_hash(n));
                self.row(create, &[identifier, &hash, &system_time(data.expires)]).await?;
                let row = self.row(consume, &[identifier, &hash]).await?;
                let cells: (String, String, SystemTime) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
                black_box(cells);
            }
            Operation::AccountLinkUnlink => {
                let [link, unlink] = several(texts, operation)?;
                let (id, kind) = (new_token(n), "oauth");
                let mut params: Vec<&(dyn ToSql + Sync)> = vec![&data.user(n).number, &PROVIDER, &id, &kind];
                params.extend(NO_TOKENS);
                let linked = self.row(link, &params).await?;
                let row = self.row(unlink, &[&PROVIDER, &id]).await?;
                black_box((account(&linked, 2)?, account(&row, 0)?));
            }
            Operation::UserCreateDelete => {
                let [create, delete] = several(texts, operation)?;
                let (email, id, name, kind) = (new_token(n), new_token(n), "Ada", "oauth");
                let mut params: Vec<&(dyn ToSql + Sync)> =
                    vec![&email, &PROVIDER, &id, &name, &NO_TIME, &NO_TEXT, &kind];
                params.extend(NO_TOKENS);
                let created = user(&self.row(create, &params).await?, 2)?;
                let row = self.row(delete, &[&i64::from(created.id)]).await?;
                black_box((created, user(&row, 0)?));
            }
        }
        Ok(())
    }
}

/// No tokens of the provider's are kept.
const NO_TOKENS: [&(dyn ToSql + Sync); 7] =
    [&NO_TEXT, &NO_TEXT, &NO_TEXT, &NO_NUMBER, &NO_TEXT, &NO_TEXT, &NO_TEXT];
