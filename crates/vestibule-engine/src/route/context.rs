//! What every endpoint knows about its request.

use std::sync::Arc;

use http::HeaderValue;
use vestibule_oauth::RelyingParty;

use crate::Parts;
use crate::callback_url;
use crate::config::settings::Settings;
use crate::cookie::{CookieSet, RequestCookies, SessionCookie};
use crate::csrf::Csrf;
use crate::error::Failure;
use crate::http::{Inbound, Method, Origin, posted_from_here};
use crate::limit::Guards;
use crate::pages::Look;
use crate::route::oauth::{self, Carried};
use crate::session::jwt::{self, Jwt};

/// A request with what its cookies and fields mean.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) parts: &'a Parts,
    pub(crate) relying_party: Option<&'a RelyingParty>,
    pub(crate) guards: &'a Guards,
    pub(crate) request: &'a Inbound<'a>,
    pub(crate) origin: Arc<Origin>,
    pub(crate) names: &'a CookieSet,
    pub(crate) csrf: Csrf,
    /// Where the flow leads to: as asked, or as remembered, or the origin.
    pub(crate) callback_url: String,
    /// Whether the cookie remembers another one.
    leads_elsewhere: bool,
    /// What comes with a form that another site had the browser post.
    pub(crate) carried: Option<Carried>,
    pub(crate) cookies: RequestCookies<'a>,
}

impl<'a> Context<'a> {
    /// Works out the CSRF token and the callback URL; the application may have a say in where that leads.
    pub(crate) async fn new(
        request: &'a Inbound<'a>,
        origin: Arc<Origin>,
        settings: &'a Settings,
        parts: &'a Parts,
        relying_party: Option<&'a RelyingParty>,
        guards: &'a Guards,
    ) -> Result<Self, Failure> {
        let names = settings.cookies(&origin);
        let cookies = RequestCookies::parse(request.headers);
        let remembered = cookies.get(&names.callback_url.name);
        let carried = oauth::carried(request, &cookies, settings, &origin, parts.clock.now());
        let carried_url = carried.as_ref().and_then(|carried| carried.callback_url.as_deref());
        let callback_url = match (request.field("callbackUrl"), carried_url.or(remembered.as_deref())) {
            (Some(asked), _) => resolve(asked, &origin, settings, parts).await?,
            (None, Some(remembered)) => match resolve(remembered, &origin, settings, parts).await {
                Ok(resolved) => resolved,
                // Whatever is wrong with what a cookie remembers, it is no reason to answer nothing else any more.
                Err(failure) => {
                    failure.log(request);
                    origin.as_str().to_owned()
                }
            },
            (None, None) => origin.as_str().to_owned(),
        };
        let leads_elsewhere = remembered.as_deref() != Some(&callback_url);
        let csrf_cookie = cookies.get(&names.csrf_token.name);
        let csrf = Csrf::new(csrf_cookie.as_deref(), &settings.secrets, &*parts.random);
        Ok(Self {
            settings,
            parts,
            relying_party,
            guards,
            request,
            origin,
            names,
            csrf,
            callback_url,
            leads_elsewhere,
            carried,
            cookies,
        })
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
        let longest = self.settings.session.longest_token;
        SessionCookie::find(&self.cookies, &self.names.session_token, longest)
    }

    /// Whether the request brings a cookie that may be a session's, of NextAuth v4 where those count.
    pub(crate) fn brings_session(&self) -> bool {
        let cookie = self.session_cookie();
        cookie.token.is_some() || jwt::found(&cookie, self).is_some()
    }

    /// What JWT sessions work with, if sessions are kept in that way.
    pub(crate) fn jwt(&self) -> Option<Jwt<'_>> {
        Jwt::new(self.settings, &self.origin, self.parts)
    }

    /// Where `to` leads, as the callback URL of a request would.
    pub(crate) async fn resolve(&self, to: &str) -> Result<String, Failure> {
        resolve(to, &self.origin, self.settings, self.parts).await
    }

    /// What pages are shown with, in the language that the visitor reads best.
    pub(crate) fn look(&self) -> Look<'_> {
        Look {
            settings: self.settings,
            origin: &self.origin,
            texts: self.settings.texts(self.request.headers),
        }
    }

    /// The absolute URL of a path below the base path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin.as_str(), self.settings.base_path)
    }

    /// The cookies that any response may carry: the CSRF token if it is new, the callback URL if it changed.
    ///
    /// With a form that another site posts browsers do not send the CSRF token that they have; it is left to them.
    pub(crate) fn first_cookies(&self) -> Vec<HeaderValue> {
        let new = self.csrf.cookie.as_deref().filter(|_| self.carried.is_none());
        let csrf = new.map(|value| self.names.csrf_token.set(value));
        let callback_url = self.leads_elsewhere.then(|| self.names.callback_url.set(&self.callback_url));
        csrf.into_iter().chain(callback_url).collect()
    }
}

/// Where a URL leads: by the application's rule if it has one for this URL, else by the built-in one.
async fn resolve(url: &str, origin: &Origin, settings: &Settings, parts: &Parts) -> Result<String, Failure> {
    if let Some(callbacks) = &parts.callbacks {
        let told = callbacks.redirect(url, origin.as_str()).await;
        if let Some(to) = told.map_err(|error| Failure::Callback("redirect", error))? {
            return callback_url::absolute(&to).map_err(|_| {
                Failure::Callback("redirect", "the answer is not an absolute http(s) URL".into())
            });
        }
    }
    callback_url::resolve(url, origin, &settings.allowed_redirects).map_err(|_| Failure::CallbackUrl)
}
