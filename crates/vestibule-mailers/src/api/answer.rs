//! What a mail service answers.

use std::fmt;

use serde_json::Value;
use vestibule_engine::MailError;
use vestibule_http::Bytes;
use vestibule_http::http::{Response, StatusCode};

/// Why a mail service did not take a mail: the status and the code that it gave.
///
/// Its words are not kept, since they may quote the address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceAnswer {
    /// The status.
    pub status: u16,
    /// The code: Postmark's `ErrorCode`, Resend's `name`.
    pub code: Option<Box<str>>,
}

impl fmt::Display for ServiceAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mail service answered {}", self.status)?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ServiceAnswer {}

/// Any status of success means that the mail was taken.
pub(super) fn read(answer: &Response<Bytes>) -> Result<(), MailError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let said = Box::new(ServiceAnswer { status: status.as_u16(), code: code(answer.body()) });
    // What may be otherwise later: too many at once, and what is wrong on their side.
    let passes = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    if status.is_client_error() && !passes.contains(&status) {
        Err(MailError::Refused(said))
    } else {
        Err(MailError::Unavailable(said))
    }
}

/// A number, or a word of the kind that programs use.
fn code(body: &[u8]) -> Option<Box<str>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    if let Some(number) = body.get("ErrorCode").and_then(Value::as_u64) {
        return Some(number.to_string().into());
    }
    let word = body.get("name")?.as_str()?;
    let is_word = word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word.then(|| word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &'static str) -> Result<(), MailError> {
        read(&Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap())
    }

    #[test]
    fn success_is_any_of_its_statuses() {
        for status in [200, 201, 202, 204] {
            assert!(said(status, "").is_ok());
        }
    }

    #[test]
    fn what_is_refused_for_good_is_told_from_what_may_pass() {
        for status in [400, 401, 403, 404, 413, 422] {
            assert!(matches!(said(status, ""), Err(MailError::Refused(_))), "{status}");
        }
        for status in [302, 408, 429, 500, 502, 503] {
            assert!(matches!(said(status, ""), Err(MailError::Unavailable(_))), "{status}");
        }
    }

    #[test]
    fn a_code_is_kept_and_words_are_not() {
        for (body, code) in [
            (r#"{"ErrorCode":300,"Message":"Invalid 'To' address: 'ada@example.com'."}"#, Some("300")),
            (
                r#"{"statusCode":422,"name":"validation_error","message":"ada@example.com"}"#,
                Some("validation_error"),
            ),
            (r#"{"name":"ada@example.com"}"#, None),
            (r#"{"errors":[{"message":"ada@example.com","field":"to"}]}"#, None),
            ("ada@example.com is no address", None),
        ] {
            let MailError::Refused(error) = said(422, body).unwrap_err() else { panic!("it is refused") };
            let answer = error.downcast_ref::<ServiceAnswer>().unwrap();
            assert_eq!(answer.code.as_deref(), code);
            assert!(!format!("{answer} {answer:?}").contains("ada@"), "{answer}");
        }
    }
}
