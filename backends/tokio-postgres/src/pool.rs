//! Statements and batches on a pool.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use futures_util::future::{join, join_all, poll_immediate};
use tokio::time::timeout;
use tokio_postgres::Error;
use vestibule_sql::{DriverError, Row, Statement, Value};

use crate::connector::Connector;
use crate::settings::{Settings, SettingsError};
use crate::unnamed::{self, BEGIN};
use crate::value::{Out, rows_in};
use crate::{Patience, Sending, error};

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

async fn lend(pool: &Pool, patience: Patience) -> Result<Object, DriverError> {
    // Pinned first and lent to the timer, since moving it there would copy it. If a connection is free, as it is
    // most of the time, no timer is made at all.
    let mut getting = pin!(pool.get());
    let lent = match poll_immediate(&mut getting).await {
        Some(lent) => lent,
        None => timeout(patience.connection, getting).await.map_err(|_| error::timed_out("a connection"))?,
    };
    lent.map_err(error::map_pool)
}

/// Waits for an answer on a connection; one that keeps us waiting, or was closed, does not go back to the pool.
async fn answered<T>(
    object: Object,
    (sending, patience): (Sending, Patience),
    work: impl AsyncFnOnce(&Object) -> Result<T, Error>,
) -> Result<T, DriverError> {
    let result = {
        let working = pin!(work(&object));
        timeout(patience.answer, working).await
    };
    let Ok(result) = result else {
        drop(Object::take(object));
        return Err(error::timed_out("an answer"));
    };
    result.map_err(|failure| {
        if error::is_closed(&failure) {
            // It may not be known as closed yet when somebody else wants a connection.
            drop(Object::take(object));
        }
        error::map_sent(failure, sending)
    })
}

pub(crate) async fn run(
    pool: &Pool,
    statement: &Statement,
    params: &[Value],
    (sending, patience): (Sending, Patience),
) -> Result<Vec<Row>, DriverError> {
    answered(lend(pool, patience).await?, (sending, patience), async |object| {
        if sending == Sending::Unnamed {
            return unnamed::query(object, statement, params).await;
        }
        match query(object, statement, params).await {
            Err(stale) if error::is_stale(&stale) => {
                object.statement_cache.remove(&statement.text, &[]);
                query(object, statement, params).await
            }
            result => result,
        }
    })
    .await
}

async fn query(object: &Object, statement: &Statement, params: &[Value]) -> Result<Vec<Row>, Error> {
    let prepared = object.prepare_cached(&statement.text).await?;
    let params: Vec<Out<'_>> = params.iter().map(Out).collect();
    let params: Vec<_> = params.iter().map(|param| param as _).collect();
    rows_in(&object.query(&prepared, &params).await?)
}

type Reply<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'a>>;

pub(crate) async fn run_all(
    pool: &Pool,
    batch: &[(&Statement, &[Value])],
    (sending, patience): (Sending, Patience),
) -> Result<Vec<Vec<Row>>, DriverError> {
    answered(lend(pool, patience).await?, (sending, patience), async |object| {
        if sending == Sending::Unnamed {
            let queries = batch.iter().map(|(statement, params)| -> Reply<'_> {
                Box::pin(unnamed::query(object, statement, params))
            });
            return send_all(object, &unnamed::begin(patience), queries).await;
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
    let queries = prepared.iter().zip(batch).map(|(prepared, (_, params))| -> Reply<'_> {
        Box::pin(async move {
            let params: Vec<Out<'_>> = params.iter().map(Out).collect();
            let params: Vec<_> = params.iter().map(|param| param as _).collect();
            rows_in(&object.query(prepared, &params).await?)
        })
    });
    send_all(object, BEGIN, queries).await
}

/// Sends everything from `BEGIN` to `COMMIT` at once.
///
/// Each future queues its message when it is first polled, and all are polled in order before any is waited for.
/// So if this future is dropped, either nothing was sent or the `COMMIT` was too, and the connection is not left
/// inside a transaction. After an error the server refuses the rest and turns `COMMIT` into a rollback.
async fn send_all<'a>(
    object: &'a Object,
    begin: &str,
    queries: impl Iterator<Item = Reply<'a>>,
) -> Result<Vec<Vec<Row>>, Error> {
    let begun = object.batch_execute(begin);
    let sent = join(join(begun, join_all(queries)), object.batch_execute("COMMIT")).await;
    let ((begun, answers), committed) = sent;
    begun?;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    committed?;
    Ok(answers)
}
