//! The application's own pages, and the looks of the built-in ones.

/// The application's own pages: each a path (`/login`) or an http(s) URL.
///
/// Where one is set the engine redirects there instead of showing its own page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages {
    /// Shown to sign in; gets `callbackUrl` and `error` as query parameters.
    pub sign_in: Option<String>,
    /// Shown to confirm signing out.
    pub sign_out: Option<String>,
    /// Shown when something went wrong; gets `error` as a query parameter.
    pub error: Option<String>,
    /// Shown after a mail was sent; gets `provider` and `type` as query parameters.
    pub verify_request: Option<String>,
    /// Shown after the first sign-in of a new user; gets `callbackUrl` as a query parameter.
    pub new_user: Option<String>,
}

/// The looks of the built-in pages and mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Light, dark, or as the browser prefers.
    pub color_scheme: ColorScheme,
    /// A picture above the heading: a path or an http(s) URL.
    pub logo: Option<String>,
    /// The color of buttons and links: `#346df1`, or a CSS color name.
    pub brand_color: String,
    /// The color of the text on buttons.
    pub button_text: String,
}

impl Default for Theme {
    /// Auth.js' colors.
    fn default() -> Self {
        Self {
            color_scheme: ColorScheme::Auto,
            logo: None,
            brand_color: "#346df1".into(),
            button_text: "#fff".into(),
        }
    }
}

/// Light, dark, or as the browser prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorScheme {
    /// As the browser prefers.
    #[default]
    Auto,
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}
