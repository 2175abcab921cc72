//! Values in, by the type that the server says a cell has, in PostgreSQL's binary format.

use diesel::deserialize::{QueryableByName, Result};
use diesel::pg::{Pg, PgValue};
use diesel::row::{Field as _, NamedRow};
use vestibule_sql::{Row, Value, postgres};

/// The cells of a row, whatever their number and types.
pub(crate) struct Cells(pub(crate) Row);

impl QueryableByName<Pg> for Cells {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> Result<Self> {
        let mut cells = Row::with_capacity(row.field_count());
        for at in 0..row.field_count() {
            let field = diesel::row::Row::get(row, at).ok_or("a row with fewer cells than it has")?;
            cells.push(field.value().map_or(Ok(Value::Null), |cell| value_in(&cell))?);
        }
        Ok(Self(cells))
    }
}

/// The numbers of the built-in types (<https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat>).
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const NAME: u32 = 19;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const UNKNOWN: u32 = 705;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const VARCHAR: u32 = 1043;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    /// Types that somebody has added, such as `citext` and enumerations, have numbers from here on.
    pub(super) const FIRST_ADDED: u32 = 16_384;
}

fn value_in(cell: &PgValue<'_>) -> Result<Value> {
    let raw = cell.as_bytes();
    Ok(match cell.get_oid().get() {
        oid::BOOL => Value::Bool(raw != [0]),
        oid::INT2 => Value::Int(i16::from_be_bytes(raw.try_into()?).into()),
        oid::INT4 => Value::Int(i32::from_be_bytes(raw.try_into()?).into()),
        oid::INT8 => Value::Int(i64::from_be_bytes(raw.try_into()?)),
        oid::FLOAT4 => Value::Real(f32::from_be_bytes(raw.try_into()?).into()),
        oid::FLOAT8 => Value::Real(f64::from_be_bytes(raw.try_into()?)),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => {
            Value::Time(postgres::from_micros(i64::from_be_bytes(raw.try_into()?)))
        }
        oid::TEXT | oid::VARCHAR | oid::NAME | oid::UNKNOWN => {
            Value::Text(std::str::from_utf8(raw)?.to_owned())
        }
        oid::BPCHAR => Value::Text(postgres::unpadded(std::str::from_utf8(raw)?).to_owned()),
        oid::FIRST_ADDED.. => match std::str::from_utf8(raw) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(raw.to_vec()),
        },
        _ => Value::Bytes(raw.to_vec()),
    })
}
