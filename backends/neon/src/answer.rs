//! What Neon answers with status 200.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value as Json;
use vestibule_core::BoxError;
use vestibule_sql::{DriverError, Row};

use crate::{Cells, value};

/// The answer to one statement. Rows that are missing are not taken for none.
#[derive(Deserialize)]
pub(crate) struct Answer {
    fields: Vec<Field>,
    rows: Vec<Json>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "dataTypeID")]
    kind: u32,
}

#[derive(Deserialize)]
struct Batch {
    results: Vec<Answer>,
}

impl Answer {
    pub(crate) fn one(body: &[u8]) -> Result<Self, DriverError> {
        serde_json::from_slice(body).map_err(|error| unreadable(&error))
    }

    pub(crate) fn several(body: &[u8], count: usize) -> Result<Vec<Self>, DriverError> {
        let batch: Batch = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
        if batch.results.len() != count {
            let problem = format!("{} results for {count} statements", batch.results.len());
            return Err(unreadable(&problem));
        }
        Ok(batch.results)
    }

    /// The rows, whether they came as arrays or as objects.
    pub(crate) fn rows(self, cells: Cells) -> Result<Vec<Row>, DriverError> {
        let fields = &self.fields;
        let rows = self.rows.into_iter().map(|row| read_row(fields, row, cells));
        rows.collect::<Result<_, BoxError>>().map_err(DriverError::Refused)
    }
}

fn read_row(fields: &[Field], row: Json, cells: Cells) -> Result<Row, BoxError> {
    let values: Vec<Json> = match row {
        Json::Array(values) if values.len() == fields.len() => values,
        Json::Object(mut row) => {
            let names: HashSet<&str> = fields.iter().map(|field| &*field.name).collect();
            if names.len() != fields.len() {
                return Err("two columns of one name in rows that are objects".into());
            }
            let values = fields.iter().map(|field| row.remove(&field.name));
            values.collect::<Option<_>>().ok_or("a row that lacks a column")?
        }
        _ => return Err("a row that does not have its columns".into()),
    };
    let read = |(field, cell): (&Field, Json)| {
        value::read(field.kind, cell, cells)
            .map_err(|error| format!("column {:?}: {error}", field.name).into())
    };
    fields.iter().zip(values).map(read).collect()
}

/// The statement ran, and nobody can tell what came of it.
fn unreadable(source: &dyn std::fmt::Display) -> DriverError {
    DriverError::Unavailable(format!("the answer makes no sense: {source}").into())
}
