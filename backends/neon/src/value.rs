//! Values out and in, in PostgreSQL's text format.

use serde_json::Value as Json;
use vestibule_core::BoxError;
use vestibule_sql::{DriverError, Value, postgres};

use crate::{Cells, time};

/// The types that are more than text, by their number in PostgreSQL's catalogue.
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const OID: u32 = 26;
    pub(super) const JSON: u32 = 114;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const JSONB: u32 = 3802;
}

/// A value on its way out: text or nothing, whatever its type.
pub(crate) fn out(value: &Value) -> Result<Option<String>, DriverError> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Real(number) => real(*number),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => hex(bytes),
        Value::Time(time) => {
            let text = time::write(*time);
            text.ok_or_else(|| DriverError::Refused("a point in time beyond PostgreSQL's".into()))?
        }
    }))
}

/// Every digit that is needed to read the same number again.
fn real(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        format!("{number:e}")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// A value on its way in, from a column of the type `kind`.
pub(crate) fn read(kind: u32, cell: Json, cells: Cells) -> Result<Value, BoxError> {
    match (kind, cell) {
        (_, Json::Null) => Ok(Value::Null),
        // A JSON string that was asked for as JSON is one without its quotes.
        (oid::JSON | oid::JSONB, cell) if cells == Cells::Json => Ok(Value::Text(cell.to_string())),
        (_, Json::String(text)) => read_text(kind, text),
        (oid::BOOL, Json::Bool(truth)) => Ok(Value::Bool(truth)),
        (oid::INT2 | oid::INT4 | oid::INT8 | oid::OID, Json::Number(number)) => {
            number.as_i64().map(Value::Int).ok_or_else(|| "an integer that is none".into())
        }
        (oid::FLOAT4 | oid::FLOAT8, Json::Number(number)) => {
            number.as_f64().map(Value::Real).ok_or_else(|| "a number that is none".into())
        }
        (_, other) => Ok(Value::Text(other.to_string())),
    }
}

fn read_text(kind: u32, text: String) -> Result<Value, BoxError> {
    Ok(match kind {
        oid::BOOL => match &*text {
            "t" | "true" => Value::Bool(true),
            "f" | "false" => Value::Bool(false),
            _ => return Err("a truth value that is neither t nor f".into()),
        },
        oid::INT2 | oid::INT4 | oid::INT8 | oid::OID => Value::Int(text.parse()?),
        // Rust reads `Infinity` and `NaN` as PostgreSQL writes them.
        oid::FLOAT4 | oid::FLOAT8 => Value::Real(text.parse()?),
        oid::TIMESTAMP | oid::TIMESTAMPTZ => Value::Time(time::read(&text).ok_or(
            "a point in time that is not written as PostgreSQL's DateStyle ISO writes it: is another one set?",
        )?),
        oid::BYTEA => Value::Bytes(unhex(&text).ok_or("bytes that are not written in hexadecimal")?),
        oid::BPCHAR => Value::Text(postgres::unpadded(&text).to_owned()),
        _ => Value::Text(text),
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok());
    rest.is_empty().then(|| bytes.collect())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reads(kind: u32, cell: Json, cells: Cells) -> Value {
        read(kind, cell, cells).unwrap()
    }

    #[test]
    fn text_is_read_by_the_type_of_its_column() {
        for (kind, text, expected) in [
            (16, "t", Value::Bool(true)),
            (16, "f", Value::Bool(false)),
            (17, "\\x00ffAb", Value::Bytes(vec![0, 255, 171])),
            (20, "-9223372036854775808", Value::Int(i64::MIN)),
            (21, "7", Value::Int(7)),
            (23, "-7", Value::Int(-7)),
            (700, "1.5", Value::Real(1.5)),
            (701, "1.797e+308", Value::Real(1.797e308)),
            (701, "-Infinity", Value::Real(f64::NEG_INFINITY)),
            (25, "t", Value::Text("t".into())),
            (1043, "", Value::Text(String::new())),
            (1043, " a ", Value::Text(" a ".into())),
            (1042, " a ", Value::Text(" a".into())),
            (1700, "1.10", Value::Text("1.10".into())),
            (3802, "{\"a\": 1}", Value::Text("{\"a\": 1}".into())),
            (99_999, "whatever", Value::Text("whatever".into())),
        ] {
            assert!(reads(kind, json!(text), Cells::Text) == expected, "{kind} {text}");
        }
        assert!(matches!(reads(701, json!("NaN"), Cells::Text), Value::Real(number) if number.is_nan()));
        assert!(reads(25, Json::Null, Cells::Text) == Value::Null);
    }

    #[test]
    fn json_is_read_by_the_type_of_its_column() {
        for (kind, cell, expected) in [
            (16, json!(true), Value::Bool(true)),
            (23, json!(7), Value::Int(7)),
            (20, json!("7"), Value::Int(7)),
            (701, json!(3), Value::Real(3.0)),
            (701, json!("Infinity"), Value::Real(f64::INFINITY)),
            (3802, json!("text"), Value::Text("\"text\"".into())),
            (114, json!({"a": 1}), Value::Text("{\"a\":1}".into())),
            (25, json!("text"), Value::Text("text".into())),
        ] {
            assert!(reads(kind, cell.clone(), Cells::Json) == expected, "{kind} {cell}");
        }
    }

    #[test]
    fn what_does_not_fit_its_type_is_an_error() {
        for (kind, cell) in [
            (16, json!("yes")),
            (17, json!("\\x0")),
            (17, json!("escaped")),
            (17, json!("\\xäö")),
            (20, json!("9223372036854775808")),
            (23, json!(1.5)),
            (701, json!("one")),
            (1184, json!("01/02/2026")),
        ] {
            assert!(read(kind, cell.clone(), Cells::Text).is_err(), "{kind} {cell}");
        }
    }

    #[test]
    fn numbers_go_out_with_every_digit() {
        for number in [0.1, -1e-7, 1.797e308, 5e-324, 3.0, 0.0, -0.0] {
            assert_eq!(real(number).parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
        assert_eq!(real(f64::NEG_INFINITY), "-Infinity");
        assert_eq!(hex(&[0, 255]), "\\x00ff");
    }
}
