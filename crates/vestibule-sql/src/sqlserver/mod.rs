//! What every driver for SQL Server needs: its error numbers, its calendar, how statements travel together, and a
//! check of parameters.

mod batch;
mod error;
mod time;

pub use batch::{Batch, END_OF_STATEMENT, batch};
pub use error::error;
pub(crate) use error::{LOCK_TIMED_OUT, LOST_TO_DEADLOCK};
pub use time::{DateTime, from_date_time2, from_legacy_date_time, from_small_date_time, to_date_time2};

use std::time::Duration;

use crate::{DriverError, ParamType, Statement, Value};

/// What a new connection is told, or one that somebody else has used: to leave no transaction open, to give up on
/// a lock when we do, to compare and quote by the standard as indexes with a filter ask for, and to report in
/// English, since only the text of a message names the table.
///
/// One request without parameters and without rows.
pub fn settle(lock_timeout: Duration) -> String {
    let millis = lock_timeout.as_millis().min(i32::MAX as u128);
    format!(
        "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;\n\
         SET IMPLICIT_TRANSACTIONS OFF;\n\
         SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER ON;\n\
         SET NUMERIC_ROUNDABORT OFF;\n\
         SET XACT_ABORT ON;\n\
         SET LANGUAGE us_english;\n\
         SET LOCK_TIMEOUT {millis};\n\
         SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"
    )
}

/// Makes sure, before anything is sent, that every parameter can be encoded as it is declared.
///
/// # Errors
///
/// [`DriverError::Refused`] if one cannot.
pub fn check(statement: &Statement, params: &[Value]) -> Result<(), DriverError> {
    let fits = |(declared, value): (&ParamType, &Value)| match (declared, value) {
        (_, Value::Null)
        | (ParamType::Bool, Value::Bool(_))
        | (ParamType::Int, Value::Int(_))
        | (ParamType::Text, Value::Text(_)) => true,
        // `float` has neither infinity nor the values that are not numbers.
        (ParamType::Real, Value::Real(number)) => number.is_finite(),
        (ParamType::Time, Value::Time(time)) => to_date_time2(*time).is_some(),
        _ => false,
    };
    if statement.params.len() == params.len() && statement.params.iter().zip(params).all(fits) {
        return Ok(());
    }
    let problem = format!("{} was given a parameter that its type cannot hold", statement.name);
    Err(DriverError::Refused(problem.into()))
}

#[cfg(test)]
mod tests {
    use vestibule_core::Timestamp;

    use super::*;
    use crate::Access;

    #[test]
    fn a_parameter_that_does_not_fit_is_refused_before_it_is_sent() {
        let statement = |kind| Statement {
            name: "x",
            text: "SELECT @P1".into(),
            params: [kind].into(),
            access: Access::Read,
        };

        assert!(check(&statement(ParamType::Time), &[Value::Time(Timestamp::from_secs(0))]).is_ok());
        assert!(check(&statement(ParamType::Time), &[Value::Null]).is_ok());
        for (kind, value) in [
            (ParamType::Time, Value::Time(Timestamp::from_millis(i64::MAX))),
            (ParamType::Time, Value::Int(1)),
            (ParamType::Real, Value::Real(f64::NAN)),
            (ParamType::Int, Value::Text("1".into())),
        ] {
            assert!(matches!(check(&statement(kind), &[value]), Err(DriverError::Refused(_))), "{kind:?}");
        }
        assert!(check(&statement(ParamType::Int), &[]).is_err());
    }

    #[test]
    fn a_connection_is_told_how_long_a_lock_may_take() {
        assert!(settle(Duration::from_secs(5)).contains("SET LOCK_TIMEOUT 5000;"));
        assert!(settle(Duration::MAX).contains("SET LOCK_TIMEOUT 2147483647;"));
    }
}
