//! What every driver for SQLite needs: its result codes (<https://www.sqlite.org/rescode.html>).

use vestibule_core::BoxError;

use crate::DriverError;

/// The error for an extended result code and the message that came with it.
pub fn error(extended: i32, message: Option<&str>, source: BoxError) -> DriverError {
    match extended {
        // A primary key, a row id, a unique index.
        1555 | 2067 | 2579 => DriverError::UniqueViolated { table: message.and_then(table), source },
        787 => DriverError::ForeignKeyViolated(source),
        _ => match extended & 0xFF {
            // Busy, locked, out of memory, interrupted, an input or output error, the disk is full, cannot open.
            5 | 6 | 7 | 9 | 10 | 13 | 14 => DriverError::Unavailable(source),
            _ => DriverError::Refused(source),
        },
    }
}

/// The table in `UNIQUE constraint failed: users.email`.
fn table(message: &str) -> Option<Box<str>> {
    let (_, columns) = message.split_once("failed: ")?;
    let (table, _) = columns.split_once('.')?;
    Some(table.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_names_its_table() {
        let found = error(2067, Some("UNIQUE constraint failed: users.email"), "x".into());

        assert!(
            matches!(found, DriverError::UniqueViolated { table: Some(table), .. } if &*table == "users")
        );
    }

    #[test]
    fn codes_that_pass_are_outages_and_others_are_not() {
        let is_outage = |code| matches!(error(code, None, "x".into()), DriverError::Unavailable(_));

        for code in [5, 6, 7, 9, 10, 13, 14, 261, 266, 517, 778] {
            assert!(is_outage(code), "{code}");
        }
        for code in [1, 8, 11, 18, 19, 26, 275, 787, 1299, 1555] {
            assert!(!is_outage(code), "{code}");
        }
    }
}
