//! Which texts are dates, as a regular expression that every database with regular expressions understands.

const YEAR: &str = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)";
const LEAP_YEAR: &str = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)";
const DAY: &str = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)\
                   |02-(0[1-9]|1[0-9]|2[0-8]))";
const CLOCK: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?";
/// Nobody is further from Greenwich, and PostgreSQL reads no more.
const OFFSET: &str = "( ?([Zz]|[+-](0[0-9]|1[0-5])(:[0-5][0-9])?))?";

/// Matches days of the calendar with a time of the day and perhaps an offset, and nothing that a cast refuses.
pub(super) fn pattern() -> String {
    format!("^({YEAR}-{DAY}|{LEAP_YEAR}-02-29)[Tt ]{CLOCK}{OFFSET}$")
}
