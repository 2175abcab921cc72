//! A bridge, and a schema of a test's own behind it.

use std::sync::Arc;

use vestibule_http::HyperClient;
use vestibule_neon::{Neon, Settings};
use vestibule_sql::{Access, Driver as _, DriverError, ParamType, Profile, Row, Statement, Value, schema};
use vestibule_testkit::{NeonBridge, postgres, sql};

pub(crate) struct Database {
    pub(crate) bridge: NeonBridge,
    pub(crate) name: String,
}

/// A bridge and an empty schema named after the test; `None` if there is no server.
pub(crate) async fn database(test: &str) -> Option<Database> {
    let bridge = NeonBridge::start(&postgres::url()?).await;
    let name = format!("neon_{test}_{}", std::process::id());
    let database = Database { bridge, name };
    let name = &database.name;
    database.run(&format!("DROP SCHEMA IF EXISTS {name} CASCADE")).await.unwrap();
    database.run(&format!("CREATE SCHEMA {name}")).await.unwrap();
    Some(database)
}

impl Database {
    pub(crate) fn settings(&self) -> Settings {
        let settings = Settings::from_url(self.bridge.connection_string()).unwrap();
        settings.with_endpoint(&self.bridge.endpoint()).unwrap()
    }

    pub(crate) fn driver(&self) -> Neon {
        Neon::new(Arc::new(HyperClient::new()), self.settings())
    }

    /// One statement without parameters.
    pub(crate) async fn run(&self, text: &str) -> Result<Vec<Row>, DriverError> {
        self.driver().run(&statement(text, &[]), &[]).await
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let rows = self.run(&format!("SELECT count(*) FROM {}.{table}", self.name)).await.unwrap();
        match rows[0][0] {
            Value::Int(count) => count,
            _ => panic!("a count is an integer"),
        }
    }

    /// Makes the tables of the profile, with a place for authenticators.
    pub(crate) async fn tables(&self, made: sql::Made) -> Profile {
        let profile =
            Profile::authjs().with_postgres_schema(&self.name).with_authenticators("authenticators");
        let driver = self.driver();
        let statements = sql::tables(&profile, driver.dialect(), made);
        schema::apply(&driver, &statements).await.unwrap();
        profile
    }

    /// Ends the test: only one that passed cleans up.
    pub(crate) async fn drop(self) {
        self.run(&format!("DROP SCHEMA {} CASCADE", self.name)).await.unwrap();
    }
}

pub(crate) fn statement(text: &str, params: &[ParamType]) -> Statement {
    Statement { name: "test", text: text.into(), params: params.into(), access: Access::Write }
}
