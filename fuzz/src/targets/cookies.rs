//! The session token is found among cookies, and cut into them.

use std::collections::BTreeMap;

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
    let mut first = BTreeMap::new();
    for part in header.split(';') {
        if let Some((name, value)) = part.split_once('=') {
            let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
            first.entry(trim(name)).or_insert(trim(value));
        }
    }
    first.retain(|_, value| !value.is_empty());
    let chunk = |(name, value): (&String, _)| {
        let number: u32 = name.strip_prefix("s.")?.parse().ok()?;
        (*name == format!("s.{number}")).then_some((number, value))
    };
    let chunks: BTreeMap<u32, &String> = first.iter().filter_map(chunk).collect();
    let parts: Vec<&String> =
        first.get(NAME).map_or_else(|| chunks.into_values().collect(), |whole| vec![whole]);
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let is_token = length > 0 && length <= MAX_TOKEN && parts.len() <= 512;
    is_token.then(|| parts.iter().map(|part| cookie::decode(part)).collect())
}
