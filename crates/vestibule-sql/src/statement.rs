//! Statements, and the plans that make an operation out of them.

use std::sync::Arc;

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
}

/// One statement of a plan and, for each of its parameters, which argument of the operation it is.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) statement: Statement,
    pub(crate) args: Box<[usize]>,
}

impl Step {
    /// Picks this statement's parameters out of the operation's arguments.
    pub(crate) fn pick(&self, args: &[Value]) -> Vec<Value> {
        self.args.iter().map(|&index| args[index].clone()).collect()
    }

    /// Whether the parameters are just the arguments, so that nothing need be copied.
    pub(crate) fn takes_all(&self, args: &[Value]) -> bool {
        self.args.len() == args.len() && self.args.iter().enumerate().all(|(at, &index)| at == index)
    }
}

impl From<Step> for Plan {
    fn from(step: Step) -> Self {
        Self { steps: vec![step] }
    }
}

/// Writes one statement: hands out placeholders and remembers which argument each stands for.
#[derive(Debug)]
pub(crate) struct Query {
    dialect: Dialect,
    params: Vec<ParamType>,
    args: Vec<usize>,
}

impl Query {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, params: Vec::new(), args: Vec::new() }
    }

    /// The placeholder for argument `index`, declared as `kind`. Asked again, it is the same placeholder.
    pub(crate) fn arg(&mut self, index: usize, kind: ParamType) -> String {
        let position =
            self.args.iter().zip(&self.params).position(|(&arg, &declared)| arg == index && declared == kind);
        let position = position.unwrap_or_else(|| {
            self.args.push(index);
            self.params.push(kind);
            self.args.len() - 1
        });
        self.dialect.placeholder(position + 1, kind)
    }

    pub(crate) fn read(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Read, text)
    }

    pub(crate) fn write(self, name: &'static str, text: String) -> Step {
        self.step(name, Access::Write, text)
    }

    fn step(self, name: &'static str, access: Access, text: String) -> Step {
        let statement = Statement { name, text: text.into(), params: self.params.into(), access };
        Step { statement, args: self.args.into() }
    }
}
