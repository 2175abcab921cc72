//! What every driver for PostgreSQL needs: its error codes, its clock, and a check of parameters.

use vestibule_core::{BoxError, Timestamp};

use crate::{Access, DriverError, ParamType, Statement, Value};

/// 2000-01-01, where PostgreSQL's clock begins, in milliseconds since 1970.
const EPOCH_MILLIS: i64 = 946_684_800_000;

/// Microseconds since 2000, as `timestamptz` travels in binary; `None` if they do not fit.
///
/// The two ends stand for infinity and are no points in time.
pub fn micros(time: Timestamp) -> Option<i64> {
    let micros = time.as_millis().checked_sub(EPOCH_MILLIS)?.checked_mul(1000)?;
    (micros != i64::MIN && micros != i64::MAX).then_some(micros)
}

/// The point in time that is so many microseconds after 2000; what is below a millisecond is cut.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_millis(micros.div_euclid(1000).saturating_add(EPOCH_MILLIS))
}

/// What a cell of the type `char(n)` holds: PostgreSQL fills it up with blanks, which mean nothing in that type and take
/// no part in comparisons.
pub fn unpadded(cell: &str) -> &str {
    cell.trim_end_matches(' ')
}

/// Makes sure, before anything is sent, that every parameter can be encoded as it is declared.
///
/// # Errors
///
/// [`DriverError::Refused`] if one cannot.
pub fn check(statement: &Statement, params: &[Value]) -> Result<(), DriverError> {
    let fits = |(declared, value): (&ParamType, &Value)| match (declared, value) {
        (_, Value::Null)
        | (ParamType::Bool, Value::Bool(_))
        | (ParamType::Int, Value::Int(_))
        | (ParamType::Real, Value::Real(_))
        | (ParamType::Text, Value::Text(_)) => true,
        (ParamType::Time, Value::Time(time)) => micros(*time).is_some(),
        _ => false,
    };
    if statement.params.len() == params.len() && statement.params.iter().zip(params).all(fits) {
        return Ok(());
    }
    let problem = format!("{} was given a parameter that its type cannot hold", statement.name);
    Err(DriverError::Refused(problem.into()))
}

/// The same statement for many sets of keys at once. It takes one array for each parameter, and in front of the cells of
/// each row it puts the place, counted from 1, that the keys of the row have in the arrays.
///
/// Each set of keys is looked up by a subquery of its own, which the planner may not take apart (`OFFSET 0`): it costs
/// and finds what it would by itself.
///
/// `None` if the statement writes, or takes no parameter, or one of a type that we send no arrays of.
pub fn together(statement: &Statement) -> Option<String> {
    let (mut arrays, mut names, mut text) = (Vec::new(), Vec::new(), statement.text.to_string());
    for (at, kind) in (1..).zip(&statement.params) {
        let kind = match kind {
            ParamType::Int => "int8",
            ParamType::Text => "text",
            _ => return None,
        };
        let (placeholder, name) = (format!("${at}::{kind}"), format!("k{at}"));
        text = outside_quotes(&text, &placeholder, &format!("asked.{name}"));
        arrays.push(format!("{placeholder}[]"));
        names.push(name);
    }
    if names.is_empty() || statement.access == Access::Write {
        return None;
    }
    let (arrays, names) = (arrays.join(", "), names.join(", "));
    Some(format!(
        "SELECT asked.place, found.* FROM unnest({arrays}) WITH ORDINALITY AS asked({names}, place) \
         CROSS JOIN LATERAL ({text} OFFSET 0) AS found"
    ))
}

/// Has a session plan each of its prepared statements once, whatever it is given. Does nothing before PostgreSQL 12, which
/// does not know the setting.
pub const PLAN_ONCE: &str = "SELECT set_config(name, 'force_generic_plan', false) FROM pg_catalog.pg_settings \
                             WHERE name = 'plan_cache_mode'";

/// Replaces what stands outside of quoted names and texts.
fn outside_quotes(text: &str, from: &str, to: &str) -> String {
    let (mut out, mut rest, mut quote) = (String::with_capacity(text.len()), text, None);
    while let Some(next) = rest.chars().next() {
        if quote.is_none() && rest.starts_with(from) {
            out.push_str(to);
            rest = &rest[from.len()..];
            continue;
        }
        quote = match (quote, next) {
            (None, '"' | '\'') => Some(next),
            (Some(open), _) if open == next => None,
            (quote, _) => quote,
        };
        out.push(next);
        rest = &rest[next.len_utf8()..];
    }
    out
}

/// The error for an SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>); `table` is the
/// table that the server names with it.
pub fn error(code: &str, table: Option<Box<str>>, source: BoxError) -> DriverError {
    match code {
        "23505" => DriverError::UniqueViolated { table, source },
        "23503" => DriverError::ForeignKeyViolated(source),
        "40001" | "40P01" => DriverError::Contention(source),
        // A canceled statement, a lock that was not to be had, a server that has become a standby, and a database
        // that takes no connections for now.
        "57014" | "55P03" | "25006" | "55000" => DriverError::Unavailable(source),
        // Connection failures, lack of resources, the operator's intervention, system errors.
        code if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
            DriverError::Unavailable(source)
        }
        _ => DriverError::Refused(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, params: &[ParamType]) -> Statement {
        Statement { name: "test", text: text.into(), params: params.into(), access: Access::Read }
    }

    #[test]
    fn keys_travel_in_arrays_and_names_stay_as_they_are() {
        let statement = read(
            r#"SELECT "a$1::text" FROM t WHERE a = $1::text AND b = $2::int8 AND c <> '$1::text' AND $1::text <> ''"#,
            &[ParamType::Text, ParamType::Int],
        );

        assert_eq!(
            together(&statement).unwrap(),
            "SELECT asked.place, found.* FROM unnest($1::text[], $2::int8[]) WITH ORDINALITY AS asked(k1, k2, place) \
             CROSS JOIN LATERAL (SELECT \"a$1::text\" FROM t WHERE a = asked.k1 AND b = asked.k2 AND c <> '$1::text' \
             AND asked.k1 <> '' OFFSET 0) AS found"
        );
    }

    #[test]
    fn what_writes_or_has_no_keys_or_others_is_not_sent_together() {
        let write = Statement { access: Access::Write, ..read("DELETE $1::text", &[ParamType::Text]) };

        let refused = [write, read("SELECT 1", &[]), read("SELECT $1::timestamptz", &[ParamType::Time])];

        assert_eq!(refused.map(|statement| together(&statement)), [None, None, None]);
    }

    #[test]
    fn codes_that_pass_are_outages_and_others_are_not() {
        let is_outage = |code: &str| matches!(error(code, None, "x".into()), DriverError::Unavailable(_));

        for code in ["08006", "25006", "53300", "55000", "55P03", "57014", "57P01", "57P03", "58030"] {
            assert!(is_outage(code), "{code}");
        }
        for code in ["22001", "22021", "28P01", "3D000", "42501", "42703", "42P01", "XX000"] {
            assert!(!is_outage(code), "{code}");
        }
    }
}
