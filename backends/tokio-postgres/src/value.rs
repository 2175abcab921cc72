//! Values out and in, in PostgreSQL's binary format.

use std::error::Error;
use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::RowStream;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};
use vestibule_sql::{Row, Value, postgres};

/// A value on its way out.
#[derive(Debug)]
pub(crate) struct Out<'a>(pub(crate) &'a Value);

impl ToSql for Out<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(truth) => truth.to_sql(ty, out),
            Value::Int(number) => number.to_sql(ty, out),
            Value::Real(number) => number.to_sql(ty, out),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Bytes(bytes) => bytes.to_sql(ty, out),
            Value::Time(time) => {
                postgres::micros(*time).ok_or("a point in time beyond PostgreSQL's")?.to_sql(&Type::INT8, out)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One parameter of many sets of keys, on its way out as an array.
#[derive(Debug)]
pub(crate) struct Column<'a> {
    pub(crate) sets: &'a [Vec<Value>],
    pub(crate) at: usize,
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let column: Vec<_> = self.sets.iter().map(|keys| Out(&keys[self.at])).collect();
        column.to_sql(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A value on its way in.
struct In(Value);

impl<'a> FromSql<'a> for In {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT2 => Value::Int(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::FLOAT4 => Value::Real(f32::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            // A time without zone is Coordinated Universal Time.
            Type::TIMESTAMPTZ | Type::TIMESTAMP => {
                Value::Time(postgres::from_micros(i64::from_sql(&Type::INT8, raw)?))
            }
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => text(raw)?,
            Type::BPCHAR => Value::Text(postgres::unpadded(std::str::from_utf8(raw)?).to_owned()),
            _ if ty.name() == "citext" || matches!(ty.kind(), Kind::Enum(_)) => text(raw)?,
            _ => Value::Bytes(raw.to_vec()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn text(raw: &[u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
    Ok(Value::Text(std::str::from_utf8(raw)?.to_owned()))
}

/// The cells from one on.
fn row_in(row: &tokio_postgres::Row, first: usize) -> Result<Row, tokio_postgres::Error> {
    // Collecting into a `Result` would not know the length beforehand.
    let mut cells = Row::with_capacity(row.len().saturating_sub(first));
    for at in first..row.len() {
        cells.push(row.try_get::<_, In>(at)?.0);
    }
    Ok(cells)
}

/// Reads all rows, each as it comes.
pub(crate) async fn rows_in(found: RowStream) -> Result<Vec<Row>, tokio_postgres::Error> {
    let (mut found, mut rows) = (pin!(found), Vec::new());
    while let Some(row) = found.try_next().await? {
        rows.push(row_in(&row, 0)?);
    }
    Ok(rows)
}

/// Reads all rows, each for the set of keys whose place its first cell tells; `None` if that is no place.
pub(crate) async fn rows_by_place(
    found: RowStream,
    sets: usize,
) -> Result<Option<Vec<Vec<Row>>>, tokio_postgres::Error> {
    let (mut found, mut rows) = (pin!(found), vec![Vec::new(); sets]);
    while let Some(row) = found.try_next().await? {
        let place = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or(0);
        match place.checked_sub(1).and_then(|at| rows.get_mut(at)) {
            Some(of_it) => of_it.push(row_in(&row, 1)?),
            None => return Ok(None),
        }
    }
    Ok(Some(rows))
}
