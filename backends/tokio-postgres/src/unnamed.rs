//! Statements without names, for a pooler that lends its connections for one transaction only.
//!
//! Such a pooler sends what comes after a transaction to whichever connection is free, and a statement that was
//! prepared by name is not known there. So the text goes along every time, with the types of its parameters: still
//! one round trip. `BEGIN` to `COMMIT` is one transaction and so stays on one connection; a setting of the session
//! would not, and is made for the transaction instead.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error};
use vestibule_sql::{ParamType, Row, Statement, Value};

use crate::Patience;
use crate::value::{Out, rows_in};

/// The beginning of a batch.
pub(crate) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The beginning of a batch that the server gives up on when we do.
pub(crate) fn begin(patience: Patience) -> String {
    // 0 would mean no limit at all.
    format!("{BEGIN}; SET LOCAL statement_timeout = {}", patience.answer.as_millis().max(1))
}

pub(crate) async fn query(
    client: &Client,
    statement: &Statement,
    params: &[Value],
) -> Result<Vec<Row>, Error> {
    let types = statement.params.iter().copied().map(type_of);
    rows_in(client.query_typed_raw(&statement.text, params.iter().map(Out).zip(types)).await?).await
}

/// The type that the placeholder in the text is cast to.
fn type_of(param: ParamType) -> Type {
    match param {
        ParamType::Bool => Type::BOOL,
        ParamType::Int => Type::INT8,
        ParamType::Real => Type::FLOAT8,
        ParamType::Text => Type::TEXT,
        ParamType::Time => Type::TIMESTAMPTZ,
    }
}
