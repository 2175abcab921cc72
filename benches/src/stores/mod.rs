//! Databases made for the run, filled, and gone afterwards.

pub(crate) mod mysql;
pub(crate) mod postgres;
pub(crate) mod sqlite;

/// A number of rows as scales have it: `1e5`.
pub(crate) fn short(sessions: usize) -> String {
    match sessions.checked_ilog10() {
        Some(power) if 10_usize.pow(power) == sessions => format!("1e{power}"),
        _ => sessions.to_string(),
    }
}

/// `postgres://user@host/this?…` with another database.
fn with_database(url: &str, name: &str) -> Option<String> {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let (server, _) =
        base.rsplit_once('/').filter(|(server, _)| server.contains("//") && !server.ends_with('/'))?;
    Some(query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}")))
}
