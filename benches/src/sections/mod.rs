//! The parts of the benchmark, each a question.

pub(crate) mod flat;
pub(crate) mod inline_reads;
pub(crate) mod pg_adapter;
pub(crate) mod raw;
pub(crate) mod session_route;
pub(crate) mod shared;
