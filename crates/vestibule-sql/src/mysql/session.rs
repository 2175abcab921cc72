//! What to ask a server that is new to us, and how to set up a connection of our own.

use std::time::Duration;

use super::error::refused;
use crate::{Dialect, DriverError, Value};

/// Asks which server it is and what its connections are set to; for [`probed`].
pub const PROBE: &str = "SELECT VERSION(), @@SESSION.autocommit, @@SESSION.sql_mode";

/// Which dialect the server speaks that gave this answer to [`PROBE`].
///
/// # Errors
///
/// [`DriverError::Refused`] if its connections are set so that a statement is not committed at its end, or that a
/// value which is too long for its column is cut.
pub fn probed(row: &[Value]) -> Result<Dialect, DriverError> {
    let [Value::Text(version), Value::Int(autocommit), Value::Text(mode)] = row else {
        return Err(refused("the server did not say which version it is"));
    };
    if *autocommit != 1 {
        return Err(refused("connections of this pool do not commit by themselves: SET autocommit = 1"));
    }
    if !mode.split(',').any(|mode| ["STRICT_ALL_TABLES", "STRICT_TRANS_TABLES"].contains(&mode)) {
        let problem =
            "connections of this pool cut values that are too long: add STRICT_TRANS_TABLES to sql_mode";
        return Err(refused(problem));
    }
    Ok(dialect(version))
}

fn dialect(version: &str) -> Dialect {
    if version.to_ascii_lowercase().contains("mariadb") { Dialect::MariaDb } else { Dialect::MySql }
}

/// What sets up a connection of our own, in one message: refuses what does not fit a column, commits each
/// statement, locks no gaps between rows, and has the server give up when we do.
pub fn session(answer_timeout: Duration) -> String {
    let millis = answer_timeout.as_millis().max(1);
    let seconds = answer_timeout.as_secs_f64().max(0.001);
    let whole = answer_timeout.as_secs().clamp(1, 31_536_000);
    // What stands in a comment is read by one of the two servers only.
    format!(
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
         SET SESSION autocommit = 1, \
         sql_mode = CONCAT_WS(',', NULLIF(@@SESSION.sql_mode, ''), 'STRICT_TRANS_TABLES'), \
         innodb_lock_wait_timeout = {whole}, lock_wait_timeout = {whole}\
         /*!50708 , max_execution_time = {millis} */\
         /*M!100101 , max_statement_time = {seconds:.3} */"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(version: &str, autocommit: i64, mode: &str) -> [Value; 3] {
        [Value::Text(version.into()), Value::Int(autocommit), Value::Text(mode.into())]
    }

    #[test]
    fn the_version_tells_the_dialect() {
        for (version, dialect) in [
            ("10.11.19-MariaDB-0+deb12u1", Dialect::MariaDb),
            ("11.4.2-MARIADB-log", Dialect::MariaDb),
            ("9.7.4", Dialect::MySql),
            ("8.0.36-google", Dialect::MySql),
            ("8.0.11-TiDB-v8.1.0", Dialect::MySql),
        ] {
            let found = probed(&answer(version, 1, "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES")).unwrap();

            assert_eq!(found, dialect, "{version}");
        }
    }

    #[test]
    fn connections_that_lose_or_cut_what_is_written_are_refused() {
        for row in [answer("9.7.4", 0, "STRICT_TRANS_TABLES"), answer("9.7.4", 1, "ANSI_QUOTES")] {
            assert!(matches!(probed(&row), Err(DriverError::Refused(_))));
        }
    }
}
