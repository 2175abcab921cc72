//! Values out and in.

use std::borrow::Cow;

use tiberius::time::{Date, DateTime2, Time};
use tiberius::{ColumnData, ToSql};
use vestibule_core::BoxError;
use vestibule_sql::{ParamType, Row, Value, sqlserver};

/// A value on its way out, and the type that its statement declares.
#[derive(Debug)]
pub(crate) struct Out<'a>(pub(crate) ParamType, pub(crate) &'a Value);

impl ToSql for Out<'_> {
    fn to_sql(&self) -> ColumnData<'_> {
        match (self.0, self.1) {
            (_, Value::Bool(truth)) => ColumnData::Bit(Some(*truth)),
            (_, Value::Int(number)) => ColumnData::I64(Some(*number)),
            (_, Value::Real(number)) => ColumnData::F64(Some(*number)),
            (_, Value::Text(text)) => ColumnData::String(Some(Cow::Borrowed(text))),
            (_, Value::Bytes(bytes)) => ColumnData::Binary(Some(Cow::Borrowed(bytes))),
            (_, Value::Time(time)) => ColumnData::DateTime2(sqlserver::to_date_time2(*time).map(|time| {
                // `datetime2` without a scale has seven digits.
                DateTime2::new(Date::new(time.days), Time::new(time.ticks, 7))
            })),
            (ParamType::Bool, Value::Null) => ColumnData::Bit(None),
            (ParamType::Int, Value::Null) => ColumnData::I64(None),
            (ParamType::Real, Value::Null) => ColumnData::F64(None),
            (ParamType::Text, Value::Null) => ColumnData::String(None),
            (ParamType::Time, Value::Null) => ColumnData::DateTime2(None),
        }
    }
}

/// The cells of a row. A time without zone is Coordinated Universal Time.
pub(crate) fn row_in(row: tiberius::Row) -> Result<Row, BoxError> {
    let mut cells = Row::with_capacity(row.len());
    for cell in row {
        cells.push(value_in(cell)?);
    }
    Ok(cells)
}

fn value_in(cell: ColumnData<'_>) -> Result<Value, BoxError> {
    let value = match cell {
        ColumnData::Bit(cell) => cell.map(Value::Bool),
        ColumnData::U8(cell) => cell.map(|number| Value::Int(number.into())),
        ColumnData::I16(cell) => cell.map(|number| Value::Int(number.into())),
        ColumnData::I32(cell) => cell.map(|number| Value::Int(number.into())),
        ColumnData::I64(cell) => cell.map(Value::Int),
        ColumnData::F32(cell) => cell.map(|number| Value::Real(number.into())),
        ColumnData::F64(cell) => cell.map(Value::Real),
        ColumnData::Numeric(cell) => cell.map(number_in).transpose()?,
        ColumnData::String(cell) => cell.map(|text| Value::Text(text.into_owned())),
        // In lower case, as everybody else writes them; SQL Server prints them in upper case.
        ColumnData::Guid(cell) => cell.map(|id| Value::Text(id.to_string())),
        ColumnData::Binary(cell) => cell.map(|bytes| Value::Bytes(bytes.into_owned())),
        ColumnData::Xml(cell) => cell.map(|xml| Value::Text(xml.as_ref().to_string())),
        ColumnData::DateTime(cell) => cell
            .map(|time| Value::Time(sqlserver::from_legacy_date_time(time.days(), time.seconds_fragments()))),
        ColumnData::SmallDateTime(cell) => cell.map(|time| {
            // What tiberius calls fragments of seconds are minutes.
            Value::Time(sqlserver::from_small_date_time(time.days(), time.seconds_fragments()))
        }),
        ColumnData::Date(cell) => cell.map(|date| Value::Time(sqlserver::from_date_time2(date.days(), 0, 7))),
        ColumnData::DateTime2(cell) => cell.map(time_in),
        // The offset says how it was written; the point in time is universal already.
        ColumnData::DateTimeOffset(cell) => cell.map(|time| time_in(time.datetime2())),
        ColumnData::Time(Some(_)) => return Err("a time of day is no value of ours".into()),
        ColumnData::Time(None) => None,
    };
    Ok(value.unwrap_or(Value::Null))
}

fn time_in(time: DateTime2) -> Value {
    let (date, time) = (time.date(), time.time());
    Value::Time(sqlserver::from_date_time2(date.days(), time.increments(), time.scale()))
}

/// A `decimal` without digits behind the point is an integer.
fn number_in(number: tiberius::numeric::Numeric) -> Result<Value, BoxError> {
    if number.scale() == 0 {
        let number = i64::try_from(number.value()).map_err(|_| "an integer of more than 64 bits")?;
        return Ok(Value::Int(number));
    }
    Ok(Value::Real(f64::from(number)))
}
