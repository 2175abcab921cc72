//! What every driver for MySQL and MariaDB needs: batches as text, the protocol's values, error codes, and what to
//! ask and tell the server at the start.
//!
//! The protocol can neither send several prepared statements at once nor run several in one prepared statement, so
//! a batch travels as text, in one message; see [`Batch`]. Points in time travel as wall clocks, which are read as
//! Coordinated Universal Time.

mod batch;
mod cell;
mod clock;
mod error;
mod session;

pub use batch::Batch;
pub use cell::Cell;
pub use clock::Clock;
pub use error::{ServerError, error, is_stale};
pub use session::{PROBE, probed, session};

use crate::{DriverError, ParamType, Statement, Value};

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
        // The database has neither infinity nor the absence of a number.
        (ParamType::Real, Value::Real(number)) => number.is_finite(),
        (ParamType::Time, Value::Time(time)) => Clock::at(*time).is_some(),
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

    fn statement(params: &[ParamType]) -> Statement {
        Statement { name: "test", text: "SELECT ?".into(), params: params.into(), access: Access::Read }
    }

    #[test]
    fn a_parameter_that_does_not_fit_its_declaration_is_refused() {
        let late = Timestamp::from_secs(253_402_300_800);
        for (declared, value) in [
            (ParamType::Int, Value::Text("1".into())),
            (ParamType::Text, Value::Int(1)),
            (ParamType::Real, Value::Real(f64::NAN)),
            (ParamType::Real, Value::Real(f64::INFINITY)),
            (ParamType::Time, Value::Time(late)),
        ] {
            let refused = check(&statement(&[declared]), &[value]);

            assert!(matches!(refused, Err(DriverError::Refused(_))), "{declared:?}");
        }
    }

    #[test]
    fn a_parameter_too_few_is_refused() {
        let refused = check(&statement(&[ParamType::Int]), &[]);

        assert!(matches!(refused, Err(DriverError::Refused(_))));
    }

    #[test]
    fn every_type_holds_null() {
        for declared in [ParamType::Bool, ParamType::Int, ParamType::Real, ParamType::Text, ParamType::Time] {
            assert!(check(&statement(&[declared]), &[Value::Null]).is_ok(), "{declared:?}");
        }
    }
}
