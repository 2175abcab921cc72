//! Statements, and the plans that make an operation out of them.

use std::sync::Arc;

use vestibule_core::Timestamp;

use crate::wire::Wire;
use crate::{Dialect, ParamType, Value};

/// Whether a statement writes. A driver may send reads elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Changes nothing and locks nothing.
    Read,
    /// Changes rows, takes a lock, or must see what the transaction before it in the batch did.
    Write,
}

/// One statement, compiled once for a profile and a dialect.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The operation it belongs to; for spans and messages.
    pub name: &'static str,
    /// The text, complete: identifiers quoted, placeholders numbered from 1. It never holds a value.
    pub text: Arc<str>,
    /// The declared type of each parameter.
    pub params: Box<[ParamType]>,
    /// Whether it writes.
    pub access: Access,
}

/// How an operation is done: statements that share the operation's arguments.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// The step whose rows are the answer.
    pub(crate) answer: usize,
    /// The step that tells what an insertion found, where that does not stand in the answer's own row.
    pub(crate) probe: Option<usize>,
    /// Whether the answer is one number: how many rows were touched.
    pub(crate) counts: bool,
}

impl Plan {
    /// The last step answers.
    pub(crate) fn of(steps: Vec<Step>) -> Self {
        let answer = steps.len().saturating_sub(1);
        Self { steps, answer, probe: None, counts: false }
    }

    /// The step of this index answers.
    pub(crate) fn answered_by(mut self, answer: usize) -> Self {
        self.answer = answer;
        self
    }

    pub(crate) fn probed_by(mut self, probe: usize) -> Self {
        self.probe = Some(probe);
        self
    }

    /// Puts a step before all others.
    pub(crate) fn after(mut self, first: Option<Step>) -> Self {
        if let Some(first) = first {
            self.steps.insert(0, first);
            self.answer += 1;
            self.probe = self.probe.map(|probe| probe + 1);
        }
        self
    }
}

/// One statement of a plan and what each of its parameters is.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) statement: Statement,
    /// Whether it reads a row or two by unique keys that are there.
    pub(crate) is_look_up: bool,
    params: Box<[Param]>,
}

/// A parameter: an argument of the operation, and how it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Param {
    arg: usize,
    wire: Wire,
}

impl Step {
    /// Says that the statement reads a row or two by unique keys, if those are there.
    pub(crate) fn look_up_if(mut self, keys_are_there: bool) -> Self {
        self.is_look_up = keys_are_there;
        self
    }

    /// Makes this statement's parameters out of the operation's arguments.
    ///
    /// # Errors
    ///
    /// A point in time that its column cannot hold.
    pub(crate) fn pick(&self, args: &[Value]) -> Result<Vec<Value>, Timestamp> {
        self.params.iter().map(|param| param.wire.encode(&args[param.arg])).collect()
    }

    /// Whether the parameters are just the arguments, so that nothing need be copied.
    pub(crate) fn takes_all(&self, args: &[Value]) -> bool {
        let as_is = |(at, param): (usize, &Param)| param.arg == at && param.wire == Wire::AsIs;
        self.params.len() == args.len() && self.params.iter().enumerate().all(as_is)
    }
}

impl From<Step> for Plan {
    fn from(step: Step) -> Self {
        Self::of(vec![step])
    }
}

/// Writes one statement: hands out placeholders and remembers which argument each stands for.
#[derive(Debug)]
pub(crate) struct Query {
    dialect: Dialect,
    types: Vec<ParamType>,
    params: Vec<Param>,
}

impl Query {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, types: Vec::new(), params: Vec::new() }
    }

    /// The placeholder for argument `arg`, declared as `own`.
    pub(crate) fn arg(&mut self, arg: usize, own: ParamType) -> String {
        self.param(arg, own, Wire::AsIs)
    }

    /// The placeholder for argument `arg`, which travels as `wire` says and is otherwise declared as `own`. Asked
    /// again, it is the same placeholder. It may stand anywhere in the text, and in several places.
    pub(crate) fn param(&mut self, arg: usize, own: ParamType, wire: Wire) -> String {
        let declared = wire.param_type(own);
        let param = Param { arg, wire };
        let mut both = self.params.iter().zip(&self.types);
        let known = both.position(|(known, &known_type)| *known == param && known_type == declared);
        let position = known.unwrap_or_else(|| {
            self.params.push(param);
            self.types.push(declared);
            self.params.len() - 1
        });
        if self.dialect.numbers_placeholders() {
            self.dialect.placeholder(position + 1, declared)
        } else {
            format!("{MARK}{position}{MARK}")
        }
    }

    pub(crate) fn read(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Read, text)
    }

    pub(crate) fn write(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Write, text)
    }

    fn step(mut self, name: &'static str, access: Access, mut text: String) -> Step {
        if !self.dialect.numbers_placeholders() {
            text = self.in_order(&text);
        }
        let statement = Statement { name, text: text.into(), params: self.types.into(), access };
        Step { statement, is_look_up: false, params: self.params.into() }
    }

    /// Turns marks into placeholders without numbers, and has one parameter for each, in the order of the text.
    fn in_order(&mut self, text: &str) -> String {
        let (mut out, mut types, mut params) = (String::with_capacity(text.len()), Vec::new(), Vec::new());
        for (at, piece) in text.split(MARK).enumerate() {
            let position = if at % 2 == 1 { piece.parse().ok() } else { None };
            match position.and_then(|at: usize| Some((self.types.get(at)?, self.params.get(at)?))) {
                Some((kind, param)) => {
                    types.push(*kind);
                    params.push(param.clone());
                    out.push_str(&self.dialect.placeholder(types.len(), *kind));
                }
                None => out.push_str(piece),
            }
        }
        (self.types, self.params) = (types, params);
        out
    }
}

/// Stands around the position of a parameter until the text is whole, where placeholders have no numbers: a character
/// that no text has.
const MARK: char = '\u{fdd0}';

#[cfg(test)]
mod tests {
    use super::*;

    /// The text, and which argument each placeholder stands for.
    fn step(dialect: Dialect) -> (String, Vec<usize>) {
        let mut query = Query::new(dialect);
        let [a, b, c] = [7, 8, 7].map(|arg| query.arg(arg, ParamType::Int));
        let step = query.write("test", format!("SET x = {b} WHERE y = {a} AND z = {c} AND s = '?'"));
        let params = step.params.iter().map(|param| param.arg).collect();
        assert_eq!(step.statement.params.len(), step.params.len());
        (step.statement.text.to_string(), params)
    }

    #[test]
    fn a_placeholder_stands_for_its_argument_wherever_it_stands() {
        let mysql = ("SET x = ? WHERE y = ? AND z = ? AND s = '?'".to_owned(), vec![8, 7, 7]);
        let sqlite = ("SET x = ?2 WHERE y = ?1 AND z = ?1 AND s = '?'".to_owned(), vec![7, 8]);

        assert_eq!(step(Dialect::MySql), mysql);
        assert_eq!(step(Dialect::Sqlite), sqlite);
    }
}
