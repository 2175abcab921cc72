//! Databases made for the run, filled, and gone afterwards.

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// A number of rows as scales have it: `1e5`.
pub(crate) fn short(sessions: usize) -> String {
    match sessions.checked_ilog10() {
        Some(power) if 10_usize.pow(power) == sessions => format!("1e{power}"),
        _ => sessions.to_string(),
    }
}
