//! What loses against other transactions, is run again, and is given up in the end.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Mutex;

use async_trait::async_trait;
use vestibule_core::AdapterError;
use vestibule_sql::{Dialect, Driver, DriverError, Guarantees, Profile, Row, SqlAdapter, Statement, Value};
use vestibule_testkit::operations::{Given, each_operation};

/// How often an operation is run at most.
const ATTEMPTS: usize = 64;

/// A database where every transaction loses so many times, and then finds nothing.
#[derive(Debug)]
struct Losing {
    dialect: Dialect,
    times: usize,
    /// How often each statement or batch was run.
    runs: Mutex<BTreeMap<Vec<String>, usize>>,
}

impl Losing {
    fn run_once(&self, texts: Vec<String>) -> Result<(), DriverError> {
        let mut runs = self.runs.lock().unwrap();
        let run = runs.entry(texts).or_default();
        *run += 1;
        if *run <= self.times {
            return Err(DriverError::Contention("could not serialize access".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl Driver for Losing {
    fn dialect(&self) -> Dialect {
        self.dialect
    }

    async fn run(&self, statement: &Statement, _: &[Value]) -> Result<Vec<Row>, DriverError> {
        self.run_once(vec![statement.text.to_string()])?;
        Ok(Vec::new())
    }

    async fn run_all(&self, batch: &[(&Statement, &[Value])]) -> Result<Vec<Vec<Row>>, DriverError> {
        self.run_once(batch.iter().map(|(statement, _)| statement.text.to_string()).collect())?;
        Ok(vec![Vec::new(); batch.len()])
    }
}

/// Every operation and its answer, with how often what it asked was run: the single statements and the batches.
async fn each(
    dialect: Dialect,
    guarantees: Guarantees,
    times: usize,
) -> Vec<(&'static str, Result<(), AdapterError>, Vec<usize>)> {
    let losing = Losing { dialect, times, runs: Mutex::default() };
    let profile = Profile::authjs().with_authenticators("authenticators");
    let adapter = SqlAdapter::with_guarantees(losing, profile, guarantees).unwrap();
    let mut answers = Vec::new();
    each_operation(&adapter, &Given::tagged("losing"), |name, answer| {
        let runs = std::mem::take(&mut *adapter.driver().runs.lock().unwrap());
        answers.push((name, answer, runs.into_values().collect()));
    })
    .await;
    answers
}

const DIALECTS: [Dialect; 5] =
    [Dialect::Postgres, Dialect::CockroachDb, Dialect::MariaDb, Dialect::MySql, Dialect::SqlServer];

#[tokio::test]
async fn an_operation_that_always_loses_is_given_up_and_reported_as_an_outage() {
    for dialect in DIALECTS {
        for guarantees in [Guarantees::default(), Guarantees::ALL] {
            let answers = each(dialect, guarantees, usize::MAX).await;

            assert!(answers.len() > 25, "{dialect:?}: {}", answers.len());
            for (name, answer, runs) in answers {
                assert_eq!(runs, [ATTEMPTS], "{dialect:?}, {name}");
                let error = answer.expect_err(name);
                assert!(matches!(error, AdapterError::Unavailable(_)), "{dialect:?}, {name}: {error:?}");
                let source = error.source().map(ToString::to_string);
                assert_eq!(source.as_deref(), Some("could not serialize access"), "{dialect:?}, {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_operation_that_loses_as_often_as_it_may_is_answered_the_last_time() {
    for dialect in DIALECTS {
        for (name, answer, runs) in each(dialect, Guarantees::default(), ATTEMPTS - 1).await {
            assert!(!matches!(answer, Err(AdapterError::Unavailable(_))), "{dialect:?}, {name}: {answer:?}");
            // Where nothing was inserted although nothing was taken, the whole is asked again.
            assert!(runs.iter().all(|&run| run >= ATTEMPTS), "{dialect:?}, {name}: {runs:?}");
        }
    }
}
