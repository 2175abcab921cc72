//! Where the columns of a table stand in the text that made it, as SQLite keeps it.

use std::ops::Range;

/// The text of a `CREATE TABLE`, taken apart as far as changing the types of its columns needs.
#[derive(Debug)]
pub(super) struct Definition<'a> {
    text: &'a str,
    /// Where the list of columns begins.
    body: usize,
    pub(super) columns: Vec<DefinedColumn>,
    /// Whether the primary key stands beside the columns.
    pub(super) has_primary_key: bool,
}

#[derive(Debug)]
pub(super) struct DefinedColumn {
    pub(super) name: String,
    pub(super) is_primary_key: bool,
    /// What is between the name and the first constraint.
    type_name: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Quoted,
    Other,
}

type Token = (Kind, usize, usize);

/// What ends a column's type.
const CONSTRAINTS: [&str; 10] = [
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "GENERATED",
];
/// What begins a constraint of the table.
const OF_TABLE: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

impl<'a> Definition<'a> {
    /// `None` if the text is not understood.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let tokens = tokens(text)?;
        let word = |at: usize, word: &str| tokens.get(at).is_some_and(|token| is_word(text, token, word));
        if !(word(0, "CREATE") && word(1, "TABLE")) {
            return None;
        }
        let open = tokens.iter().position(|token| is_other(text, token, "("))?;
        let mut definition = Self { text, body: tokens[open].1, columns: Vec::new(), has_primary_key: false };
        let (mut depth, mut part) = (0_usize, Vec::new());
        for token in &tokens[open..] {
            let (opens, closes) = (is_other(text, token, "("), is_other(text, token, ")"));
            depth = if closes { depth.checked_sub(1)? } else { depth + usize::from(opens) };
            if depth == 0 || (depth == 1 && is_other(text, token, ",")) {
                definition.part(&part)?;
                part.clear();
                if depth == 0 {
                    return Some(definition);
                }
            } else if !(opens && depth == 1) {
                part.push(*token);
            }
        }
        None
    }

    /// A column, or a constraint of the table.
    fn part(&mut self, tokens: &[Token]) -> Option<()> {
        let text = self.text;
        let any = |token: &Token, words: &[&str]| words.iter().any(|word| is_word(text, token, word));
        let has_primary = tokens.iter().any(|token| is_word(text, token, "PRIMARY"));
        let (first, rest) = tokens.split_first()?;
        if any(first, &OF_TABLE) {
            self.has_primary_key |= has_primary;
            return Some(());
        }
        let until = rest
            .iter()
            .position(|token| any(token, &CONSTRAINTS) || is_word(text, token, "AS"))
            .unwrap_or(rest.len());
        let of_type = &rest[..until];
        let type_name = match (of_type.first(), of_type.last()) {
            (Some(from), Some(to)) => from.1..to.2,
            _ => first.2..first.2,
        };
        self.columns.push(DefinedColumn {
            name: unquoted(&text[first.1..first.2]),
            is_primary_key: has_primary,
            type_name,
        });
        Some(())
    }

    /// The text that makes the table `name`, quoted already, with other types for the columns of these places.
    pub(super) fn with_types(&self, name: &str, types: &[(usize, String)]) -> String {
        let mut text = format!("CREATE TABLE {name} ");
        let mut from = self.body;
        for (at, column) in self.columns.iter().enumerate() {
            if let Some((_, type_name)) = types.iter().find(|(place, _)| *place == at) {
                text.push_str(&self.text[from..column.type_name.start]);
                if column.type_name.is_empty() {
                    text.push(' ');
                }
                text.push_str(type_name);
                from = column.type_name.end;
            }
        }
        text.push_str(&self.text[from..]);
        text
    }

    /// Whether a keyword is anywhere in it.
    pub(super) fn says(&self, keyword: &str) -> bool {
        tokens(self.text).is_some_and(|tokens| tokens.iter().any(|token| is_word(self.text, token, keyword)))
    }
}

