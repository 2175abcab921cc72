//! Statements and batches on a pool.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::{join, join_all};
use tokio_postgres::{Client, Error};
use vestibule_sql::{DriverError, Row, Statement, Value};

use crate::connector::Connector;
use crate::rooms::Job;
use crate::settings::{Settings, SettingsError};
use crate::timers::Limit;
use crate::unnamed::{self, BEGIN};
use crate::value::{Out, rows_in};
use crate::{How, Sending, error};

/// Makes a pool that connects on demand and closes connections that have been idle for long.
pub(crate) fn build(connector: &Connector, settings: &Settings) -> Result<Pool, SettingsError> {
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(connector.config.clone(), connector.clone(), manager_config);
    let pool = Pool::builder(manager).max_size(settings.max).runtime(Runtime::Tokio1);
    let pool = pool.build().map_err(|error| SettingsError::Pool(error.to_string()))?;
    let (weak, idle) = (pool.weak(), settings.idle_timeout);
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval((idle / 2).max(Duration::from_millis(100)));
        loop {
            ticks.tick().await;
            let Some(pool) = weak.upgrade() else { return };
            pool.retain(|_, metrics| metrics.last_used() < idle);
        }
    });
    Ok(pool)
}

async fn lend(pool: &Pool, how: &How) -> Result<Object, DriverError> {
    let mut limit = Limit::new(how.patience.connection);
    let lent = how.reused.timers.within(&mut limit, pin!(pool.get())).await;
    lent.ok_or_else(|| error::timed_out("a connection"))?.map_err(error::map_pool)
}

/// Waits for an answer on a connection; one that keeps us waiting, or was closed, does not go back to the pool.
async fn answered<T>(
    object: Object,
    how: &How,
    work: impl AsyncFnOnce(&Object) -> Result<T, Error>,
) -> Result<T, DriverError> {
    let mut limit = Limit::new(how.patience.answer);
    let result = how.reused.timers.within(&mut limit, pin!(work(&object))).await;
    let Some(result) = result else {
        drop(Object::take(object));
        return Err(error::timed_out("an answer"));
    };
    result.map_err(|failure| {
        if error::is_closed(&failure) {
            // It may not be known as closed yet when somebody else wants a connection.
            drop(Object::take(object));
        }
        error::map_sent(failure, how.sending)
    })
}

pub(crate) async fn run(
    pool: &Pool,
    statement: &Statement,
    params: &[Value],
    how: &How,
) -> Result<Vec<Row>, DriverError> {
    if how.sending == Sending::Unnamed {
        return Box::pin(run_unnamed(pool, statement, params, how)).await;
    }
    let (pool, text, params) = (pool.clone(), Arc::clone(&statement.text), params.to_vec());
    how.reused.on_pool.accommodate(Prepared { pool, text, params, how: how.clone() }).await
}

async fn run_unnamed(
    pool: &Pool,
    statement: &Statement,
    params: &[Value],
    how: &How,
) -> Result<Vec<Row>, DriverError> {
    let work = async |object: &Object| unnamed::query(object, statement, params).await;
    answered(lend(pool, how).await?, how, work).await
}

/// A statement that is prepared once a connection.
pub(crate) struct Prepared {
    pool: Pool,
    text: Arc<str>,
    params: Vec<Value>,
    how: How,
}

impl Job for Prepared {
    type Outcome = Result<Vec<Row>, DriverError>;

    async fn run(self) -> Self::Outcome {
        let Self { pool, text, params, how } = self;
        answered(lend(&pool, &how).await?, &how, async |object| match query(object, &text, &params).await {
            Err(stale) if error::is_stale(&stale) => {
                object.statement_cache.remove(&text, &[]);
                query(object, &text, &params).await
            }
            result => result,
        })
        .await
    }
}

async fn query(object: &Object, text: &str, params: &[Value]) -> Result<Vec<Row>, Error> {
    query_prepared(object, &object.prepare_cached(text).await?, params).await
}

async fn query_prepared(
    object: &Object,
    prepared: &tokio_postgres::Statement,
    params: &[Value],
) -> Result<Vec<Row>, Error> {
    rows_in(object.query_raw(prepared, params.iter().map(Out)).await?).await
}

/// The answer to a statement of a batch.
pub(crate) type Reply<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'a>>;

pub(crate) async fn run_all(
    pool: &Pool,
    batch: &[(&Statement, &[Value])],
    how: &How,
) -> Result<Vec<Vec<Row>>, DriverError> {
    answered(lend(pool, how).await?, how, async |object| {
        if how.sending == Sending::Unnamed {
            let queries = batch.iter().map(|(statement, params)| -> Reply<'_> {
                Box::pin(unnamed::query(object, statement, params))
            });
            return send_all(object, &unnamed::begin(how.patience), queries).await;
        }
        match prepare_and_send_all(object, batch).await {
            Err(stale) if error::is_stale(&stale) => {
                for (statement, _) in batch {
                    object.statement_cache.remove(&statement.text, &[]);
                }
                prepare_and_send_all(object, batch).await
            }
            result => result,
        }
    })
    .await
}

async fn prepare_and_send_all(
    object: &Object,
    batch: &[(&Statement, &[Value])],
) -> Result<Vec<Vec<Row>>, Error> {
    let mut prepared = Vec::with_capacity(batch.len());
    for (statement, _) in batch {
        prepared.push(object.prepare_cached(&statement.text).await?);
    }
    let queries = prepared
        .iter()
        .zip(batch)
        .map(|(prepared, (_, params))| -> Reply<'_> { Box::pin(query_prepared(object, prepared, params)) });
    send_all(object, BEGIN, queries).await
}

/// Sends everything from `BEGIN` to `COMMIT` at once.
///
/// Each future queues its message when it is first polled, and all are polled in order before any is waited for.
/// So if this future is dropped, either nothing was sent or the `COMMIT` was too, and the connection is not left
/// inside a transaction. After an error the server refuses the rest and turns `COMMIT` into a rollback.
pub(crate) async fn send_all<'a>(
    client: &'a Client,
    begin: &str,
    queries: impl Iterator<Item = Reply<'a>>,
) -> Result<Vec<Vec<Row>>, Error> {
    let begun = client.batch_execute(begin);
    let sent = join(join(begun, join_all(queries)), client.batch_execute("COMMIT")).await;
    let ((begun, answers), committed) = sent;
    begun?;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    committed?;
    Ok(answers)
}
