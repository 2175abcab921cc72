//! What a browser brings back from a provider is read.

use std::collections::HashMap;

use url::form_urlencoded;
use vestibule_oauth::{CallbackParams, OAuthError};

/// Those that mean something, and so may be there once.
const NAMES: [&str; 6] = ["code", "state", "iss", "error", "error_description", "user"];

pub(crate) fn run(data: &[u8]) {
    let read = CallbackParams::from_form(data);
    if let Ok(query) = std::str::from_utf8(data) {
        let as_query = CallbackParams::from_query(query);
        assert_eq!(format!("{read:?}"), format!("{as_query:?}"), "a query is read as a form is");
    }

    let mut given: HashMap<String, Vec<String>> = HashMap::new();
    for (name, value) in form_urlencoded::parse(data).filter(|(_, value)| !value.is_empty()) {
        given.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let is_twice = NAMES.iter().any(|name| given.get(*name).is_some_and(|values| values.len() > 1));
    match &read {
        Ok(params) => {
            let one = |name: &str| given.get(name).map(|values| values[0].as_str());
            assert!(!is_twice, "a parameter is there twice");
            assert_eq!(params.state(), one("state"));
            assert_eq!(params.error(), one("error"));
            assert_eq!(params.error_description(), one("error_description"));
            // What is secret is not printed. What is short is there by accident.
            let printed = format!("{params:?}");
            for secret in [one("code"), one("state"), one("user")].into_iter().flatten() {
                let is_elsewhere =
                    [one("iss"), one("error")].into_iter().flatten().any(|text| text.contains(secret));
                assert!(
                    secret.len() < 12 || is_elsewhere || !printed.contains(secret),
                    "a secret is printed"
                );
            }
        }
        Err(OAuthError::DuplicateParameter(_)) => assert!(is_twice),
        Err(OAuthError::CallbackTooLarge) => assert!(data.len() > 64 * 1024),
        Err(error) => panic!("refused for another reason: {error}"),
    }
}
