//! The text of the statements that an operation runs, so that the raw side runs the very same.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use async_trait::async_trait;
use vestibule_sql::{Dialect, Driver, DriverError, Profile, Row, Running, SqlAdapter, Statement, Value};

use crate::data::Data;
use crate::measure::Contestant;
use crate::operation::Operation;
use crate::through_adapter::ThroughAdapter;

/// For each operation its statements, in the order in which they run.
pub(crate) type Texts = HashMap<Operation, Vec<Arc<str>>>;

/// Passes everything on and remembers the texts.
#[derive(Clone, Debug)]
struct Recorder<D> {
    driver: D,
    seen: Arc<Mutex<Vec<Arc<str>>>>,
}

impl<D> Recorder<D> {
    fn see(&self, text: &Arc<str>) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(text));
    }

    fn take(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<D: Driver> Driver for Recorder<D> {
    fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    async fn run(&self, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.see(&statement.text);
        self.driver.run(statement, params).await
    }

    fn look_up<'a>(&'a self, statement: &'a Statement, params: &'a [Value]) -> Running<'a> {
        self.see(&statement.text);
        self.driver.look_up(statement, params)
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        for (statement, _) in batch {
            self.see(&statement.text);
        }
        self.driver.run_all(batch).await
    }
}

/// Does every operation once and notes its statements.
pub(crate) async fn all<D: Driver + Clone>(driver: D, profile: Profile, data: &Arc<Data>) -> Result<Texts> {
    texts(driver, profile, data, &Operation::ALL).await
}

/// The same with some operations.
pub(crate) async fn texts<D: Driver + Clone>(
    driver: D,
    profile: Profile,
    data: &Arc<Data>,
    operations: &[Operation],
) -> Result<Texts> {
    let recorder = Recorder { driver, seen: Arc::default() };
    let adapter = SqlAdapter::inspect(recorder.clone(), profile).await?;
    let contestant = ThroughAdapter { adapter: Arc::new(adapter), data: Arc::clone(data) };
    let mut texts = Texts::new();
    recorder.take();
    for (n, &operation) in (1 << 29..).zip(operations) {
        contestant.call(operation, n).await?;
        texts.insert(operation, recorder.take());
    }
    Ok(texts)
}
