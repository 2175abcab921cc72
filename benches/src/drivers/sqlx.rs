//! sqlx.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::types::time::{OffsetDateTime, PrimitiveDateTime};
use sqlx::{AssertSqlSafe, MySqlPool, PgPool, SqlitePool};
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_postgres::SqlxPostgres;
use vestibule_sqlx_sqlite::SqlxSqlite;

use super::{Comparison, places};
use crate::raw::session::Find;

/// A session, its owner, and their columns: `Id` and `Time` are what the database has for these.
type Found<Id, Time> =
    (Id, String, Id, Time, Id, Option<String>, Option<String>, Option<Time>, Option<String>);

struct Raw<P> {
    pool: P,
    text: Arc<str>,
}

macro_rules! finds {
    ($pool:ty, $id:ty, $time:ty, $places:expr) => {
        impl Find for Raw<$pool> {
            async fn find(&self, token: &str) -> Result<bool> {
                let places: fn(&str) -> usize = $places;
                let mut query = sqlx::query_as(AssertSqlSafe(Arc::clone(&self.text)));
                for _ in 0..places(&self.text) {
                    query = query.bind(token);
                }
                let found: Option<Found<$id, $time>> = query.fetch_optional(&self.pool).await?;
                Ok(black_box(found).is_some())
            }
        }
    };
}

finds!(PgPool, i32, OffsetDateTime, |_| 1);
finds!(MySqlPool, i32, PrimitiveDateTime, places);
finds!(SqlitePool, i64, i64, |_| 1);

pub(super) async fn on_postgres(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let pool = PgPoolOptions::new().max_connections(20).test_before_acquire(false);
    let pool = pool.connect_lazy_with(options.statement_cache_capacity(256));
    let driver = SqlxPostgres::new(pool.clone());
    comparison.run("sqlx-postgres", driver, async |text| Ok(Raw { pool, text })).await
}

pub(super) async fn on_mysql(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let options: MySqlConnectOptions = url.parse()?;
    let pool = MySqlPoolOptions::new().max_connections(20).test_before_acquire(false);
    let pool = pool.connect_lazy_with(options.statement_cache_capacity(256));
    let driver = SqlxMysql::detect(pool.clone()).await?;
    comparison.run("sqlx-mysql", driver, async |text| Ok(Raw { pool, text })).await
}

pub(super) async fn on_sqlite(comparison: &mut Comparison<'_>, path: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(path).statement_cache_capacity(256);
    let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
    let pool = pool.connect_lazy_with(options);
    let driver = SqlxSqlite::new(pool.clone());
    comparison.run("sqlx-sqlite", driver, async |text| Ok(Raw { pool, text })).await
}
