//! What an e-mail address is, and which spellings of it are the same.

use unicode_normalization::UnicodeNormalization as _;

use crate::InvalidAddress;
use crate::config::EmailProvider;

/// The longest address, in bytes (RFC 5321: a path has 256 octets with its brackets).
const MAX_LENGTH: usize = 254;

/// The longest text that is looked at.
const MAX_INPUT: usize = 1024;

/// The normal spelling of an address, by the provider's rule.
pub(crate) fn normalize(text: &str, provider: &EmailProvider) -> Result<String, InvalidAddress> {
    if text.len() > MAX_INPUT || text.contains(char::is_control) {
        return Err(InvalidAddress);
    }
    let address = match &provider.normalizer {
        Some(normalizer) => normalizer(text)?,
        None => by_default(text)?,
    };
    bounded(address)
}

/// The normal spelling of an address that comes with a passkey.
pub(crate) fn normalize_by_default(text: &str) -> Result<String, InvalidAddress> {
    if text.len() > MAX_INPUT || text.contains(char::is_control) {
        return Err(InvalidAddress);
    }
    by_default(text).and_then(bounded)
}

fn bounded(address: String) -> Result<String, InvalidAddress> {
    let unusable = address.len() > MAX_LENGTH || address.contains(char::is_control) || !address.contains('@');
    if unusable { Err(InvalidAddress) } else { Ok(address) }
}

/// Auth.js' rule, and stricter: one address only, without white space, comments, brackets or display name.
fn by_default(text: &str) -> Result<String, InvalidAddress> {
    let normal = text.nfkc().collect::<String>().to_lowercase();
    let (local, domain) = normal.trim().split_once('@').ok_or(InvalidAddress)?;
    if local.contains(is_special) || domain.contains(['@', '"']) {
        return Err(InvalidAddress);
    }
    let domain = domain.split(',').next().unwrap_or_default();
    let empty_label = domain.split('.').any(str::is_empty);
    if local.is_empty() || empty_label || domain.contains(is_special) {
        return Err(InvalidAddress);
    }
    Ok(format!("{local}@{domain}"))
}

/// Characters that have a meaning in a list of addresses, so that a mail program might see another recipient.
fn is_special(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "@\"()<>[]\\,;:".contains(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> Result<String, InvalidAddress> {
        normalize(text, &EmailProvider::new("a@example.com"))
    }

    #[test]
    fn spellings_of_one_address_become_one() {
        for text in ["ada@example.com", " Ada@Example.COM ", "ADA@EXAMPLE.COM,bob", "ａｄａ＠example．com"]
        {
            assert_eq!(normal(text).as_deref(), Ok("ada@example.com"), "{text}");
        }
        assert_eq!(normal("o'hara+x@localhost").as_deref(), Ok("o'hara+x@localhost"));
        assert_eq!(normal("ada@münchen.example").as_deref(), Ok("ada@münchen.example"));
    }

    #[test]
    fn what_is_no_single_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(243));
        let huge = "a".repeat(MAX_INPUT + 1);
        for text in [
            "",
            "ada",
            "@",
            "ada@",
            "@example.com",
            "a@b@c",
            "ada@,example.com",
            "\"ada\"@example.com",
            "ada@example.com\"",
            "ada＠evil@example.com",
            "a b@example.com",
            "ada@exam ple.com",
            "ada@example..com",
            "ada@.example.com",
            "Ada <ada@example.com>",
            "ada(comment)@example.com",
            "ada,bob@example.com",
            "ada@[127.0.0.1]",
            "ada@example.com\r\nBcc: bob@example.com",
            "ada\0@example.com",
            "ada@example.com\u{7f}",
            long.as_str(),
            huge.as_str(),
        ] {
            assert_eq!(normal(text), Err(InvalidAddress), "{text:?}");
        }
        assert!(normal(&format!("{}@example.com", "a".repeat(242))).is_ok());
    }

    #[test]
    fn the_applications_own_rule_is_used_and_checked() {
        let own = |rule: fn(&str) -> Result<String, InvalidAddress>| {
            EmailProvider::new("a@example.com").with_normalizer(rule)
        };

        let kept = normalize("Ada@Example.com", &own(|text| Ok(text.into())));
        assert_eq!(kept.as_deref(), Ok("Ada@Example.com"));
        for rule in [
            |_: &str| Ok("a\r\n@b".to_owned()),
            |_: &str| Ok("nobody".to_owned()),
            |_: &str| Ok("a@".repeat(200)),
            |_: &str| Err(InvalidAddress),
        ] {
            assert_eq!(normalize("ada@example.com", &own(rule)), Err(InvalidAddress));
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_is_one_short_address(text in "\\PC{0,20}[@＠]\\PC{0,20}|\\PC{0,300}") {
            if let Ok(address) = normal(&text) {
                prop_assert_eq!(address.matches('@').count(), 1);
                prop_assert!(address.len() <= MAX_LENGTH);
                prop_assert!(!address.contains(|c: char| c.is_whitespace() || c.is_control()));
                prop_assert!(!address.starts_with('@') && !address.ends_with('@'));
            }
        }
    }
}
