//! Several statements as one text, and so as one round trip.

use std::fmt::Write as _;

use crate::{Statement, Value};

/// The only column of the row that ends each statement's rows; the cell is the statement's position.
///
/// A statement without rows leaves nothing behind that a client could see between others, so each is followed by a
/// row that says which one has ended.
pub const END_OF_STATEMENT: &str = "vestibule:end";

/// Statements that run as one transaction, as a single text with its parameters.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The text, for `sp_executesql`, with parameters `@P1` and so on.
    pub text: String,
    /// The parameters, with the statement and the position in it that each came from.
    pub params: Vec<(&'a Statement, usize, &'a Value)>,
}

/// Frames statements as one transaction at `READ COMMITTED`, and renumbers their parameters.
///
/// The first error undoes everything and is the one reported. A connection that is inside a transaction already is
/// refused: what runs here could be undone later.
pub fn batch<'a>(statements: &[(&'a Statement, &'a [Value])]) -> Batch<'a> {
    let room: usize = statements.iter().map(|(statement, _)| statement.text.len() + 64).sum();
    let mut text = String::with_capacity(room + 512);
    text.push_str(
        "SET NOCOUNT, XACT_ABORT ON;\n\
         IF @@TRANCOUNT > 0 THROW 50000, 'the connection is inside a transaction', 1;\n\
         SET TRANSACTION ISOLATION LEVEL READ COMMITTED;\n\
         BEGIN TRY\n\
         BEGIN TRANSACTION;\n",
    );
    let mut params = Vec::new();
    for (position, (statement, values)) in statements.iter().enumerate() {
        renumber(&statement.text, params.len(), &mut text);
        // Writing to a string cannot fail.
        let _ = writeln!(text, ";\nSELECT {position} AS [{END_OF_STATEMENT}];");
        params.extend(values.iter().enumerate().map(|(at, value)| (*statement, at, value)));
    }
    text.push_str(
        "COMMIT TRANSACTION;\n\
         END TRY\n\
         BEGIN CATCH\n\
         IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\n\
         THROW;\n\
         END CATCH;",
    );
    Batch { text, params }
}

/// Copies `text` with every `@P1`, also as the beginning of a local variable's name, moved up by `by`. What stands
/// in quotes or brackets stays.
fn renumber(text: &str, by: usize, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['@', '\'', '"', '[']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        rest = match here.as_bytes()[0] {
            b'@' => parameter(here, by, out),
            opened => quoted(here, if opened == b'[' { ']' } else { char::from(opened) }, out),
        };
    }
    out.push_str(rest);
}

fn parameter<'a>(text: &'a str, by: usize, out: &mut String) -> &'a str {
    let digits =
        text.strip_prefix("@P").map_or(0, |name| name.bytes().take_while(u8::is_ascii_digit).count());
    let (number, rest) = text.split_at(if digits == 0 { 1 } else { digits + 2 });
    match number.get(2..).and_then(|number| number.parse::<usize>().ok()) {
        Some(position) => {
            let _ = write!(out, "@P{}", position + by);
        }
        None => out.push_str(number),
    }
    // `@@ROWCOUNT` and the like are no parameters, whatever follows.
    match rest.strip_prefix('@').filter(|_| digits == 0) {
        Some(rest) => {
            out.push('@');
            rest
        }
        None => rest,
    }
}

/// Copies what is in quotes or brackets; where the closing one is doubled it does not close.
fn quoted<'a>(text: &'a str, close: char, out: &mut String) -> &'a str {
    let mut end = 1;
    while let Some(at) = text[end..].find(close) {
        end += at + 1;
        if !text[end..].starts_with(close) {
            break;
        }
        end += 1;
    }
    let is_closed = end > 1 && text[..end].ends_with(close);
    let (quoted, rest) = text.split_at(if is_closed { end } else { text.len() });
    out.push_str(quoted);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, ParamType};

    fn statement(text: &str, params: usize) -> Statement {
        let params = vec![ParamType::Int; params].into();
        Statement { name: "x", text: text.into(), params, access: Access::Write }
    }

    #[test]
    fn statements_travel_as_one_transaction() {
        let (first, second) =
            (statement("DELETE a WHERE x = @P1", 1), statement("DELETE b WHERE x = @P2 + @P1", 2));
        let (one, two) = ([Value::Int(1)], [Value::Int(2), Value::Int(3)]);

        let batch = batch(&[(&first, &one), (&second, &two)]);

        assert_eq!(
            batch.text,
            "SET NOCOUNT, XACT_ABORT ON;\n\
             IF @@TRANCOUNT > 0 THROW 50000, 'the connection is inside a transaction', 1;\n\
             SET TRANSACTION ISOLATION LEVEL READ COMMITTED;\n\
             BEGIN TRY\n\
             BEGIN TRANSACTION;\n\
             DELETE a WHERE x = @P1;\n\
             SELECT 0 AS [vestibule:end];\n\
             DELETE b WHERE x = @P3 + @P2;\n\
             SELECT 1 AS [vestibule:end];\n\
             COMMIT TRANSACTION;\n\
             END TRY\n\
             BEGIN CATCH\n\
             IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\n\
             THROW;\n\
             END CATCH;"
        );
        let values: Vec<_> = batch.params.iter().map(|(_, at, value)| (*at, (*value).clone())).collect();
        assert_eq!(values, [(0, Value::Int(1)), (0, Value::Int(2)), (1, Value::Int(3))]);
    }

    #[test]
    fn only_parameters_are_renumbered() {
        for (text, expected) in [
            ("@P1, @P10, @P1key = @P2", "@P5, @P14, @P5key = @P6"),
            (
                "[@P1] [a]] @P1] '@P1' 'it''s @P1' \"@P1\" @P1",
                "[@P1] [a]] @P1] '@P1' 'it''s @P1' \"@P1\" @P5",
            ),
            ("@@ROWCOUNT @@P1 @held @P", "@@ROWCOUNT @@P1 @held @P"),
            ("naïve @P3 — '", "naïve @P7 — '"),
            ("'' [x]]] @P1 'a''", "'' [x]]] @P5 'a''"),
        ] {
            let mut out = String::new();
            renumber(text, 4, &mut out);
            assert_eq!(out, expected);
        }
    }
}
