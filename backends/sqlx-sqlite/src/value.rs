//! Values out and in, by what the cell holds.

use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArguments, SqliteRow, SqliteValueRef};
use sqlx::{Arguments, Decode, Row as _, Sqlite, TypeInfo, ValueRef};
use vestibule_sql::{DriverError, Row, Value};

pub(crate) fn arguments(params: &[Value]) -> Result<SqliteArguments, DriverError> {
    let mut arguments = SqliteArguments::default();
    for value in params {
        let added = match value {
            Value::Null => arguments.add(None::<&str>),
            Value::Bool(truth) => arguments.add(i64::from(*truth)),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
            Value::Time(time) => arguments.add(time.as_millis()),
        };
        added.map_err(DriverError::Refused)?;
    }
    Ok(arguments)
}

pub(crate) fn row_in(row: &SqliteRow) -> Result<Row, DriverError> {
    let mut cells = Row::with_capacity(row.len());
    for at in 0..row.len() {
        let cell = row.try_get_raw(at).map_err(crate::error::map)?;
        cells.push(value_in(cell).map_err(DriverError::Refused)?);
    }
    Ok(cells)
}

fn value_in(cell: SqliteValueRef<'_>) -> Result<Value, BoxDynError> {
    if cell.is_null() {
        return Ok(Value::Null);
    }
    let info = cell.type_info().into_owned();
    Ok(match info.name() {
        "INTEGER" => Value::Int(Decode::<Sqlite>::decode(cell)?),
        "REAL" => Value::Real(Decode::<Sqlite>::decode(cell)?),
        "TEXT" => {
            let bytes = <&[u8] as Decode<Sqlite>>::decode(cell)?;
            // Text that is not UTF-8 comes in as bytes.
            std::str::from_utf8(bytes)
                .map_or_else(|_| Value::Bytes(bytes.to_vec()), |text| Value::Text(text.to_owned()))
        }
        _ => Value::Bytes(Decode::<Sqlite>::decode(cell)?),
    })
}
