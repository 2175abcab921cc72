//! Errors by SQL Server's own numbers.

use std::fmt;

use crate::DriverError;

/// What the server said, without the values that it quotes.
#[derive(Debug)]
struct Said {
    number: u32,
    message: Box<str>,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {}: {}", self.number, self.message)
    }
}

impl std::error::Error for Said {}

/// What a statement of ours throws where a deadlock took a lock; the numbers from 50000 on are free for it.
pub(crate) const LOST_TO_DEADLOCK: u32 = 51_205;

/// What a statement of ours throws where a lock was not to be had in time.
pub(crate) const LOCK_TIMED_OUT: u32 = 51_222;

/// Deadlock victims, and conflicts of snapshots and of tables in memory.
const CONTENTION: [u32; 9] = [1205, 3960, 3961, 41_301, 41_302, 41_305, 41_325, 41_839, LOST_TO_DEADLOCK];

/// What passes: locks and memory that were not to be had, a database or a replica that is coming, going or read
/// only for now, a log that is full, and the reasons of Azure SQL to try again.
/// <https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues>
const OUTAGES: [u32; 45] = [
    233,
    601,
    615,
    617,
    669,
    701,
    802,
    904,
    921,
    922,
    923,
    924,
    926,
    927,
    942,
    952,
    976,
    978,
    983,
    988,
    1204,
    1221,
    1222,
    3906,
    3908,
    4221,
    6005,
    8645,
    8651,
    9001,
    9002,
    10_928,
    10_929,
    10_936,
    40_143,
    40_197,
    40_501,
    40_540,
    40_549,
    40_613,
    42_108,
    49_918,
    49_919,
    49_920,
    LOCK_TIMED_OUT,
];

/// The error for a number, the class (severity) and the text that came with it.
///
/// A text repeats values, such as the key that exists already; they may be secrets and are left out. The table of
/// a unique key is read from the text, which has it only in English.
pub fn error(number: u32, class: u8, message: &str) -> DriverError {
    let source = Box::new(Said { number, message: without_values(number, message).into() });
    match number {
        2601 | 2627 => DriverError::UniqueViolated { table: table(message).map(Into::into), source },
        // 547 stands for checks as well, which are no question of another row.
        547 if !message.contains("CHECK constraint") => DriverError::ForeignKeyViolated(source),
        _ if CONTENTION.contains(&number) => DriverError::Contention(source),
        _ if OUTAGES.contains(&number) => DriverError::Unavailable(source),
        // From class 20 on, the server ends the connection.
        _ if class >= 20 => DriverError::Unavailable(source),
        _ => DriverError::Refused(source),
    }
}

/// The table in "… duplicate key in object 'dbo.users'." or "… key row in object 'dbo.users' with unique index …",
/// without its schema.
fn table(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(" in object '")?;
    let end = ["' with unique index '", "'. "].iter().filter_map(|end| rest.find(end)).min();
    let object = match end {
        Some(end) => &rest[..end],
        None => rest.strip_suffix("'.")?,
    };
    object.split_once('.').map(|(_, table)| table)
}

/// The text up to where it begins to quote.
fn without_values(number: u32, message: &str) -> &str {
    // "Conversion failed when converting the nvarchar value '…' to data type int", and the like.
    if matches!(number, 244 | 245 | 248) {
        return "a value could not be converted";
    }
    let quotes = [" The duplicate key value is", " Truncated value:"];
    let end = quotes.iter().filter_map(|quote| message.find(quote)).min();
    end.map_or(message, |end| &message[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_a_key_is_read_from_the_text() {
        let constraint = "Violation of UNIQUE KEY constraint 'User_email_key'. Cannot insert duplicate key in object 'dbo.User'. The duplicate key value is (ada@example.com).";
        let index = "Cannot insert duplicate key row in object 'auth.it's a table' with unique index 'ix'. The duplicate key value is (x).";
        let primary =
            "Violation of PRIMARY KEY constraint 'pk'. Cannot insert duplicate key in object 'dbo.users'.";

        for (number, text, expected) in
            [(2627, constraint, "User"), (2601, index, "it's a table"), (2627, primary, "users")]
        {
            let DriverError::UniqueViolated { table, .. } = error(number, 14, text) else { panic!("{text}") };
            assert_eq!(table.as_deref(), Some(expected));
        }
        let DriverError::UniqueViolated { table: None, .. } = error(2627, 14, "Verletzung …") else {
            panic!()
        };
    }

    #[test]
    fn no_value_is_repeated() {
        for (number, text) in [
            (
                2627,
                "Violation of x. Cannot insert duplicate key in object 'dbo.s'. The duplicate key value is (hunter2).",
            ),
            (
                2628,
                "String or binary data would be truncated in table 'a', column 'b'. Truncated value: 'hunter2'.",
            ),
            (245, "Conversion failed when converting the nvarchar value 'hunter2' to data type int."),
        ] {
            let error = error(number, 16, text);
            let source = std::error::Error::source(&error).unwrap();

            assert!(!format!("{error} {error:?} {source} {source:?}").contains("hunter2"), "{number}");
            assert!(source.to_string().contains(&number.to_string()));
        }
    }

    #[test]
    fn numbers_that_pass_are_outages_and_others_are_not() {
        let number = |number| error(number, 16, "x");

        for outage in [1222, 40_197, 40_501, 40_613, 49_918, 10_928, 10_929, 3906, 9002, 51_222] {
            assert!(matches!(number(outage), DriverError::Unavailable(_)), "{outage}");
        }
        for conflict in [1205, 3960, 51_205] {
            assert!(matches!(number(conflict), DriverError::Contention(_)), "{conflict}");
        }
        for refused in [102, 207, 208, 229, 515, 2628, 4060, 8152, 18_456] {
            assert!(matches!(number(refused), DriverError::Refused(_)), "{refused}");
        }
        assert!(matches!(error(0, 20, "x"), DriverError::Unavailable(_)));
        let foreign = "The INSERT statement conflicted with the FOREIGN KEY constraint \"f\".";
        let check = "The INSERT statement conflicted with the CHECK constraint \"c\".";
        assert!(matches!(error(547, 16, foreign), DriverError::ForeignKeyViolated(_)));
        assert!(matches!(error(547, 16, check), DriverError::Refused(_)));
    }
}
