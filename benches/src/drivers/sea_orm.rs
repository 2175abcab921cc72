//! sea-orm's own way to run a statement that somebody has written.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement,
    TryGetable,
};
use sqlx::types::time::{OffsetDateTime, PrimitiveDateTime};
use vestibule_sea_orm::SeaOrm;

use super::{Comparison, places};
use crate::raw::session::Find;

struct Raw<Read> {
    connection: DatabaseConnection,
    backend: DbBackend,
    text: Arc<str>,
    read: Read,
}

impl<Read> Find for Raw<Read>
where
    Read: Fn(&QueryResult) -> Result<()> + Send + Sync + 'static,
{
    async fn find(&self, token: &str) -> Result<bool> {
        let places = if self.backend == DbBackend::MySql { places(&self.text) } else { 1 };
        let values = vec![sea_orm::Value::from(token); places];
        let statement = Statement::from_sql_and_values(self.backend, &*self.text, values);
        let found = self.connection.query_one_raw(statement).await?;
        found.as_ref().map(&self.read).transpose()?;
        Ok(found.is_some())
    }
}

fn read<Id: TryGetable, Time: TryGetable>(row: &QueryResult) -> Result<()> {
    let session: (Id, String, Id, Time) =
        (row.try_get_by(0)?, row.try_get_by(1)?, row.try_get_by(2)?, row.try_get_by(3)?);
    let user: (Id, Option<String>, Option<String>, Option<Time>, Option<String>) =
        (row.try_get_by(4)?, row.try_get_by(5)?, row.try_get_by(6)?, row.try_get_by(7)?, row.try_get_by(8)?);
    black_box((&session.0, &user.0));
    drop(black_box((session, user)));
    Ok(())
}

async fn connect(url: String, most: u32) -> Result<(SeaOrm, DatabaseConnection)> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(most).test_before_acquire(false).sqlx_logging(false);
    let connection = Database::connect(options).await?;
    Ok((SeaOrm::new(&connection).await?, connection))
}

pub(super) async fn on_postgres(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let (driver, connection) = connect(url.to_owned(), 20).await?;
    let (backend, read) = (DbBackend::Postgres, read::<i32, OffsetDateTime>);
    comparison.run("sea-orm/postgres", driver, async |text| Ok(Raw { connection, backend, text, read })).await
}

pub(super) async fn on_mysql(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let (driver, connection) = connect(url.to_owned(), 20).await?;
    let (backend, read) = (DbBackend::MySql, read::<i32, PrimitiveDateTime>);
    comparison.run("sea-orm/mysql", driver, async |text| Ok(Raw { connection, backend, text, read })).await
}

pub(super) async fn on_sqlite(comparison: &mut Comparison<'_>, path: &Path) -> Result<()> {
    let (driver, connection) = connect(format!("sqlite://{}", path.display()), 4).await?;
    let (backend, read) = (DbBackend::Sqlite, read::<i64, i64>);
    comparison.run("sea-orm/sqlite", driver, async |text| Ok(Raw { connection, backend, text, read })).await
}
