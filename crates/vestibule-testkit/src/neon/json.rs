//! Parameters from JSON, and rows to JSON.

use serde_json::{Map, Value, json};

use super::wire::{Answer, Column};

/// A parameter as PostgreSQL reads it: texts as they are, arrays in its own notation, everything else as JSON.
pub(super) fn param(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => array(value),
        other => Some(other.to_string()),
    }
}

fn array(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<_> =
                items.iter().map(|item| array(item).unwrap_or_else(|| "NULL".to_owned())).collect();
            Some(format!("{{{}}}", items.join(",")))
        }
        Value::Object(_) => Some(Value::String(value.to_string()).to_string()),
        other => Some(other.to_string()),
    }
}

/// How a client wants its rows.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Every value as PostgreSQL's text.
    pub(super) raw: bool,
    /// Rows as arrays rather than objects.
    pub(super) arrays: bool,
}

/// The answer to one statement.
pub(super) fn answer(answer: &Answer, style: Style) -> Value {
    let mut tag = answer.tag.split(' ');
    let command = tag.next().unwrap_or_default();
    let count = if command == "INSERT" { tag.nth(1) } else { tag.next() };
    let count: Option<u64> = count.and_then(|count| count.parse().ok());
    let fields: Vec<_> = answer.columns.iter().map(field).collect();
    let rows: Vec<_> = answer.rows.iter().map(|cells| row(&answer.columns, cells, style)).collect();
    json!({
        "fields": fields, "rows": rows, "command": command, "rowCount": count, "rowAsArray": style.arrays,
    })
}

fn field(column: &Column) -> Value {
    json!({
        "name": column.name, "dataTypeID": column.kind, "tableID": column.table, "columnID": column.number,
        "dataTypeSize": column.size, "dataTypeModifier": column.modifier, "format": "text",
    })
}

fn row(columns: &[Column], cells: &[Option<String>], style: Style) -> Value {
    let values = columns.iter().zip(cells).map(|(column, cell)| match cell {
        None => Value::Null,
        Some(text) if style.raw => Value::from(text.as_str()),
        Some(text) => typed(column.kind, text),
    });
    if style.arrays {
        values.collect()
    } else {
        let names = columns.iter().map(|column| column.name.clone());
        Value::Object(names.zip(values).collect::<Map<_, _>>())
    }
}

/// The value as JSON has it, where JSON has such a type.
fn typed(kind: u32, text: &str) -> Value {
    let parsed = match kind {
        16 => Some(Value::Bool(text == "t")),
        21 | 23 => text.parse::<i32>().ok().map(Value::from),
        700 | 701 => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
        114 | 3802 => serde_json::from_str(text).ok(),
        _ => element(kind).and_then(|element| {
            let (items, rest) = items(text, element)?;
            rest.is_empty().then_some(items)
        }),
    };
    parsed.unwrap_or_else(|| Value::from(text))
}

/// The type of the elements of an array type.
fn element(kind: u32) -> Option<u32> {
    Some(match kind {
        1000 => 16,
        1005 => 21,
        1007 => 23,
        1016 => 20,
        1009 => 25,
        1015 => 1043,
        1021 => 700,
        1022 => 701,
        199 => 114,
        3807 => 3802,
        2951 => 2950,
        1185 => 1184,
        _ => return None,
    })
}

/// The items of an array in PostgreSQL's notation, and what follows it.
fn items(text: &str, kind: u32) -> Option<(Value, &str)> {
    let mut rest = text.strip_prefix('{')?;
    let mut items = Vec::new();
    if let Some(after) = rest.strip_prefix('}') {
        return Some((Value::Array(items), after));
    }
    loop {
        let item;
        (item, rest) = match rest.chars().next()? {
            '{' => self::items(rest, kind)?,
            '"' => {
                let (text, after) = quoted(&rest[1..])?;
                (typed(kind, &text), after)
            }
            _ => {
                let (text, after) = rest.split_at(rest.find([',', '}'])?);
                (if text == "NULL" { Value::Null } else { typed(kind, text) }, after)
            }
        };
        items.push(item);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((Value::Array(items), after));
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.char_indices());
    while let Some((at, character)) = chars.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_written_as_postgres_reads_them() {
        let params = json!([null, "a\"b", 1.5, true, {"a": [1]}, [1, "x\"y", null, [true]], [{"a": 1}]]);
        let written: Vec<_> = params.as_array().unwrap().iter().map(param).collect();

        let expected =
            ["a\"b", "1.5", "true", "{\"a\":[1]}", r#"{1,"x\"y",NULL,{true}}"#, r#"{"{\"a\":1}"}"#];
        assert_eq!(written[0], None);
        assert_eq!(written[1..], expected.map(|text| Some(text.to_owned())));
    }

    #[test]
    fn values_become_what_json_has_for_them() {
        for (kind, text, expected) in [
            (16, "t", json!(true)),
            (23, "-7", json!(-7)),
            (20, "7", json!("7")),
            (701, "1.5", json!(1.5)),
            (701, "NaN", json!("NaN")),
            (3802, "{\"a\": null}", json!({"a": null})),
            (1184, "2026-01-02 03:04:05+00", json!("2026-01-02 03:04:05+00")),
            (1007, "{1,NULL,{2}}", json!([1, null, [2]])),
            (1009, r#"{a,"b\"c","NULL",NULL,""}"#, json!(["a", "b\"c", "NULL", null, ""])),
            (1009, "{}", json!([])),
        ] {
            assert_eq!(typed(kind, text), expected, "{kind} {text}");
        }
    }
}
