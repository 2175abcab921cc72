//! PostgreSQL, MySQL, MariaDB and SQLite on the caller's own [`sea_orm::DatabaseConnection`].
//!
//! The connections are those of the application: statements run on the pool of sqlx that sea-orm keeps inside. What
//! sea-orm would do between the two is left out, since it has types of its own for every cell, and its types are not
//! those of the schema profile. So its log of statements, metrics and access rules do not see what runs here.
//!
//! A statement or batch costs what it costs on that pool; see the crates `vestibule-sqlx-postgres`,
//! `vestibule-sqlx-mysql` and `vestibule-sqlx-sqlite`. In sea-orm's `ConnectOptions`, switch off
//! `test_before_acquire`, or each operation costs a round trip more.
//!
//! A connection that is a mock, a proxy, or rusqlite's is refused.

use async_trait::async_trait;
pub use sea_orm;
use sea_orm::{DatabaseConnection, DatabaseConnectionType};
use vestibule_sql::{Dialect, Driver, DriverError, Row, Statement, Value};
use vestibule_sqlx_mysql::SqlxMysql;
use vestibule_sqlx_postgres::SqlxPostgres;
use vestibule_sqlx_sqlite::SqlxSqlite;

/// Runs statements on the pool of a connection of sea-orm. Cheap to clone; all clones share the pool.
#[derive(Clone, Debug)]
pub struct SeaOrm {
    pool: Pool,
}

#[derive(Clone, Debug)]
enum Pool {
    Mysql(SqlxMysql),
    Postgres(SqlxPostgres),
    Sqlite(SqlxSqlite),
}

impl SeaOrm {
    /// Uses the caller's connection. Asks MySQL and MariaDB which of the two they are, in one round trip; nothing
    /// else is sent.
    ///
    /// # Errors
    ///
    /// [`DriverError::Refused`] if the connection has no pool of sqlx inside, or its connections do not commit by
    /// themselves; [`DriverError::Unavailable`] if the server does not answer.
    #[expect(clippy::match_wildcard_for_single_variants, reason = "features of sea-orm add variants")]
    pub async fn new(connection: &DatabaseConnection) -> Result<Self, DriverError> {
        let pool = match &connection.inner {
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                Pool::Mysql(SqlxMysql::detect(connection.get_mysql_connection_pool().clone()).await?)
            }
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                Pool::Postgres(SqlxPostgres::new(connection.get_postgres_connection_pool().clone()))
            }
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                Pool::Sqlite(SqlxSqlite::new(connection.get_sqlite_connection_pool().clone()))
            }
            _ => return Err(DriverError::Refused("this connection of sea-orm has no pool of sqlx".into())),
        };
        Ok(Self { pool })
    }

    fn driver(&self) -> &dyn Driver {
        match &self.pool {
            Pool::Mysql(driver) => driver,
            Pool::Postgres(driver) => driver,
            Pool::Sqlite(driver) => driver,
        }
    }
}

#[async_trait]
impl Driver for SeaOrm {
    fn dialect(&self) -> Dialect {
        self.driver().dialect()
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.driver().run(statement, params).await
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        self.driver().run_all(batch).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_without_a_pool_is_refused() {
        let refused = SeaOrm::new(&DatabaseConnection::default()).await;

        assert!(matches!(refused, Err(DriverError::Refused(_))));
    }
}
