//! `mysql_async`.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use mysql_async::{Pool, Row, Value};
use vestibule_mysql_async::MysqlAsync;

use super::{Comparison, places};
use crate::raw::session::Find;

struct Raw {
    pool: Pool,
    text: Arc<str>,
}

type Found = (i32, String, i32, Value, i32, Option<String>, Option<String>, Option<Value>, Option<String>);

impl Find for Raw {
    async fn find(&self, token: &str) -> Result<bool> {
        let mut conn = self.pool.get_conn().await?;
        let params = vec![Value::from(token); places(&self.text)];
        let row: Option<Row> = conn.exec_first(&*self.text, params).await?;
        let Some(row) = row else { return Ok(false) };
        let found: Found = mysql_async::from_row_opt(row)?;
        black_box(found);
        Ok(true)
    }
}

pub(super) async fn on_mysql(comparison: &mut Comparison<'_>, pool: &Pool) -> Result<()> {
    let (driver, pool) = (MysqlAsync::detect(pool.clone()).await?, pool.clone());
    comparison.run("mysql-async", driver, async |text| Ok(Raw { pool, text })).await
}
