//! Several statements as one transaction, sent together.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use diesel::QueryResult;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, MaybeDone, maybe_done};
use vestibule_sql::Row;

use crate::query::Query;
use crate::value::Cells;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A connection that leaves its pool and is closed if the work on it is given up: diesel does not know of the
/// transaction, and whoever had the connection next would work inside it.
pub(crate) struct Lent(Option<Object<AsyncPgConnection>>);

impl Lent {
    pub(crate) fn new(object: Object<AsyncPgConnection>) -> Self {
        Self(Some(object))
    }

    /// Gives the connection back, unless it could not end its transaction.
    pub(crate) async fn run(mut self, queries: Vec<Query<'_>>) -> QueryResult<Vec<Vec<Row>>> {
        let Some(object) = self.0.as_deref() else { return Ok(Vec::new()) };
        let (answers, end) = send(object, queries).await;
        if end == End::Known {
            drop(self.0.take());
        }
        answers
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// Whether the connection is known to be outside the transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Known,
    Unknown,
}

type Reply<'a> = MaybeDone<BoxFuture<'a, QueryResult<Vec<Row>>>>;

/// Sends everything from `BEGIN` to `COMMIT` without waiting between.
///
/// A statement is sent when its future is polled, or, if the connection has not prepared it yet, after that. Then those
/// behind it wait for the connection's list of prepared statements, `COMMIT` among them, which is on that list for this
/// reason alone. So they are sent in their order, as long as they are polled in their order.
async fn send(connection: &AsyncPgConnection, queries: Vec<Query<'_>>) -> (QueryResult<Vec<Vec<Row>>>, End) {
    let all = std::iter::once(Query::plain(BEGIN)).chain(queries).chain([Query::plain("COMMIT")]);
    let mut replies: Vec<Reply<'_>> = all.map(|query| maybe_done(reply(connection, query))).collect();
    let mut end = replies.len();
    poll_fn(|context| poll(&mut replies, &mut end, context)).await;

    let failed = end < replies.len();
    replies.truncate(end + 1);
    let answers = replies.iter_mut().filter_map(|reply| Pin::new(reply).take_output());
    let mut answers: QueryResult<Vec<Vec<Row>>> = answers.collect();
    drop(replies);
    if let Ok(answers) = &mut answers {
        // Those of `BEGIN` and `COMMIT`.
        answers.pop();
        answers.remove(0);
    }
    // If `COMMIT` was sent, it has rolled back, and this changes nothing. If it was not, it never will be.
    let is_known = !failed || { connection }.batch_execute("ROLLBACK").await.is_ok();
    (answers, if is_known { End::Known } else { End::Unknown })
}

fn reply<'a>(
    mut connection: &'a AsyncPgConnection,
    query: Query<'a>,
) -> BoxFuture<'a, QueryResult<Vec<Row>>> {
    Box::pin(async move {
        let found: Vec<Cells> = query.load(&mut connection).await?;
        Ok(found.into_iter().map(|Cells(row)| row).collect())
    })
}

/// Polls the replies before `end` in their order. The first that fails becomes the end: those behind it have failed for
/// its reason, and those before it may yet turn out to be the reason for its own failure.
fn poll(replies: &mut [Reply<'_>], end: &mut usize, context: &mut Context<'_>) -> Poll<()> {
    let mut waits = false;
    let mut at = 0;
    while at < *end {
        match replies[at].poll_unpin(context) {
            Poll::Pending => waits = true,
            Poll::Ready(()) if matches!(replies[at], MaybeDone::Done(Err(_))) => *end = at,
            Poll::Ready(()) => {}
        }
        at += 1;
    }
    if waits { Poll::Pending } else { Poll::Ready(()) }
}

#[cfg(test)]
mod tests {
    use diesel::result::Error;

    use super::*;

    #[tokio::test]
    async fn the_first_failure_is_told_though_it_comes_after_its_consequences() {
        let fine: BoxFuture<'_, QueryResult<Vec<Row>>> = Box::pin(async { Ok(Vec::new()) });
        let reason: BoxFuture<'_, QueryResult<Vec<Row>>> = Box::pin(async {
            tokio::task::yield_now().await;
            Err(Error::NotFound)
        });
        let consequence: BoxFuture<'_, QueryResult<Vec<Row>>> =
            Box::pin(async { Err(Error::RollbackTransaction) });
        let never: BoxFuture<'_, QueryResult<Vec<Row>>> = Box::pin(std::future::pending());
        let mut replies = [fine, reason, consequence, never].map(maybe_done);
        let mut end = replies.len();

        poll_fn(|context| poll(&mut replies, &mut end, context)).await;

        assert_eq!(end, 1);
    }
}
