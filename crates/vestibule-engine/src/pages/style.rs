//! The stylesheet with the colors of the theme, and the policy that allows it and nothing else.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use url::Url;

use crate::config::settings::Settings;
use crate::config::{Provider, Theme};
use crate::http::Origin;

const SHEET: &str = include_str!("../../assets/style.css");

/// The stylesheet of all pages.
#[derive(Debug)]
pub(crate) struct Style {
    /// What stands in the style element.
    pub(crate) css: String,
    /// The directives of the policy that are the same on every page.
    directives: String,
}

impl Style {
    /// The stylesheet in the colors of a theme that has been checked.
    pub(crate) fn new(theme: &Theme) -> Self {
        let css =
            format!(":root{{--brand:{};--button-text:{}}}\n{SHEET}", theme.brand_color, theme.button_text);
        let hash = STANDARD.encode(Sha256::digest(css.as_bytes()));
        let mut directives =
            format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
        if let Some(logo) = &theme.logo {
            let source = origin_of(logo);
            let _ = write!(directives, "; img-src {}", source.as_ref().map_or("'self'", Origin::as_str));
        }
        Self { css, directives }
    }

    /// The policy of a page.
    ///
    /// A browser holds the redirects that follow a form to `form-action` as well, so every origin that a form
    /// may lead to is in it. Where a provider leads on its own site nobody knows beforehand, so that with a provider
    /// there is no more than the scheme.
    pub(crate) fn policy(&self, settings: &Settings, origin: &Origin) -> String {
        let pages = &settings.pages;
        let targets = [&pages.sign_in, &pages.error, &pages.verify_request, &pages.new_user];
        let own = targets.into_iter().flatten().filter_map(|page| origin_of(page));
        let mut policy = format!("{}; form-action 'self'", self.directives);
        let mut seen: Vec<Origin> = Vec::new();
        for target in std::iter::once(origin.clone()).chain(settings.allowed_redirects.clone()).chain(own) {
            if !seen.contains(&target) {
                let _ = write!(policy, " {}", target.as_str());
                seen.push(target);
            }
        }
        if settings.providers.iter().any(|provider| matches!(provider, Provider::OAuth(_))) {
            policy.push_str(if origin.is_https() { " https:" } else { " https: http:" });
        }
        policy
    }
}

impl Theme {
    /// The style sheet of the built-in pages in these colors, for pages beside them that look alike.
    ///
    /// Such a page has `class="auto"` (or `light`, `dark`) on its `html` element and one `main`; see the
    /// classes `button`, `note`, `alert` and `foot`. The colors are taken as they are: only
    /// [`Engine::new`](crate::Engine::new) checks them.
    pub fn stylesheet(&self) -> String {
        Style::new(self).css
    }
}

/// The origin of a URL; `None` for a path.
fn origin_of(page: &str) -> Option<Origin> {
    Origin::of(&Url::parse(page).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_fits_into_a_style_element() {
        assert!(!SHEET.contains('<'));
        assert!(!SHEET.contains("url("));
        assert!(!SHEET.contains("@import"));
    }

    #[test]
    fn dark_by_choice_and_dark_by_preference_are_the_same() {
        let rules = |from: &str| {
            let rest = SHEET.split_once(from).unwrap().1.split_once('}').unwrap().0;
            let lines = rest.lines().map(str::trim).filter(|line| line.starts_with("--"));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };

        assert_eq!(rules(".dark {"), rules(".auto {"));
    }
}
