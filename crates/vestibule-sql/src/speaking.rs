//! A driver for a database that speaks almost as the driver's own does.

use async_trait::async_trait;

use crate::{Dialect, Driver, DriverError, Row, Running, Statement, Value};

/// A driver that is told which dialect its database speaks: CockroachDB, YugabyteDB and Aurora DSQL are reached by
/// drivers for PostgreSQL, and are not PostgreSQL.
///
/// ```
/// use vestibule_sql::{Dialect, Driver, Speaking};
///
/// fn on_cockroach<D: Driver>(driver: D) -> Option<Speaking<D>> {
///     Speaking::new(driver, Dialect::CockroachDb)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Speaking<D> {
    driver: D,
    dialect: Dialect,
}

impl<D: Driver> Speaking<D> {
    /// Says which dialect statements are written in. `None` if the driver cannot speak it: it must be of the same
    /// family, as MariaDB and MySQL are, or PostgreSQL and CockroachDB.
    pub fn new(driver: D, dialect: Dialect) -> Option<Self> {
        (driver.dialect().family() == dialect.family()).then_some(Self { driver, dialect })
    }

    /// The driver.
    pub fn driver(&self) -> &D {
        &self.driver
    }
}

#[async_trait]
impl<D: Driver> Driver for Speaking<D> {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.driver.run(statement, params).await
    }

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        // What the driver does about a look-up is right for the database that it was made for.
        if self.dialect == self.driver.dialect() {
            self.driver.look_up(statement, params)
        } else {
            self.driver.run(statement, params)
        }
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        self.driver.run_all(batch).await
    }
}
