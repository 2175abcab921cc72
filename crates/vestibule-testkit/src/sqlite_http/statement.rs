//! Statements as libSQL's server takes them: one at a time, parsed and written anew by its own parser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use fallible_iterator_03::FallibleIterator as _;
use libsql_sqlite3_parser::ast::{Cmd, Stmt};
use libsql_sqlite3_parser::lexer::sql::Parser;
use serde_json::{Value, json};
use vestibule_rusqlite::rusqlite::types::{Value as Cell, ValueRef};
use vestibule_rusqlite::rusqlite::{Connection, Error, ErrorCode, Statement};

/// An error as the protocol has it.
#[derive(Debug)]
pub(super) struct Problem {
    code: &'static str,
    message: String,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "message": self.message, "code": self.code })
    }
}

/// Only the primary code comes through, as at libSQL's server.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let code = match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => "SQLITE_CONSTRAINT",
            Some(ErrorCode::DatabaseBusy) => "SQLITE_BUSY",
            Some(ErrorCode::DatabaseLocked) => "SQLITE_LOCKED",
            Some(ErrorCode::TooBig) => "SQLITE_TOOBIG",
            Some(ErrorCode::TypeMismatch) => "SQLITE_MISMATCH",
            // SQLite's plain error: a text that cannot be prepared.
            Some(ErrorCode::Unknown) | None => "SQL_INPUT_ERROR",
            Some(_) => "SQLITE_UNKNOWN",
        };
        match &error {
            Error::SqlInputError { msg, offset, .. } => {
                Self::new("SQL_INPUT_ERROR", format!("SQL input error: {msg} (at offset {offset})"))
            }
            Error::SqliteFailure(_, Some(message)) => Self::new(code, format!("SQLite error: {message}")),
            _ => Self::new(code, format!("SQLite error: {error}")),
        }
    }
}

/// The statements of a text.
fn parse(text: &str) -> Result<Vec<String>, Problem> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Problem::new("SQL_PARSE_ERROR", format!("SQL string could not be parsed: {error}"))
    };
    let mut parser = Parser::new(text.as_bytes());
    let mut statements = Vec::new();
    while let Some(command) = parser.next().map_err(|error| unreadable(&error))? {
        statements.push((matches!(command, Cmd::Stmt(Stmt::CreateTable { .. })), command.to_string()));
    }
    // The text of a lone `CREATE TABLE` is kept as it was.
    if let [(true, _)] = &statements[..] {
        return Ok(vec![text.to_owned()]);
    }
    Ok(statements.into_iter().map(|(_, text)| text).collect())
}

fn parse_one(text: &str) -> Result<String, Problem> {
    let mut statements = parse(text)?;
    match statements.len() {
        0 => Err(Problem::new("SQL_NO_STATEMENT", "SQL string does not contain any statement")),
        1 => Ok(statements.remove(0)),
        _ => Err(Problem::new("SQL_MANY_STATEMENTS", "SQL string contains more than one statement")),
    }
}

/// Runs one statement with the arguments of a `stmt`.
pub(super) fn execute(connection: &Connection, text: &str, stmt: &Value) -> Result<Value, Problem> {
    let text = parse_one(text)?;
    let mut statement = connection.prepare(&text)?;
    bind(&mut statement, stmt)?;
    let columns = columns(&statement);
    let is_readonly = statement.readonly();
    let width = statement.column_count();
    let wants_rows = stmt["want_rows"].as_bool().unwrap_or(true);
    let mut rows = Vec::new();
    let mut found = statement.raw_query();
    while let Some(row) = found.next()? {
        if wants_rows {
            let cells = (0..width).map(|at| row.get_ref(at).map(cell_out));
            rows.push(Value::Array(cells.collect::<Result<_, _>>()?));
        }
    }
    let changes = if is_readonly { 0 } else { connection.changes() };
    let rowid = connection.last_insert_rowid().to_string();
    Ok(json!({
        "cols": columns, "rows": rows, "affected_row_count": changes, "last_insert_rowid": rowid,
        "replication_index": null,
    }))
}

/// Runs several statements; their rows are lost.
pub(super) fn sequence(connection: &Connection, text: &str) -> Result<(), Problem> {
    for statement in parse(text)? {
        let mut statement = connection.prepare(&statement)?;
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// What a statement takes and gives.
pub(super) fn describe(connection: &Connection, text: &str) -> Result<Value, Problem> {
    let statement = connection.prepare(&parse_one(text)?)?;
    let params: Vec<_> =
        (1..=statement.parameter_count()).map(|at| json!({ "name": statement.parameter_name(at) })).collect();
    Ok(json!({
        "params": params, "cols": columns(&statement), "is_explain": statement.is_explain() != 0,
        "is_readonly": statement.readonly(),
    }))
}

/// Without the declared types, which nobody here asks for.
fn columns(statement: &Statement<'_>) -> Vec<Value> {
    let names = statement.column_names();
    names.into_iter().map(|name| json!({ "name": name, "decltype": null })).collect()
}

fn bind(statement: &mut Statement<'_>, stmt: &Value) -> Result<(), Problem> {
    let invalid =
        |what: &str| Problem::new("ARGS_INVALID", format!("Arguments do not match SQL parameters: {what}"));
    let positional = stmt["args"].as_array().map(Vec::as_slice).unwrap_or_default();
    if positional.len() > statement.parameter_count() {
        return Err(invalid("too many"));
    }
    for (at, argument) in positional.iter().enumerate() {
        let value = cell_in(argument).ok_or_else(|| invalid("no value"))?;
        statement.raw_bind_parameter(at + 1, value)?;
    }
    for argument in stmt["named_args"].as_array().into_iter().flatten() {
        let name = argument["name"].as_str().unwrap_or_default();
        let index = ["", ":", "@", "$"]
            .iter()
            .find_map(|prefix| statement.parameter_index(&format!("{prefix}{name}")).ok().flatten());
        let index = index.ok_or_else(|| invalid("no such name"))?;
        let value = cell_in(&argument["value"]).ok_or_else(|| invalid("no value"))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

fn cell_in(value: &Value) -> Option<Cell> {
    Some(match value["type"].as_str()? {
        "null" => Cell::Null,
        "integer" => Cell::Integer(value["value"].as_str()?.parse().ok()?),
        "float" => Cell::Real(value["value"].as_f64()?),
        "text" => Cell::Text(value["value"].as_str()?.to_owned()),
        "blob" => {
            let text = value["base64"].as_str()?.trim_end_matches('=');
            Cell::Blob(STANDARD_NO_PAD.decode(text).ok()?)
        }
        _ => return None,
    })
}

fn cell_out(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => json!({ "type": "null" }),
        ValueRef::Integer(number) => json!({ "type": "integer", "value": number.to_string() }),
        ValueRef::Real(number) => json!({ "type": "float", "value": number }),
        ValueRef::Text(text) => json!({ "type": "text", "value": String::from_utf8_lossy(text) }),
        ValueRef::Blob(bytes) => json!({ "type": "blob", "base64": STANDARD_NO_PAD.encode(bytes) }),
    }
}
