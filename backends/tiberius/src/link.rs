//! A request and its answer, on a client however it was connected.

use std::borrow::Cow;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use futures_util::io::{AsyncRead, AsyncWrite};
use tiberius::error::Error;
use tiberius::{Client, QueryItem, ToSql};
use vestibule_sql::sqlserver::{self, END_OF_STATEMENT};
use vestibule_sql::{DriverError, Row, Statement, Value};

use crate::value::{Out, row_in};

/// One text with its parameters.
pub(crate) struct Request<'a> {
    text: Cow<'a, str>,
    params: Vec<Out<'a>>,
    /// How many statements the text has, each followed by a row that says so; one without such a row if `None`.
    statements: Option<usize>,
}

impl<'a> Request<'a> {
    /// One statement, in a transaction of its own.
    pub(crate) fn one(statement: &'a Statement, params: &'a [Value]) -> Self {
        let params = statement.params.iter().zip(params).map(|(kind, value)| Out(*kind, value)).collect();
        Self { text: Cow::Borrowed(&statement.text), params, statements: None }
    }

    /// Several, in one transaction.
    pub(crate) fn all(statements: &[(&'a Statement, &'a [Value])]) -> Self {
        let batch = sqlserver::batch(statements);
        let params =
            batch.params.iter().map(|(statement, at, value)| Out(statement.params[*at], value)).collect();
        Self { text: Cow::Owned(batch.text), params, statements: Some(statements.len()) }
    }
}

/// What can be asked. The inner error is that of an answer which came but makes no sense.
#[async_trait]
pub(crate) trait Link: Send {
    async fn ask(&mut self, request: &Request<'_>) -> Result<Result<Vec<Vec<Row>>, DriverError>, Error>;
}

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Link for Client<S> {
    async fn ask(&mut self, request: &Request<'_>) -> Result<Result<Vec<Vec<Row>>, DriverError>, Error> {
        let params: Vec<&dyn ToSql> = request.params.iter().map(|param| param as _).collect();
        let mut answer = self.query(&*request.text, &params).await?;
        let mut reader = Reader::default();
        // To the end, whatever comes, so that the connection can be used again.
        while let Some(item) = answer.try_next().await? {
            reader.read(item);
        }
        Ok(reader.finish(request.statements))
    }
}

/// Assigns rows to statements.
#[derive(Default)]
struct Reader {
    /// The rows of the statements that have ended.
    ended: Vec<Vec<Row>>,
    /// Those of the statement that is running.
    rows: Vec<Row>,
    at_end_of_statement: bool,
    problem: Option<DriverError>,
}

impl Reader {
    fn read(&mut self, item: QueryItem) {
        match item {
            QueryItem::Metadata(set) => {
                self.at_end_of_statement =
                    matches!(set.columns(), [column] if column.name() == END_OF_STATEMENT);
            }
            QueryItem::Row(row) => match row_in(row) {
                Err(problem) => self.problem = Some(DriverError::Refused(problem)),
                Ok(row) if !self.at_end_of_statement => self.rows.push(row),
                Ok(row) if is_position(&row, self.ended.len()) => {
                    self.ended.push(std::mem::take(&mut self.rows));
                }
                Ok(_) => self.problem = Some(DriverError::Refused("statements ended out of order".into())),
            },
        }
    }

    fn finish(mut self, statements: Option<usize>) -> Result<Vec<Vec<Row>>, DriverError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        match statements {
            None => Ok(vec![std::mem::take(&mut self.rows)]),
            Some(expected) if expected == self.ended.len() && self.rows.is_empty() => Ok(self.ended),
            // Committed or not: nothing says so.
            Some(_) => Err(DriverError::Unavailable("the answer ended before the last statement".into())),
        }
    }
}

fn is_position(row: &Row, position: usize) -> bool {
    matches!(row[..], [Value::Int(number)] if usize::try_from(number) == Ok(position))
}