fn is_word(text: &str, &(kind, from, to): &Token, word: &str) -> bool {
    kind == Kind::Word && text[from..to].eq_ignore_ascii_case(word)
}

fn is_other(text: &str, &(kind, from, to): &Token, other: &str) -> bool {
    kind == Kind::Other && &text[from..to] == other
}

/// An identifier without its quotes.
fn unquoted(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some('[') => text[1..].trim_end_matches(']').to_owned(),
        Some(quote @ ('"' | '`' | '\'')) => {
            let inner = text[1..].strip_suffix(quote).unwrap_or(&text[1..]);
            inner.replace(&format!("{quote}{quote}"), &quote.to_string())
        }
        _ => text.to_owned(),
    }
}

/// Words, what is quoted, and single characters, without comments and spaces. `None` if a quote has no end.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(first) = text[from..].chars().next() {
        let rest = &text[from..];
        let is_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
        let (kind, length) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else if rest.starts_with("--") {
            (None, rest.find('\n').map_or(rest.len(), |end| end + 1))
        } else if rest.starts_with("/*") {
            (None, rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else if let Some(end) = match first {
            '[' => Some(']'),
            '"' | '`' | '\'' => Some(first),
            _ => None,
        } {
            (Some(Kind::Quoted), quoted_length(rest, end)?)
        } else if is_of_word(first) {
            (Some(Kind::Word), rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()))
        } else {
            (Some(Kind::Other), first.len_utf8())
        };
        tokens.extend(kind.map(|kind| (kind, from, from + length)));
        from += length;
    }
    Some(tokens)
}

/// How long a quoted text is with its quotes, of which two stand for one within it.
fn quoted_length(text: &str, end: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find(end)? + 1;
        if end == ']' || !text[at..].starts_with(end) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_changed_and_nothing_else() {
        let text = "CREATE TABLE \"odd (name\" (\n  id INT PRIMARY KEY, -- a, (comment)\n  [e mail] BLOB NOT NULL CHECK ([e mail] <> ',)'),\n  \
                    untyped, `amount` DECIMAL(10, 2) DEFAULT (1 + 2), \"a \"\"b\"\"\" unsigned big int UNIQUE,\n  \
                    whole AS (id + 1), CONSTRAINT k UNIQUE (id, untyped)\n) STRICT";
        let definition = Definition::read(text).unwrap();

        let names: Vec<_> = definition.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["id", "e mail", "untyped", "amount", "a \"b\"", "whole"]);
        assert!(definition.columns[0].is_primary_key && !definition.columns[1].is_primary_key);
        assert!(!definition.has_primary_key && definition.says("strict") && !definition.says("comment"));
        let types: Vec<_> = (0..5).map(|at| (at, format!("T{at}"))).collect();
        let changed = definition.with_types("new", &types);
        let expected = text
            .replace("\"odd (name\"", "new")
            .replace("INT PRIMARY", "T0 PRIMARY")
            .replace("BLOB", "T1")
            .replace("untyped, `", "untyped T2, `")
            .replace("DECIMAL(10, 2)", "T3")
            .replace("unsigned big int", "T4");
        assert_eq!(changed, expected);
    }

    #[test]
    fn a_primary_key_beside_the_columns_is_seen() {
        let text = "CREATE TABLE t(a TEXT, b, CONSTRAINT x PRIMARY KEY (a, b)) WITHOUT ROWID";
        let definition = Definition::read(text).unwrap();

        assert!(definition.has_primary_key && definition.columns.len() == 2);
        assert!(definition.says("WITHOUT"));
    }

    #[test]
    fn what_makes_no_table_is_not_understood() {
        for text in [
            "",
            "CREATE VIEW v AS SELECT (1)",
            "CREATE VIRTUAL TABLE t USING fts5(a)",
            "CREATE TABLE t (a",
            "CREATE TABLE t (a '",
        ] {
            assert!(Definition::read(text).is_none(), "{text}");
        }
    }
}
