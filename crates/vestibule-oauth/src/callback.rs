//! What the browser brings back from the provider.

use std::fmt;

use vestibule_core::SecretToken;

use crate::OAuthError;

/// The most bytes that a callback may have. Codes of a few kilobytes are seen in the wild.
const LONGEST: usize = 64 * 1024;

/// Parameters that say that a response is of a kind that was not asked for: JARM, and the implicit flow.
const UNEXPECTED: [&str; 3] = ["response", "id_token", "token"];

/// The parameters of the callback, from the query or, with `form_post`, from the form.
///
/// Of those that mean something none is there twice. An empty one is one that is not there (RFC 6749 §3.1).
#[derive(Clone, Default)]
pub struct CallbackParams {
    pub(crate) code: Option<SecretToken>,
    state: Option<SecretToken>,
    pub(crate) iss: Option<Box<str>>,
    error: Option<Box<str>>,
    error_description: Option<Box<str>>,
    /// The one time that Apple tells a user's name: JSON.
    pub(crate) user: Option<Box<str>>,
    pub(crate) unexpected: Option<&'static str>,
}

impl CallbackParams {
    /// From the query of the URL, without the question mark.
    ///
    /// # Errors
    ///
    /// [`OAuthError::DuplicateParameter`] and [`OAuthError::CallbackTooLarge`].
    pub fn from_query(query: &str) -> Result<Self, OAuthError> {
        Self::parse(query.as_bytes())
    }

    /// From the body of a `POST` of the type `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    ///
    /// [`OAuthError::DuplicateParameter`] and [`OAuthError::CallbackTooLarge`].
    pub fn from_form(body: &[u8]) -> Result<Self, OAuthError> {
        Self::parse(body)
    }

    fn parse(text: &[u8]) -> Result<Self, OAuthError> {
        if text.len() > LONGEST {
            return Err(OAuthError::CallbackTooLarge);
        }
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(text).filter(|(_, value)| !value.is_empty()) {
            let once = match &*name {
                "code" => put("code", &mut params.code, SecretToken::new(value)),
                "state" => put("state", &mut params.state, SecretToken::new(value)),
                "iss" => put("iss", &mut params.iss, value.into()),
                "error" => put("error", &mut params.error, value.into()),
                "error_description" => put("error_description", &mut params.error_description, value.into()),
                "user" => put("user", &mut params.user, value.into()),
                other => {
                    let known = UNEXPECTED.iter().find(|unexpected| **unexpected == other);
                    params.unexpected = params.unexpected.or(known.copied());
                    Ok(())
                }
            };
            once?;
        }
        Ok(params)
    }

    /// `state`, which tells whoever keeps what is expected what to look for.
    pub fn state(&self) -> Option<&str> {
        self.state.as_ref().map(SecretToken::expose)
    }

    /// `error`, as it came.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// `error_description`, as it came.
    pub fn error_description(&self) -> Option<&str> {
        self.error_description.as_deref()
    }
}

fn put<T>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), OAuthError> {
    if place.replace(value).is_some() { Err(OAuthError::DuplicateParameter(name)) } else { Ok(()) }
}

impl fmt::Debug for CallbackParams {
    /// Says what is there. A code can be redeemed, and a name is a person's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackParams")
            .field("code", &self.code.is_some())
            .field("state", &self.state.is_some())
            .field("iss", &self.iss)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_matters_is_read_from_a_query_and_from_a_form() {
        for params in [
            CallbackParams::from_query("code=a%2Bb+c&state=s&iss=https%3A%2F%2Fa.example&more=1").unwrap(),
            CallbackParams::from_form(b"more=1&code=a%2Bb+c&state=s&iss=https%3A%2F%2Fa.example").unwrap(),
        ] {
            assert_eq!(params.code.as_ref().map(SecretToken::expose), Some("a+b c"));
            assert_eq!(params.state(), Some("s"));
            assert_eq!(params.iss.as_deref(), Some("https://a.example"));
            assert_eq!(params.error(), None);
        }
    }

    #[test]
    fn a_parameter_twice_is_refused() {
        for name in ["code", "state", "iss", "error", "error_description", "user"] {
            let refused = CallbackParams::from_query(&format!("{name}=1&x=2&{name}=1")).unwrap_err();
            assert!(matches!(refused, OAuthError::DuplicateParameter(which) if which == name), "{refused}");
        }
    }

    #[test]
    fn an_empty_parameter_is_absent() {
        let params = CallbackParams::from_query("code=&state=&error=&id_token=").unwrap();

        assert!(params.code.is_none() && params.state().is_none() && params.error().is_none());
        assert_eq!(params.unexpected, None);
    }

    #[test]
    fn a_response_of_another_kind_is_noticed() {
        for name in UNEXPECTED {
            let params = CallbackParams::from_query(&format!("code=1&{name}=x")).unwrap();
            assert_eq!(params.unexpected, Some(name));
        }
    }

    #[test]
    fn a_callback_without_end_is_refused() {
        let refused = CallbackParams::from_query(&"a".repeat(LONGEST + 1)).unwrap_err();

        assert!(matches!(refused, OAuthError::CallbackTooLarge));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let params = CallbackParams::from_query("code=hunter2&state=hunter3&user=hunter4").unwrap();

        assert!(!format!("{params:?}").contains("hunter"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            drop(CallbackParams::from_form(&bytes));
        }
    }
}
