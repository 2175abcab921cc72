//! Values out and in.

use mysql_async::consts::ColumnType;
use mysql_async::{Column, Params, Value as Wire};
use vestibule_core::BoxError;
use vestibule_sql::mysql::{Cell, Clock};
use vestibule_sql::{Row, Value};

/// The character set of columns that hold bytes.
const BINARY: u16 = 63;

pub(crate) fn params(values: &[Value]) -> Params {
    if values.is_empty() {
        return Params::Empty;
    }
    Params::Positional(values.iter().map(out).collect())
}

fn out(value: &Value) -> Wire {
    match value {
        Value::Null => Wire::NULL,
        Value::Bool(truth) => Wire::Int((*truth).into()),
        Value::Int(number) => Wire::Int(*number),
        Value::Real(number) => Wire::Double(*number),
        Value::Text(text) => Wire::Bytes(text.as_bytes().to_vec()),
        Value::Bytes(bytes) => Wire::Bytes(bytes.clone()),
        // Checked before: every time that is sent has a clock.
        Value::Time(time) => Clock::at(*time).map_or(Wire::NULL, |clock| {
            let Clock { year, month, day, hour, minute, second, milli } = clock;
            Wire::Date(year, month, day, hour, minute, second, u32::from(milli) * 1000)
        }),
    }
}

pub(crate) fn rows_in(found: Vec<mysql_async::Row>) -> Result<Vec<Row>, BoxError> {
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let columns = row.columns();
        let mut cells = Row::with_capacity(columns.len());
        for (column, cell) in columns.iter().zip(row.unwrap()) {
            cells.push(value_in(column, cell)?);
        }
        rows.push(cells);
    }
    Ok(rows)
}

fn value_in(column: &Column, cell: Wire) -> Result<Value, BoxError> {
    Ok(match cell {
        Wire::NULL => Value::Null,
        Wire::Int(number) => Value::Int(number),
        Wire::UInt(number) => Value::Int(number.try_into().map_err(|_| "an integer beyond 64 bits")?),
        Wire::Float(number) => Cell::read_float(number),
        Wire::Double(number) => Value::Real(number),
        Wire::Date(year, month, day, hour, minute, second, micros) => {
            let milli = u16::try_from(micros / 1000)?;
            Cell::of_clock(Clock { year, month, day, hour, minute, second, milli })
        }
        Wire::Time(is_negative, days, hours, minutes, seconds, _) => {
            Cell::of_span(is_negative, days, [hours, minutes, seconds])
        }
        Wire::Bytes(bytes) => match kind(column) {
            Cell::Bytes => Value::Bytes(bytes),
            Cell::Text => Value::Text(String::from_utf8(bytes).map_err(|_| "text that is not UTF-8")?),
            kind => kind.read(&bytes)?,
        },
    })
}

fn kind(column: &Column) -> Cell {
    match column.column_type() {
        ColumnType::MYSQL_TYPE_TINY
        | ColumnType::MYSQL_TYPE_SHORT
        | ColumnType::MYSQL_TYPE_INT24
        | ColumnType::MYSQL_TYPE_LONG
        | ColumnType::MYSQL_TYPE_LONGLONG
        | ColumnType::MYSQL_TYPE_YEAR => Cell::Int,
        ColumnType::MYSQL_TYPE_FLOAT | ColumnType::MYSQL_TYPE_DOUBLE => Cell::Real,
        ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_DATETIME | ColumnType::MYSQL_TYPE_TIMESTAMP => {
            Cell::Clock
        }
        ColumnType::MYSQL_TYPE_BIT => Cell::Bit,
        ColumnType::MYSQL_TYPE_GEOMETRY | ColumnType::MYSQL_TYPE_VECTOR => Cell::Bytes,
        ColumnType::MYSQL_TYPE_VARCHAR
        | ColumnType::MYSQL_TYPE_VAR_STRING
        | ColumnType::MYSQL_TYPE_STRING
        | ColumnType::MYSQL_TYPE_TINY_BLOB
        | ColumnType::MYSQL_TYPE_BLOB
        | ColumnType::MYSQL_TYPE_MEDIUM_BLOB
        | ColumnType::MYSQL_TYPE_LONG_BLOB
            if column.character_set() == BINARY =>
        {
            Cell::Bytes
        }
        _ => Cell::Text,
    }
}
