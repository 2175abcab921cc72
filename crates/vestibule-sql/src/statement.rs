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
    params: Box<[Param]>,
}

/// A parameter: an argument of the operation, and how it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Param {
    arg: usize,
    wire: Wire,
}

impl Step {
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
    /// again, it is the same placeholder, where the database numbers them.
    pub(crate) fn param(&mut self, arg: usize, own: ParamType, wire: Wire) -> String {
        let declared = wire.param_type(own);
        let param = Param { arg, wire };
        let mut both = self.params.iter().zip(&self.types);
        let known = both.position(|(known, &known_type)| *known == param && known_type == declared);
        let position = known.filter(|_| self.dialect.numbers_placeholders()).unwrap_or_else(|| {
            self.params.push(param);
            self.types.push(declared);
            self.params.len() - 1
        });
        self.dialect.placeholder(position + 1, declared)
    }

    pub(crate) fn read(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Read, text)
    }

    pub(crate) fn write(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Write, text)
    }

    fn step(self, name: &'static str, access: Access, text: String) -> Step {
        let statement = Statement { name, text: text.into(), params: self.types.into(), access };
        Step { statement, params: self.params.into() }
    }
}
