//! PostgreSQL on the caller's own pool of [`diesel_async`], as its module
//! [`deadpool`](diesel_async::pooled_connection::deadpool) makes one.
//!
//! One statement costs one round trip, prepared once a connection, if the pool was made with
//! [`RecyclingMethod::Fast`](diesel_async::pooled_connection::RecyclingMethod): diesel asks the server for a sign of
//! life before each use otherwise. So do several statements, which are a transaction: they are sent together, by the
//! pipelining of diesel-async.
//!
//! diesel knows columns by its own types; here each cell is read by the type that PostgreSQL says it has, as the
//! schema profile expects. It keeps the server's error codes to itself, save for a few kinds: a deadlock, a canceled
//! statement and the like are known by PostgreSQL's messages, which must be in English for that (`lc_messages`).
//! After a column changes its type, connections that are open must be closed, as for diesel itself.
//!
//! Time-outs are the pool's for a connection, and the server's `statement_timeout` for an answer.

mod batch;
mod error;
mod query;
mod value;

use async_trait::async_trait;
pub use diesel_async;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value, postgres};

use crate::batch::Lent;
use crate::query::Query;
use crate::value::Cells;

/// Runs statements on a pool of diesel. Cheap to clone; all clones share the pool.
#[derive(Clone)]
pub struct DieselAsync {
    pool: Pool<AsyncPgConnection>,
}

/// The pool prints nothing of use.
impl std::fmt::Debug for DieselAsync {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DieselAsync").field("pool", &self.pool.status()).finish()
    }
}

impl DieselAsync {
    /// Runs everything on the caller's own pool.
    pub fn new(pool: Pool<AsyncPgConnection>) -> Self {
        Self { pool }
    }

    /// The pool.
    pub fn pool(&self) -> &Pool<AsyncPgConnection> {
        &self.pool
    }
}

async fn query(
    connection: &mut AsyncPgConnection,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<Row>, DriverError> {
    let found: Vec<Cells> = Query::new(statement, params)?.load(connection).await.map_err(error::map)?;
    Ok(found.into_iter().map(|Cells(row)| row).collect())
}

#[async_trait]
impl Driver for DieselAsync {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        let mut connection = self.pool.get().await.map_err(error::map_pool)?;
        query(&mut connection, statement, params).await
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        let queries = batch.iter().map(|(statement, params)| Query::new(statement, params));
        let queries = queries.collect::<Result<Vec<_>, _>>()?;
        let lent = Lent::new(self.pool.get().await.map_err(error::map_pool)?);
        lent.run(queries).await.map_err(error::map)
    }
}

fn check(statement: &Statement, params: &[Value]) -> Result<(), DriverError> {
    postgres::check(statement, params)
}
