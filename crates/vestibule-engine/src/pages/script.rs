//! The one script of the built-in pages, without which browsers cannot be asked for passkeys.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::pages::Page;

const PASSKEY: &str = include_str!("../../assets/passkey.js");

/// What the policy has to allow for it: this text and no other, and that it asks our own routes.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(PASSKEY));
    format!("; script-src 'sha256-{hash}'; connect-src 'self'")
});

/// The script, to stand behind the forms.
pub(super) fn element() -> Markup {
    html! { script { (PreEscaped(PASSKEY)) } }
}

/// Allows the script on a page that has it.
pub(super) fn allow(page: &mut Page) {
    page.policy.push_str(&POLICY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_fits_into_its_element_and_makes_no_markup() {
        for unwanted in ["</", "<!--", "innerHTML", "eval(", "http:", "https:"] {
            assert!(!PASSKEY.contains(unwanted), "{unwanted}");
        }
        assert!(element().into_string().contains(PASSKEY));
    }
}
