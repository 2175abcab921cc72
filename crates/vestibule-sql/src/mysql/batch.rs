//! A batch as one text: statements with their values written into them, in a transaction.
//!
//! No value is escaped, so no setting of the server changes what a value means: text travels as the digits of its
//! bytes, everything else has a fixed alphabet.

use std::fmt::Write as _;

use super::{Clock, check};
use crate::{DriverError, Row, Statement, Value};

/// What stands before the statements; each of them answers, without rows.
///
/// Not `START TRANSACTION`: a node of Galera that takes a `COMMIT` for a statement of its own runs it again when another
/// node's transaction has won (`wsrep_retry_autocommit`), and answers that it went well, when nothing was committed.
const BEFORE: [&str; 2] = ["SET SESSION autocommit = 0", "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"];

/// What stands after them.
const AFTER: [&str; 2] = ["COMMIT", "SET SESSION autocommit = 1"];

/// Releases what `GET_LOCK` took, which a transaction's end does not.
const RELEASE: &str = "DO RELEASE_ALL_LOCKS()";

/// Several statements as one transaction, to be sent as one message of the text protocol.
///
/// The server stops at the first error and leaves the transaction open: then [`undo`](Self::undo) must be sent, or
/// the connection thrown away.
#[derive(Clone)]
pub struct Batch {
    text: String,
    statements: usize,
    takes_lock: bool,
}

/// Tells how long it is, since the text holds values.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("statements", &self.statements).finish_non_exhaustive()
    }
}

impl Batch {
    /// Writes the statements with their values.
    ///
    /// # Errors
    ///
    /// [`DriverError::Refused`] if a value does not fit its statement.
    pub fn new(batch: &[(&Statement, &[Value])]) -> Result<Self, DriverError> {
        let mut text = BEFORE.join("; ");
        for (statement, params) in batch {
            check(statement, params)?;
            text.push_str("; ");
            write_statement(&mut text, statement, params)?;
        }
        for statement in AFTER {
            text.push_str("; ");
            text.push_str(statement);
        }
        let takes_lock = batch.iter().any(|(statement, _)| statement.name == "lock");
        if takes_lock {
            text.push_str("; ");
            text.push_str(RELEASE);
        }
        Ok(Self { text, statements: batch.len(), takes_lock })
    }

    /// The message. It holds values: never log it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The message, given away.
    pub fn into_text(self) -> String {
        self.text
    }

    /// What ends the transaction, and gives back its locks, after an error.
    pub fn undo(&self) -> &'static str {
        if self.takes_lock {
            "ROLLBACK; SET SESSION autocommit = 1; DO RELEASE_ALL_LOCKS()"
        } else {
            "ROLLBACK; SET SESSION autocommit = 1"
        }
    }

    /// How many answers the whole message has: one for each statement in it, with rows or without.
    pub fn results(&self) -> usize {
        BEFORE.len() + self.statements + AFTER.len() + usize::from(self.takes_lock)
    }

    /// Of the answers to the whole message, in order, those of the statements.
    ///
    /// # Errors
    ///
    /// [`DriverError::Unavailable`] if there are not as many as statements were sent; they may have been done.
    pub fn answers(&self, all: Vec<Vec<Row>>) -> Result<Vec<Vec<Row>>, DriverError> {
        if all.len() != self.results() {
            let problem = format!("{} answers came to {} statements", all.len(), self.results());
            return Err(DriverError::Unavailable(problem.into()));
        }
        Ok(all.into_iter().skip(BEFORE.len()).take(self.statements).collect())
    }
}

/// Copies the statement's text and puts a literal where a placeholder stands outside quotes.
fn write_statement(out: &mut String, statement: &Statement, params: &[Value]) -> Result<(), DriverError> {
    let refused = |problem: &str| {
        let problem = format!("{} cannot be sent as text: {problem}", statement.name);
        DriverError::Refused(problem.into())
    };
    let mut params = params.iter();
    let mut quote = None;
    for char in statement.text.trim_end_matches([';', ' ', '\n']).chars() {
        match (quote, char) {
            (None, '?') => {
                write_literal(out, params.next().ok_or_else(|| refused("a value is missing"))?);
                continue;
            }
            (None, '\'' | '"' | '`') => quote = Some(char),
            // A quote that is doubled inside closes and opens again.
            (Some(open), close) if open == close => quote = None,
            // Whether it escapes depends on the mode of the connection.
            (Some('\'' | '"'), '\\') => return Err(refused("it holds a backslash in quotes")),
            _ => {}
        }
        out.push(char);
    }
    if quote.is_some() || params.next().is_some() {
        return Err(refused("its placeholders cannot be told"));
    }
    Ok(())
}

fn write_literal(out: &mut String, value: &Value) {
    // Writing to a `String` does not fail. Parentheses keep a sign from joining one that stands before it.
    let written = match value {
        Value::Null => out.write_str("NULL"),
        Value::Bool(truth) => write!(out, "{}", u8::from(*truth)),
        Value::Int(number @ 0..) => write!(out, "{number}"),
        Value::Int(number) => write!(out, "({number})"),
        // With an exponent it is a DOUBLE and not a DECIMAL.
        Value::Real(number) => write!(out, "({number:e})"),
        Value::Text(text) => out.write_str("_utf8mb4 ").and_then(|()| write_hex(out, text.as_bytes())),
        Value::Bytes(bytes) => write_hex(out, bytes),
        Value::Time(time) => match Clock::at(*time) {
            Some(clock) => write!(out, "TIMESTAMP'{clock}'"),
            None => out.write_str("NULL"),
        },
    };
    debug_assert!(written.is_ok(), "a string takes everything");
}

