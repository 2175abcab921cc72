//! The same statements as somebody writes them by hand on the raw driver: prepared and kept, with typed
//! parameters and typed columns.

pub(crate) mod postgres;
pub(crate) mod session;
pub(crate) mod sqlite;

use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::operation::Operation;
use crate::recorded::Texts;

/// The one statement of an operation.
pub(crate) fn one(texts: &Texts, operation: Operation) -> Result<&Arc<str>> {
    match all(texts, operation)? {
        [text] => Ok(text),
        more => bail!("{} is {} statements", operation.name(), more.len()),
    }
}

/// Exactly this many statements of an operation.
fn several<const N: usize>(texts: &Texts, operation: Operation) -> Result<&[Arc<str>; N]> {
    let texts = all(texts, operation)?;
    texts.try_into().with_context(|| format!("{} is {} statements, not {N}", operation.name(), texts.len()))
}

fn all(texts: &Texts, operation: Operation) -> Result<&[Arc<str>]> {
    texts
        .get(&operation)
        .map(Vec::as_slice)
        .with_context(|| format!("nothing recorded for {}", operation.name()))
}
