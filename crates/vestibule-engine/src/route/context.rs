//! What every endpoint knows about its request.

use std::sync::Arc;

use http::HeaderValue;

use crate::Parts;
use crate::callback_url;
use crate::config::settings::Settings;
use crate::cookie::{CookieSet, RequestCookies, SessionCookie};
use crate::csrf::Csrf;
use crate::error::Failure;
use crate::http::{Inbound, Method, Origin, posted_from_here};

/// A request with what its cookies and fields mean.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) parts: &'a Parts,
    pub(crate) request: &'a Inbound<'a>,
    pub(crate) origin: Arc<Origin>,
    pub(crate) names: &'a CookieSet,
    pub(crate) csrf: Csrf,
    /// Where the flow leads to: as asked, or as remembered, or the origin.
    pub(crate) callback_url: String,
    /// Whether the cookie remembers another one.
    leads_elsewhere: bool,
    cookies: RequestCookies<'a>,
}

impl<'a> Context<'a> {
    /// Works out the CSRF token and the callback URL.
    pub(crate) fn new(
        request: &'a Inbound<'a>,
        origin: Arc<Origin>,
        settings: &'a Settings,
        parts: &'a Parts,
    ) -> Result<Self, Failure> {
        let names = settings.cookies(&origin);
        let cookies = RequestCookies::parse(request.headers);
        let resolve = |text: &str| callback_url::resolve(text, &origin, &settings.allowed_redirects);
        let remembered = cookies.get(&names.callback_url.name);
        let callback_url = match request.field("callbackUrl") {
            Some(asked) => resolve(asked).map_err(|_| Failure::CallbackUrl)?,
            None => remembered
                .as_deref()
                .and_then(|remembered| resolve(remembered).ok())
                .unwrap_or_else(|| origin.as_str().to_owned()),
        };
        let leads_elsewhere = remembered.as_deref() != Some(&callback_url);
        let csrf_cookie = cookies.get(&names.csrf_token.name);
        let csrf = Csrf::new(csrf_cookie.as_deref(), &settings.secrets, &*parts.random);
        Ok(Self { settings, parts, request, origin, names, csrf, callback_url, leads_elsewhere, cookies })
    }

    /// Refuses a POST that a page of ours did not send, as far as the browser's headers tell.
    pub(crate) fn check_origin(&self) -> Result<(), Failure> {
        let headers = self.request.headers;
        if posted_from_here(headers, &self.origin, &self.settings.allowed_redirects) {
            Ok(())
        } else {
            Err(Failure::MissingCsrf)
        }
    }

    /// Refuses anything but a POST that a page of ours sent with the token of its cookie.
    pub(crate) fn check_csrf(&self) -> Result<(), Failure> {
        self.check_origin()?;
        let field = self.request.body.get("csrfToken");
        if self.request.method == Method::Post && self.csrf.verifies(field) {
            Ok(())
        } else {
            Err(Failure::MissingCsrf)
        }
    }

    /// The session that the request claims.
    pub(crate) fn session_cookie(&self) -> SessionCookie<'_> {
        SessionCookie::find(&self.cookies, &self.names.session_token)
    }

    /// The absolute URL of a path below the base path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin.as_str(), self.settings.base_path)
    }

    /// The cookies that any response may carry: the CSRF token if it is new, the callback URL if it changed.
    pub(crate) fn first_cookies(&self) -> Vec<HeaderValue> {
        let csrf = self.csrf.cookie.as_deref().map(|value| self.names.csrf_token.set(value));
        let callback_url = self.leads_elsewhere.then(|| self.names.callback_url.set(&self.callback_url));
        csrf.into_iter().chain(callback_url).collect()
    }
}
