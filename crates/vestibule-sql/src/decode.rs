//! Rows into nouns, and nouns into arguments.

use serde_json::{Number, Value as Json};
use vestibule_core::{AdapterError, Extra, IdKind, Timestamp, UserId};

use crate::dialect::Family;
use crate::profile::{ExtraColumn, ExtraKind, Profile, Table, TimeForm};
use crate::{Dialect, Value, rfc3339};

/// Takes the cells of a row one by one and knows what they are called.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    profile: &'a Profile,
    dialect: Dialect,
    table: Table,
    fields: &'a [&'static str],
    at: usize,
    cells: &'a mut std::vec::IntoIter<Value>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(
        profile: &'a Profile,
        dialect: Dialect,
        table: Table,
        fields: &'a [&'static str],
        cells: &'a mut std::vec::IntoIter<Value>,
    ) -> Self {
        Self { profile, dialect, table, fields, at: 0, cells }
    }

    fn next(&mut self) -> Value {
        self.at += 1;
        self.cells.next().unwrap_or(Value::Null)
    }

    /// The error for the cell that was taken last.
    pub(crate) fn corrupt(&self, problem: &str) -> AdapterError {
        let field = self.fields.get(self.at.saturating_sub(1)).copied().unwrap_or_default();
        corrupt(self.profile, self.table, field, problem)
    }

    pub(crate) fn opt_text(&mut self) -> Result<Option<String>, AdapterError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => Err(self.corrupt(&format!("expected text, found {}", other.kind()))),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, AdapterError> {
        self.opt_text()?.ok_or_else(|| self.corrupt("expected text, found NULL"))
    }

    pub(crate) fn opt_id(&mut self) -> Result<Option<Box<str>>, AdapterError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(itoa::Buffer::new().format(number).into())),
            Value::Text(text) => Ok(Some(text.into())),
            other => Err(self.corrupt(&format!("expected an id, found {}", other.kind()))),
        }
    }

    pub(crate) fn id(&mut self) -> Result<Box<str>, AdapterError> {
        self.opt_id()?.ok_or_else(|| self.corrupt("expected an id, found NULL"))
    }

    pub(crate) fn opt_int(&mut self) -> Result<Option<i64>, AdapterError> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            other => Err(self.corrupt(&format!("expected an integer, found {}", other.kind()))),
        }
    }

    /// A point in time, in whichever form the cell has it.
    pub(crate) fn opt_time(&mut self) -> Result<Option<Timestamp>, AdapterError> {
        let value = self.next();
        let field = self.fields.get(self.at.saturating_sub(1)).copied().unwrap_or_default();
        let form = self.profile.time_form(self.table, field);
        match read_time(self.dialect, form, &value) {
            Ok(time) => Ok(time),
            Err(found) => Err(self.corrupt(&format!("expected a point in time, found {found}"))),
        }
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, AdapterError> {
        self.opt_time()?.ok_or_else(|| self.corrupt("expected a point in time, found NULL"))
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, AdapterError> {
        match self.next() {
            Value::Bool(truth) => Ok(truth),
            Value::Int(number @ (0 | 1)) => Ok(number == 1),
            other => Err(self.corrupt(&format!("expected a truth value, found {}", other.kind()))),
        }
    }

    /// The columns of the application's own, which end the row.
    pub(crate) fn extra(&mut self) -> Result<Extra, AdapterError> {
        let columns = self.profile.spec(self.table).map_or(&[][..], |spec| &spec.extra);
        let mut extra = Extra::new();
        for column in columns.iter().filter(|column| !column.hidden) {
            let value = self.next();
            let json = read_extra(self.dialect, column, value).map_err(|found| {
                let problem = format!("expected {:?}, found {found}", column.kind);
                corrupt(self.profile, self.table, &column.field, &problem)
            })?;
            extra.insert(column.field.clone(), json);
        }
        Ok(extra)
    }
}

fn corrupt(profile: &Profile, table: Table, field: &str, problem: &str) -> AdapterError {
    AdapterError::CorruptRow {
        table: profile.table_name(table).unwrap_or_default().into(),
        column: profile.column_name(table, field).unwrap_or_default().into(),
        problem: problem.into(),
    }
}

/// Beyond this, a number of seconds lies after the year 5138: it counts milliseconds.
pub(crate) const MOST_SECONDS: i64 = 100_000_000_000;

/// Reads a point in time from a cell by what it holds; the form decides only what the cell does not tell. The
/// error says what was found instead.
fn read_time(dialect: Dialect, form: &TimeForm, value: &Value) -> Result<Option<Timestamp>, String> {
    let number = |number: i64| match form {
        TimeForm::EpochSecondsText if number.abs() > MOST_SECONDS => Timestamp::from_millis(number),
        TimeForm::EpochSeconds | TimeForm::EpochSecondsText => Timestamp::from_secs(number),
        _ => Timestamp::from_millis(number),
    };
    match value {
        Value::Null => Ok(None),
        // PostgreSQL has turned a wall clock's time into a point already.
        Value::Time(time) if dialect.family() == Family::Postgres => Ok(Some(*time)),
        Value::Time(time) => Ok(Some(form.zone().point(*time))),
        Value::Int(count) => Ok(Some(number(*count))),
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        Value::Real(count) if count.fract() == 0.0 && count.abs() < 9e15 => Ok(Some(number(*count as i64))),
        Value::Text(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let time = if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                text.parse().ok().map(number)
            } else {
                rfc3339::read(text, form.zone())
            };
            time.map(Some).ok_or_else(|| "text that is no date".to_owned())
        }
        other => Err(other.kind().to_owned()),
    }
}

