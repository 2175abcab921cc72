//! The same clients on a pool of bb8, which keeps no prepared statements.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::Result;
use tokio_postgres::types::Type;
use vestibule_bb8_postgres::Bb8Postgres;
use vestibule_bb8_postgres::bb8_postgres::PostgresConnectionManager;
use vestibule_bb8_postgres::bb8_postgres::bb8::Pool;
use vestibule_bb8_postgres::bb8_postgres::tokio_postgres::NoTls;

use super::Comparison;
use crate::raw::postgres::{session, user};
use crate::raw::session::Find;

struct Raw {
    pool: Pool<PostgresConnectionManager<NoTls>>,
    text: Arc<str>,
}

impl Find for Raw {
    async fn find(&self, token: &str) -> Result<bool> {
        let client = self.pool.get().await?;
        // One round trip, as the adapter has it; to prepare the text anew each time would be two.
        let rows = client.query_typed(&self.text, &[(&token, Type::TEXT)]).await?;
        if let Some(row) = rows.first() {
            black_box((session(row, 0)?, user(row, 4)?));
        }
        Ok(!rows.is_empty())
    }
}

pub(super) async fn on_postgres(comparison: &mut Comparison<'_>, url: &str) -> Result<()> {
    let manager = PostgresConnectionManager::new_from_stringlike(url, NoTls)?;
    let pool = Pool::builder().max_size(20).test_on_check_out(false).build_unchecked(manager);
    let driver = Bb8Postgres::new(pool.clone());
    comparison.run("bb8-postgres", driver, async |text| Ok(Raw { pool, text })).await
}
