//! What failed: PostgreSQL's own codes in an answer with status 400, other statuses, no answer.

use serde::Deserialize;
use vestibule_http::HttpError;
use vestibule_sql::{Access, DriverError, postgres};

/// An error that Neon reports, without the values that may stand in its details.
#[derive(Debug, thiserror::Error)]
#[error("{message} (status {status}, SQLSTATE {code:?})")]
struct Reported {
    status: u16,
    code: String,
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(alias = "msg")]
    message: Option<String>,
    code: Option<String>,
    table: Option<String>,
}

/// An answer whose status is not 200.
pub(crate) fn status(status: u16, body: &[u8], access: Access) -> DriverError {
    let body: Body = serde_json::from_slice(body).unwrap_or_default();
    let code = body.code.unwrap_or_default();
    let message = body.message.unwrap_or_else(|| "no message".to_owned());
    let source = Reported { status, code: code.clone(), message }.into();
    match (status, access) {
        (400, _) if !code.is_empty() => postgres::error(&code, body.table.map(Into::into), source),
        // Not PostgreSQL's: a connection string or password that is wrong, a request that is too large; or an answer
        // that is, and asking again would not make it smaller.
        (400 | 413, _) | (507, Access::Read) => DriverError::Refused(source),
        _ => DriverError::Unavailable(source),
    }
}

/// No answer at all, or one that is larger than Neon's may be.
pub(crate) fn transport(error: HttpError, access: Access) -> DriverError {
    match (&error, access) {
        (HttpError::TooLarge { .. }, Access::Read) => DriverError::Refused(error.into()),
        _ => DriverError::Unavailable(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(error: &DriverError) -> &'static str {
        match error {
            DriverError::Contention(_) => "contention",
            DriverError::ForeignKeyViolated(_) => "foreign key",
            DriverError::Refused(_) => "refused",
            DriverError::Unavailable(_) => "unavailable",
            DriverError::UniqueViolated { .. } => "unique",
            _ => "other",
        }
    }

    #[test]
    fn an_error_of_postgres_is_told_by_its_code() {
        for (code, expected) in [
            ("23505", "unique"),
            ("23503", "foreign key"),
            ("40001", "contention"),
            ("40P01", "contention"),
            ("42P01", "refused"),
            ("22P02", "refused"),
            ("57014", "unavailable"),
            ("08P01", "unavailable"),
            ("53300", "unavailable"),
        ] {
            let body =
                format!(r#"{{"message":"m","code":"{code}","table":"users","detail":"Key (email)=(x)"}}"#);

            let error = status(400, body.as_bytes(), Access::Write);

            assert_eq!(kind(&error), expected, "{code}");
            if let DriverError::UniqueViolated { table, .. } = &error {
                assert_eq!(table.as_deref(), Some("users"));
            }
            assert!(!format!("{error:?}").contains("Key (email)"), "{error:?}");
        }
    }

    #[test]
    fn other_statuses_are_outages_unless_they_never_pass() {
        for (number, body, expected) in [
            (400, r#"{"message":"password authentication failed","code":"","severity":""}"#, "refused"),
            (400, "no JSON", "refused"),
            (401, r#"{"msg":"unauthorized"}"#, "unavailable"),
            (404, r#"{"msg":"no such endpoint"}"#, "unavailable"),
            (413, "", "refused"),
            (429, r#"{"msg":"too many"}"#, "unavailable"),
            (500, "{}", "unavailable"),
            (502, "<html>", "unavailable"),
            (503, "[]", "unavailable"),
        ] {
            assert_eq!(kind(&status(number, body.as_bytes(), Access::Write)), expected, "{number}");
        }
    }

    #[test]
    fn too_large_an_answer_leaves_a_write_open() {
        let body = br#"{"message":"response is too large"}"#;

        assert_eq!(kind(&status(507, body, Access::Read)), "refused");
        assert_eq!(kind(&status(507, body, Access::Write)), "unavailable");
        let too_large = || HttpError::TooLarge { limit: 1 };
        assert_eq!(kind(&transport(too_large(), Access::Read)), "refused");
        assert_eq!(kind(&transport(too_large(), Access::Write)), "unavailable");
    }
}