fn write_hex(out: &mut String, bytes: &[u8]) -> std::fmt::Result {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(3 + 2 * bytes.len());
    out.push_str("X'");
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out.write_char('\'')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vestibule_core::Timestamp;

    use super::*;
    use crate::{Access, ParamType};

    fn statement(name: &'static str, text: &str, params: &[ParamType]) -> Statement {
        Statement { name, text: text.into(), params: params.into(), access: Access::Write }
    }

    fn rendered(text: &str, params: &[ParamType], values: &[Value]) -> Result<String, DriverError> {
        let mut out = String::new();
        write_statement(&mut out, &statement("test", text, params), values).map(|()| out)
    }

    #[test]
    fn a_batch_is_one_transaction_and_gives_its_locks_back_after_it() {
        let lock = statement("lock", "DO GET_LOCK(?, 5)", &[ParamType::Text]);
        let insert = statement("test", "INSERT INTO `t` VALUES (?)", &[ParamType::Int]);
        let (name, one) = ([Value::Text("a".into())], [Value::Int(1)]);

        let plain = Batch::new(&[(&insert, &one)]).unwrap();
        let locked = Batch::new(&[(&lock, &name), (&insert, &one)]).unwrap();

        let before = "SET SESSION autocommit = 0; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; ";
        assert_eq!(
            plain.text(),
            format!("{before}INSERT INTO `t` VALUES (1); COMMIT; SET SESSION autocommit = 1")
        );
        assert_eq!(plain.undo(), "ROLLBACK; SET SESSION autocommit = 1");
        assert_eq!(
            locked.text(),
            format!(
                "{before}DO GET_LOCK(_utf8mb4 X'61', 5); INSERT INTO `t` VALUES (1); COMMIT; SET SESSION autocommit = 1; DO RELEASE_ALL_LOCKS()"
            )
        );
        assert_eq!(locked.undo(), "ROLLBACK; SET SESSION autocommit = 1; DO RELEASE_ALL_LOCKS()");
    }

    #[test]
    fn answers_belong_to_their_statements() {
        let select = statement("test", "SELECT 1", &[]);
        let update = statement("test", "UPDATE `t` SET `a` = 1", &[]);
        let batch = Batch::new(&[(&update, &[]), (&select, &[])]).unwrap();
        let one = vec![vec![Value::Int(1)]];

        let answers = batch.answers(vec![vec![], vec![], vec![], one.clone(), vec![], vec![]]).unwrap();

        assert!(answers == [vec![], one]);
        assert!(matches!(batch.answers(vec![vec![], vec![], vec![]]), Err(DriverError::Unavailable(_))));
    }

    #[test]
    fn each_value_is_a_literal_of_its_type() {
        for (value, literal) in [
            (Value::Null, "NULL"),
            (Value::Bool(true), "1"),
            (Value::Int(42), "42"),
            (Value::Int(i64::MIN), "(-9223372036854775808)"),
            (Value::Real(1.5), "(1.5e0)"),
            (Value::Real(-0.1), "(-1e-1)"),
            (Value::Text(String::new()), "_utf8mb4 X''"),
            (Value::Text("é'\\\0".into()), "_utf8mb4 X'C3A9275C00'"),
            (Value::Bytes(vec![0, 255]), "X'00FF'"),
            (Value::Time(Timestamp::from_millis(1_925_089_445_678)), "TIMESTAMP'2031-01-02 03:04:05.678'"),
        ] {
            let mut out = String::new();
            write_literal(&mut out, &value);

            assert_eq!(out, literal);
        }
    }

    #[test]
    fn a_question_mark_in_quotes_is_no_placeholder() {
        let text = "SELECT `a``?`, 'it''s ?', \"?\" FROM `t` WHERE `b` = ?";

        let out = rendered(text, &[ParamType::Int], &[Value::Int(7)]).unwrap();

        assert_eq!(out, "SELECT `a``?`, 'it''s ?', \"?\" FROM `t` WHERE `b` = 7");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (text, values) in [
            ("SELECT '\\', ?, '", &[Value::Int(1)][..]),
            ("SELECT 'a", &[]),
            ("SELECT ?, ?", &[Value::Int(1)]),
            ("SELECT 1", &[Value::Int(1)]),
        ] {
            assert!(matches!(rendered(text, &[], values), Err(DriverError::Refused(_))), "{text}");
        }
    }

    #[test]
    fn a_batch_prints_no_value() {
        let select = statement("test", "SELECT ?", &[ParamType::Text]);

        let batch = Batch::new(&[(&select, &[Value::Text("hunter2".into())])]).unwrap();

        assert!(!format!("{batch:?}").contains("68756E74"));
    }

    proptest! {
        #[test]
        fn nothing_in_a_value_gets_out_of_its_literal(text: String) {
            let out = rendered("SELECT ?", &[ParamType::Text], &[Value::Text(text.clone())]).unwrap();

            let hex = out.strip_prefix("SELECT _utf8mb4 X'").and_then(|out| out.strip_suffix('\'')).unwrap();
            prop_assert!(hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            prop_assert_eq!(hex.len(), 2 * text.len());
        }
    }
}
