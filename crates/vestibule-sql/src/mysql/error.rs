//! What the server's error numbers mean
//! (<https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html>,
//! <https://mariadb.com/kb/en/mariadb-error-code-reference/>).

use crate::DriverError;

/// What a server said, without the values that it repeats.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct ServerError {
    /// The number of the error.
    pub code: u16,
    /// The message, with an ellipsis where a value or a part of the statement stood.
    pub message: String,
}

/// The error for what a server said: its number and its message.
pub fn error(code: u16, message: &str) -> DriverError {
    let table = table(message);
    let source = ServerError { code, message: scrubbed(code, message) }.into();
    match code {
        // A key exists already.
        1022 | 1062 | 1169 | 1586 => DriverError::UniqueViolated { table, source },
        // A foreign key, from either end.
        1216 | 1217 | 1451 | 1452 => DriverError::ForeignKeyViolated(source),
        // A lock that was not to be had, a deadlock, a row that changed; two nodes of a cluster (1213 at any
        // statement or at COMMIT, 3101 at COMMIT); a deadlock of named locks; TiDB's write conflicts.
        1020 | 1205 | 1213 | 1614 | 1689 | 3058 | 3101 | 8002 | 8022 | 8028 | 9007 => {
            DriverError::Contention(source)
        }
        // COMMIT failed, and why stands in the message alone: 149 is a conflict with another node.
        1180 if message.contains("149") || message.to_ascii_lowercase().contains("deadlock") => {
            DriverError::Contention(source)
        }
        code if is_outage(code) => DriverError::Unavailable(source),
        _ => DriverError::Refused(source),
    }
}

fn is_outage(code: u16) -> bool {
    match code {
        // Too many connections, statements or waiting threads.
        1040 | 1135 | 1203 | 1226 | 1461
        // Out of memory or disk.
        | 1021 | 1037 | 1038 | 1041 | 1114
        // Shutting down, or the connection or statement was killed.
        | 1053 | 1077 | 1079 | 1080 | 1317 | 1927 | 3168 | 3169 | 4031
        // The network between them.
        | 1152 | 1153 | 1158..=1161 | 1184
        // Time was up; or a named lock was not to be had, which the statement that asks for it turns into 1242.
        | 1242 | 1907 | 1969 | 3024
        // COMMIT failed for another reason.
        | 1180
        // Read only: a replica, or a server that is being moved.
        | 1223 | 1290 | 1792 | 1836 | 3032
        // A node that is not part of its cluster at the moment.
        | 1047 | 3100 | 3795..=3798
        // A client's own errors, which proxies pass on, and those of ProxySQL and TiDB.
        | 2002 | 2003 | 2006 | 2013 | 2055 | 9001..=9006 => true,
        _ => false,
    }
}

/// Whether the server no longer knows a prepared statement; nothing was done.
pub fn is_stale(code: u16) -> bool {
    // Unknown statement, and one that would have to be prepared anew.
    [1243, 1615].contains(&code)
}

/// For what we find out ourselves.
pub(super) fn refused(problem: &'static str) -> DriverError {
    DriverError::Refused(problem.into())
}

/// The table in `Duplicate entry '…' for key 'users.email'`, as MySQL says since 8.0.19; MariaDB names the key only.
fn table(message: &str) -> Option<Box<str>> {
    // The last one, since what stands before may be anybody's text.
    let (_, key) = message.rsplit_once("for key '")?;
    let (table, _) = key.strip_suffix('\'')?.rsplit_once('.')?;
    Some(table.into())
}

/// Errors whose messages quote names and no values.
const NAMES_ONLY: [u16; 37] = [
    1044, 1045, 1046, 1047, 1048, 1049, 1050, 1051, 1054, 1060, 1061, 1071, 1072, 1091, 1109, 1130, 1142,
    1143, 1146, 1193, 1227, 1264, 1265, 1290, 1305, 1364, 1370, 1406, 1451, 1452, 1553, 1698, 1927, 3819,
    3948, 4025, 4078,
];

/// Takes out what stands between the first and the last quote, but for the name of a key or column at the end.
fn scrubbed(code: u16, message: &str) -> String {
    if NAMES_ONLY.contains(&code) {
        return message.to_owned();
    }
    let Some(begin) = message.find('\'') else { return message.to_owned() };
    let named = ["' for key ", "' for column "].iter().filter_map(|mark| message.rfind(mark)).max();
    let end = named.or_else(|| message.rfind('\'')).filter(|end| *end > begin).unwrap_or(message.len());
    format!("{}…{}", &message[..=begin], &message[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_names_its_table_if_the_server_does() {
        let found = |message| match error(1062, message) {
            DriverError::UniqueViolated { table, .. } => table,
            other => panic!("{other:?}"),
        };

        assert_eq!(found("Duplicate entry 'a@b.c' for key 'users.email'").as_deref(), Some("users"));
        assert_eq!(found("Duplicate entry 'a@b.c' for key 'email'"), None);
        assert_eq!(found("Duplicate entry ' for key 'a.b'' for key 'users.email'").as_deref(), Some("users"));
    }

    #[test]
    fn conflicts_outages_and_refusals_are_told_apart() {
        let kind = |code, message: &str| match error(code, message) {
            DriverError::Contention(_) => "contention",
            DriverError::ForeignKeyViolated(_) => "foreign key",
            DriverError::Unavailable(_) => "outage",
            DriverError::UniqueViolated { .. } => "duplicate",
            DriverError::Refused(_) => "refusal",
        };
        for (code, message, expected) in [
            (1213, "Deadlock found", "contention"),
            (1205, "Lock wait timeout exceeded", "contention"),
            (3101, "Plugin instructed the server to rollback", "contention"),
            (1180, "Got error 149 - 'Lock deadlock; Retry transaction' during COMMIT", "contention"),
            (1180, "Got error 5 \"Input/output error\" during COMMIT", "outage"),
            (1452, "Cannot add or update a child row", "foreign key"),
            (1062, "Duplicate entry", "duplicate"),
            (1047, "WSREP has not yet prepared node for application use", "outage"),
            (1040, "Too many connections", "outage"),
            (1290, "The server is running with the --read-only option", "outage"),
            (1969, "Query execution was interrupted (max_statement_time exceeded)", "outage"),
            (1045, "Access denied for user 'ada'@'localhost'", "refusal"),
            (1146, "Table 'app.users' doesn't exist", "refusal"),
            (1406, "Data too long for column 'name' at row 1", "refusal"),
            (1064, "You have an error in your SQL syntax", "refusal"),
        ] {
            assert_eq!(kind(code, message), expected, "{code}");
        }
    }

    #[test]
    fn an_error_repeats_names_and_no_values() {
        for (code, said, kept) in [
            (
                1062,
                "Duplicate entry 'hun'ter2' for key 'users.email'",
                "Duplicate entry '…' for key 'users.email'",
            ),
            (1064, "syntax error near 'X'68'' at line 1", "syntax error near '…' at line 1"),
            (
                1366,
                "Incorrect string value: '\\xF0' for column 'name' at row 1",
                "Incorrect string value: '…' for column 'name' at row 1",
            ),
            (1292, "Incorrect datetime value: 'hunter2'", "Incorrect datetime value: '…'"),
            (1525, "Incorrect DATETIME value: 'hunter2", "Incorrect DATETIME value: '…"),
            (1146, "Table 'app.users' doesn't exist", "Table 'app.users' doesn't exist"),
            (1054, "Unknown column 'a' in 'field list'", "Unknown column 'a' in 'field list'"),
        ] {
            assert_eq!(scrubbed(code, said), kept);
        }
    }
}
