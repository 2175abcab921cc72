//! A statement as diesel takes it.

use diesel::QueryResult;
use diesel::data_types::PgTimestamp;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Bool, Double, Nullable, Text, Timestamptz, Untyped};
use vestibule_sql::{DriverError, ParamType, Statement, Value, postgres};

/// The pieces of the text between its placeholders, and the values in their places.
///
/// Unlike diesel's own `sql_query`, it is prepared once a connection.
pub(crate) struct Query<'a> {
    pieces: Vec<(&'a str, Option<Bind<'a>>)>,
}

#[derive(Clone)]
enum Bind<'a> {
    Bool(Option<bool>),
    Int(Option<i64>),
    Real(Option<f64>),
    Text(Option<&'a str>),
    Time(Option<PgTimestamp>),
    Bytes(&'a [u8]),
}

impl<'a> Query<'a> {
    /// A statement without placeholders.
    pub(crate) fn plain(text: &'a str) -> Self {
        Self { pieces: vec![(text, None)] }
    }

    pub(crate) fn new(statement: &'a Statement, params: &'a [Value]) -> Result<Self, DriverError> {
        crate::check(statement, params)?;
        let binds: Vec<_> =
            statement.params.iter().zip(params).map(|(kind, value)| bind(*kind, value)).collect();
        let mut pieces = Vec::new();
        let mut rest = &*statement.text;
        while let Some((before, number, after)) = next_placeholder(rest) {
            let bind = number.checked_sub(1).and_then(|at| binds.get(at)).ok_or_else(|| {
                DriverError::Refused(format!("{} has a placeholder without a value", statement.name).into())
            })?;
            pieces.push((before, Some(bind.clone())));
            rest = after;
        }
        pieces.push((rest, None));
        Ok(Self { pieces })
    }
}

fn bind(kind: ParamType, value: &Value) -> Bind<'_> {
    match (kind, value) {
        (_, Value::Bool(truth)) => Bind::Bool(Some(*truth)),
        (_, Value::Int(number)) => Bind::Int(Some(*number)),
        (_, Value::Real(number)) => Bind::Real(Some(*number)),
        (_, Value::Text(text)) => Bind::Text(Some(text)),
        (_, Value::Bytes(bytes)) => Bind::Bytes(bytes),
        (_, Value::Time(time)) => Bind::Time(postgres::micros(*time).map(PgTimestamp)),
        (ParamType::Bool, Value::Null) => Bind::Bool(None),
        (ParamType::Int, Value::Null) => Bind::Int(None),
        (ParamType::Real, Value::Null) => Bind::Real(None),
        (ParamType::Text, Value::Null) => Bind::Text(None),
        (ParamType::Time, Value::Null) => Bind::Time(None),
    }
}

/// The text before the next placeholder outside quotes, its number, and the text after it.
fn next_placeholder(text: &str) -> Option<(&str, usize, &str)> {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match (quote, char) {
            (None, '$') => {
                let rest = &text[at + 1..];
                let digits = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
                return Some((&text[..at], rest[..digits].parse().ok()?, &rest[digits..]));
            }
            (None, '\'' | '"') => quote = Some(char),
            // A quote that is doubled inside closes and opens again.
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

impl QueryFragment<Pg> for Query<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (text, bind) in &self.pieces {
            out.push_sql(text);
            match bind {
                None => {}
                Some(Bind::Bool(value)) => out.push_bind_param::<Nullable<Bool>, _>(value)?,
                Some(Bind::Int(value)) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Some(Bind::Real(value)) => out.push_bind_param::<Nullable<Double>, _>(value)?,
                Some(Bind::Text(value)) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Some(Bind::Time(value)) => out.push_bind_param::<Nullable<Timestamptz>, _>(value)?,
                Some(Bind::Bytes(value)) => out.push_bind_param::<Binary, _>(value)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Query<'_> {
    type QueryId = ();

    // Known by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl diesel::query_builder::Query for Query<'_> {
    type SqlType = Untyped;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_quotes_are_none() {
        let text = "SELECT '$1', \"a$2\"\"$3\" FROM t WHERE a = $4::int8 AND b = $12";

        let (before, number, after) = next_placeholder(text).unwrap();

        assert_eq!(before, "SELECT '$1', \"a$2\"\"$3\" FROM t WHERE a = ");
        assert_eq!((number, after), (4, "::int8 AND b = $12"));
        assert_eq!(next_placeholder(after), Some(("::int8 AND b = ", 12, "")));
        assert_eq!(next_placeholder("SELECT 1"), None);
    }
}