fn read_extra(dialect: Dialect, column: &ExtraColumn, value: Value) -> Result<Json, &'static str> {
    let kind = value.kind();
    match (&column.kind, value) {
        (_, Value::Null) => Ok(Json::Null),
        (ExtraKind::Text | ExtraKind::Typed(_), Value::Text(text)) => Ok(Json::String(text)),
        (ExtraKind::Int, Value::Int(number)) => Ok(number.into()),
        (ExtraKind::Real, Value::Real(number)) => Number::from_f64(number).map(Json::Number).ok_or(kind),
        #[expect(clippy::cast_precision_loss, reason = "SQLite keeps a whole number in a REAL column so")]
        (ExtraKind::Real, Value::Int(number)) => {
            Number::from_f64(number as f64).map(Json::Number).ok_or(kind)
        }
        (ExtraKind::Bool, Value::Bool(truth)) => Ok(truth.into()),
        (ExtraKind::Bool, Value::Int(number @ (0 | 1))) => Ok((number == 1).into()),
        (ExtraKind::Time | ExtraKind::TimeAs(_), value) => {
            let form = column.time_form();
            match read_time(dialect, form, &value) {
                Ok(Some(time)) => Ok(rfc3339::format(time).into()),
                _ => Err(kind),
            }
        }
        (ExtraKind::Json, Value::Text(text)) => {
            serde_json::from_str(&text).map_err(|_| "text that is no JSON")
        }
        _ => Err(kind),
    }
}

/// What stands for a JSON value in a column; the error says what the column takes.
pub(crate) fn write_extra(column: &ExtraColumn, json: &Json) -> Result<Value, &'static str> {
    match (&column.kind, json) {
        (_, Json::Null) => Ok(Value::Null),
        (ExtraKind::Json, json) => Ok(Value::Text(json.to_string())),
        (ExtraKind::Text | ExtraKind::Typed(_), Json::String(text)) => Ok(Value::Text(text.clone())),
        (ExtraKind::Int, Json::Number(number)) => {
            number.as_i64().map(Value::Int).ok_or("an integer of 64 bits")
        }
        (ExtraKind::Real, Json::Number(number)) => number.as_f64().map(Value::Real).ok_or("a number"),
        (ExtraKind::Bool, Json::Bool(truth)) => Ok(Value::Bool(*truth)),
        (ExtraKind::Time | ExtraKind::TimeAs(_), Json::String(text)) => {
            let time = rfc3339::parse(text).ok_or("a point in time such as 2030-01-02T03:04:05.678Z")?;
            Ok(Value::Time(time))
        }
        (ExtraKind::Text | ExtraKind::Typed(_), _) => Err("a string"),
        (ExtraKind::Int, _) => Err("an integer"),
        (ExtraKind::Real, _) => Err("a number"),
        (ExtraKind::Bool, _) => Err("a truth value"),
        (ExtraKind::Time | ExtraKind::TimeAs(_), _) => {
            Err("a point in time such as 2030-01-02T03:04:05.678Z")
        }
    }
}

pub(crate) fn opt_text(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

/// An id as the database compares it; `None` if it has the wrong shape and so names nobody.
pub(crate) fn user_id(id_kind: IdKind, id: &UserId) -> Option<Value> {
    let text = id.as_str();
    match id_kind {
        IdKind::Serial => {
            let number: i64 = text.parse().ok()?;
            (number.to_string() == text).then_some(Value::Int(number))
        }
        IdKind::Uuid => is_uuid(text).then(|| Value::Text(text.to_owned())),
        IdKind::Text => Some(Value::Text(text.to_owned())),
    }
}

/// Whether the text is a UUID in its canonical form: lower case, with hyphens (RFC 9562 §4).
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_the_wrong_shape_names_nobody() {
        let none = [
            (IdKind::Serial, "abc"),
            (IdKind::Serial, "007"),
            (IdKind::Serial, "+7"),
            (IdKind::Serial, ""),
            (IdKind::Serial, "99999999999999999999"),
            (IdKind::Uuid, "7"),
            (IdKind::Uuid, "6F9619FF-8B86-D011-B42D-00C04FC964FF"),
            (IdKind::Uuid, "6f9619ff-8b86-d011-b42d-00c04fc964f\u{0}"),
        ];
        for (kind, id) in none {
            assert_eq!(user_id(kind, &UserId::from(id)), None, "{kind:?} {id}");
        }

        assert_eq!(user_id(IdKind::Serial, &"-7".into()), Some(Value::Int(-7)));
        let uuid = "6f9619ff-8b86-d011-b42d-00c04fc964ff";
        assert_eq!(user_id(IdKind::Uuid, &uuid.into()), Some(Value::Text(uuid.into())));
    }
}
