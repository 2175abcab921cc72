//! What is run again when somebody else was faster.

use std::sync::Mutex;

use async_trait::async_trait;
use vestibule_core::{AdapterError, Entity, NewUser, Users as _};
use vestibule_sql::{Dialect, Driver, DriverError, Guarantees, Profile, Row, SqlAdapter, Statement, Value};

/// A database whose every key is taken, which does not say whose keys they are, and where every probe finds nothing.
#[derive(Debug)]
struct Taken {
    dialect: Dialect,
    batches: Mutex<usize>,
}

#[async_trait]
impl Driver for Taken {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, _: &Statement, _: &[Value]) -> Result<Vec<Row>, DriverError> {
        Err(DriverError::Refused("a batch was expected".into()))
    }

    async fn run_all(&self, _: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        *self.batches.lock().unwrap() += 1;
        Err(DriverError::UniqueViolated { table: None, source: "Duplicate entry".into() })
    }
}

/// As on a column whose key takes `A` for `a`, which no probe does.
#[tokio::test]
async fn a_key_that_no_probe_finds_is_asked_for_twice_and_then_a_conflict() {
    for dialect in [Dialect::MariaDb, Dialect::MySql] {
        let taken = Taken { dialect, batches: Mutex::new(0) };
        let adapter = SqlAdapter::with_guarantees(taken, Profile::authjs(), Guarantees::ALL).unwrap();

        let error = adapter.create_user(&NewUser::with_email("Ada@example.com"), None).await.unwrap_err();

        assert!(matches!(error, AdapterError::Conflict { entity: Entity::User }), "{error:?}");
        assert_eq!(*adapter.driver().batches.lock().unwrap(), 2);
    }
}
