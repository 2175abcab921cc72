//! Values out and in.

use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlArguments, MySqlRow, MySqlTypeInfo, MySqlValueRef};
use sqlx::{Arguments, Decode, Encode, MySql, Row as _, Type, TypeInfo, ValueRef};
use vestibule_sql::mysql::{Cell, Clock};
use vestibule_sql::{DriverError, Row, Value};

/// Binds each value; their types have been checked.
pub(crate) fn arguments(params: &[Value]) -> Result<MySqlArguments, DriverError> {
    let mut arguments = MySqlArguments::default();
    for value in params {
        let added = match value {
            Value::Null => arguments.add(None::<&str>),
            Value::Bool(truth) => arguments.add(i64::from(*truth)),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
            Value::Time(time) => arguments.add(Clock::at(*time).map(Wall)),
        };
        added.map_err(DriverError::Refused)?;
    }
    Ok(arguments)
}

/// A `DATETIME`, which the server reads off its text.
struct Wall(Clock);

impl Type<MySql> for Wall {
    fn type_info() -> MySqlTypeInfo {
        <str as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Wall {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<sqlx::encode::IsNull, BoxDynError> {
        Encode::<MySql>::encode(self.0.to_string(), buffer)
    }
}

pub(crate) fn row_in(row: &MySqlRow) -> Result<Row, DriverError> {
    let mut cells = Row::with_capacity(row.len());
    for at in 0..row.len() {
        let cell = row.try_get_raw(at).map_err(crate::error::map)?;
        cells.push(value_in(cell).map_err(DriverError::Refused)?);
    }
    Ok(cells)
}

fn value_in(cell: MySqlValueRef<'_>) -> Result<Value, BoxDynError> {
    let info = cell.type_info().into_owned();
    // Not `is_null`, which takes a date of zeros for one.
    let Ok(bytes) = <&[u8] as Decode<MySql>>::decode(cell.clone()) else { return Ok(Value::Null) };
    Ok(match kind(&info) {
        Cell::Int if is_unsigned(&info) => Value::Int(<u64 as Decode<MySql>>::decode(cell)?.try_into()?),
        Cell::Int => Value::Int(Decode::<MySql>::decode(cell)?),
        Cell::Real if info.name() == "FLOAT" => Cell::read_float(Decode::<MySql>::decode(cell)?),
        Cell::Real => Value::Real(Decode::<MySql>::decode(cell)?),
        // In the binary protocol clocks begin with their length, otherwise with a digit or sign.
        Cell::Clock if bytes.first().is_none_or(u8::is_ascii_control) => {
            Cell::read_clock(bytes.get(1..).unwrap_or_default())?
        }
        Cell::Text if info.name() == "TIME" && bytes.first().is_none_or(u8::is_ascii_control) => {
            Cell::read_span(bytes.get(1..).unwrap_or_default())?
        }
        kind => kind.read(bytes)?,
    })
}

fn is_unsigned(info: &MySqlTypeInfo) -> bool {
    info.name().ends_with("UNSIGNED") || info.name() == "YEAR"
}

fn kind(info: &MySqlTypeInfo) -> Cell {
    // The names do not tell text of a binary collation from bytes; whether it can be read as text does.
    let is_text = || <str as Type<MySql>>::compatible(info);
    match info.name() {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" | "TINYINT UNSIGNED"
        | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED" | "YEAR" => {
            Cell::Int
        }
        "FLOAT" | "DOUBLE" => Cell::Real,
        "DATE" | "DATETIME" | "TIMESTAMP" => Cell::Clock,
        "BIT" => Cell::Bit,
        "GEOMETRY" => Cell::Bytes,
        "CHAR" | "BINARY" | "VARCHAR" | "VARBINARY" | "TINYTEXT" | "TINYBLOB" | "TEXT" | "BLOB"
        | "MEDIUMTEXT" | "MEDIUMBLOB" | "LONGTEXT" | "LONGBLOB"
            if !is_text() =>
        {
            Cell::Bytes
        }
        _ => Cell::Text,
    }
}
