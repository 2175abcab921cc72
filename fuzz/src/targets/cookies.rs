//! The session token is found among cookies, and cut into them.

use vestibule_token::{MAX_TOKEN, Verifier, cookie};

/// Short, so that it is found by accident.
const NAME: &str = "s";

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (cookies, authorization) = text.split_once('\n').unwrap_or((&text, ""));

    let found = cookie::find(cookie::pairs(cookies), NAME);
    let token = found.token().map(std::borrow::Cow::into_owned);
    assert_eq!(token, by_the_rules(cookies));
    assert!(found.names().all(|name| name == NAME || name.starts_with("s.")));
    assert_eq!(found.is_empty(), found.names().next().is_none());

    let bearer = cookie::bearer(authorization);
    assert!(bearer.is_none_or(|token| !token.is_empty()));
    let outcome = Verifier::for_cookie(&["secret"], NAME).verify([cookies], Some(authorization), 0);
    assert!(!matches!(outcome, Ok(Some(_))), "signed in without a secret");

    // What is cut is found again, if it can be in a cookie at all.
    let plain: String =
        text.chars().filter(|one| !one.is_whitespace() && !matches!(one, ';' | '%')).collect();
    let cut: Vec<String> =
        cookie::chunks(NAME, &plain).map(|(name, chunk)| format!("{name}={chunk}")).collect();
    let header = cut.join("; ");
    let again = cookie::find(cookie::pairs(&header), NAME).token();
    let expected = (1..=MAX_TOKEN).contains(&plain.len()).then_some(plain.as_str());
    assert_eq!(again.as_deref(), expected);
}

/// The same in the words of the rules, without a thought for speed.
fn by_the_rules(header: &str) -> Option<String> {
    let mut first: Vec<(String, String)> = Vec::new();
    for part in header.split(';') {
        if let Some((name, value)) = part.split_once('=') {
            let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
            let (name, value) = (trim(name), trim(value));
            if first.iter().all(|(other, _)| *other != name) {
                first.push((name, value));
            }
        }
    }
    first.retain(|(_, value)| !value.is_empty());
    let number = |name: &str| {
        let digits = name.strip_prefix("s.")?;
        let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let mut chunks: Vec<(u64, &String)> =
        first.iter().filter_map(|(name, value)| Some((number(name)?, value))).collect();
    chunks.sort_by_key(|(number, _)| *number);
    let whole = first.iter().find(|(name, _)| name == NAME).map(|(_, value)| vec![value]);
    let parts = whole.unwrap_or_else(|| chunks.into_iter().map(|(_, value)| value).collect());
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let is_token = length > 0 && length <= MAX_TOKEN && parts.len() <= 512;
    is_token.then(|| parts.iter().map(|part| cookie::decode(part)).collect())
}
