//! Values out and in, in PostgreSQL's binary format.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueRef, Postgres};
use sqlx::{Arguments, Decode, Encode, Row as _, Type, TypeInfo, ValueRef};
use vestibule_sql::{DriverError, ParamType, Row, Statement, Value, postgres};

/// Binds each value as the type that the statement declares.
pub(crate) fn arguments(statement: &Statement, params: &[Value]) -> Result<PgArguments, DriverError> {
    postgres::check(statement, params)?;
    let mut arguments = PgArguments::default();
    for (declared, value) in statement.params.iter().zip(params) {
        let added = match (declared, value) {
            (_, Value::Bool(truth)) => arguments.add(*truth),
            (_, Value::Int(number)) => arguments.add(*number),
            (_, Value::Real(number)) => arguments.add(*number),
            (_, Value::Text(text)) => arguments.add(text.as_str()),
            (_, Value::Bytes(bytes)) => arguments.add(bytes.as_slice()),
            (_, Value::Time(time)) => arguments.add(Micros(postgres::micros(*time))),
            (ParamType::Bool, Value::Null) => arguments.add(None::<bool>),
            (ParamType::Int, Value::Null) => arguments.add(None::<i64>),
            (ParamType::Real, Value::Null) => arguments.add(None::<f64>),
            (ParamType::Text, Value::Null) => arguments.add(None::<&str>),
            (ParamType::Time, Value::Null) => arguments.add(Micros(None)),
        };
        added.map_err(DriverError::Refused)?;
    }
    Ok(arguments)
}

/// A `timestamptz`, in microseconds since 2000.
struct Micros(Option<i64>);

impl Type<Postgres> for Micros {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl Encode<'_, Postgres> for Micros {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let Some(micros) = self.0 else { return Ok(IsNull::Yes) };
        buffer.extend(&micros.to_be_bytes());
        Ok(IsNull::No)
    }
}

pub(crate) fn row_in(row: &PgRow) -> Result<Row, DriverError> {
    (0..row.len()).map(|at| row.try_get_raw(at).map_err(crate::error::map).and_then(value_in)).collect()
}

fn value_in(cell: PgValueRef<'_>) -> Result<Value, DriverError> {
    if cell.is_null() {
        return Ok(Value::Null);
    }
    decode(cell).map_err(DriverError::Refused)
}

fn decode(cell: PgValueRef<'_>) -> Result<Value, BoxDynError> {
    let info = cell.type_info().into_owned();
    Ok(match info.name() {
        "BOOL" => Value::Bool(Decode::<Postgres>::decode(cell)?),
        "INT2" => Value::Int(<i16 as Decode<Postgres>>::decode(cell)?.into()),
        "INT4" => Value::Int(<i32 as Decode<Postgres>>::decode(cell)?.into()),
        "INT8" => Value::Int(Decode::<Postgres>::decode(cell)?),
        "FLOAT4" => Value::Real(<f32 as Decode<Postgres>>::decode(cell)?.into()),
        "FLOAT8" => Value::Real(Decode::<Postgres>::decode(cell)?),
        "TIMESTAMPTZ" | "TIMESTAMP" => {
            let micros = i64::from_be_bytes(cell.as_bytes()?.try_into()?);
            Value::Time(postgres::from_micros(micros))
        }
        "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" | "citext" => Value::Text(cell.as_str()?.to_owned()),
        "CHAR" => Value::Text(postgres::unpadded(cell.as_str()?).to_owned()),
        _ => Value::Bytes(cell.as_bytes()?.to_vec()),
    })
}
