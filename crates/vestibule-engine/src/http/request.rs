//! A request, read and bounded.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Uri, header};

use crate::ClientAddress;
use crate::config::settings::Settings;
use crate::cookie::RequestCookies;
use crate::error::Failure;
use crate::http::{Action, Fields, Malformed, Route};

/// The longest query, in bytes.
pub(crate) const MAX_QUERY: usize = 8 * 1024;

const X_AUTH_RETURN_REDIRECT: HeaderName = HeaderName::from_static("x-auth-return-redirect");

/// The methods there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    /// Only for the callback, where a mail scanner may look without consequences.
    Head,
    Post,
}

/// A request that can be understood.
#[derive(Debug)]
pub(crate) struct Inbound<'a> {
    pub(crate) method: Method,
    pub(crate) route: Route<'a>,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: Fields,
    pub(crate) body: Fields,
    /// Where it comes from, as far as the face or the application has said.
    pub(crate) client: Option<ClientAddress>,
    /// The body of a POST as it came.
    pub(crate) raw_body: &'a Bytes,
}

impl<'a> Inbound<'a> {
    /// Reads a request below the base path.
    pub(crate) fn read(request: &'a Request<Bytes>, settings: &Settings) -> Result<Self, Failure> {
        let route = Route::parse(request.uri().path(), &settings.base_path).ok_or(Failure::BadRequest)?;
        let method = match *request.method() {
            http::Method::GET => Method::Get,
            http::Method::POST => Method::Post,
            http::Method::HEAD if route.action == Action::Callback => Method::Head,
            _ => return Err(Failure::BadRequest),
        };
        let query = request.uri().query().unwrap_or_default();
        if query.len() > MAX_QUERY {
            return Err(Failure::BadRequest);
        }
        let body = match method {
            Method::Post if request.body().len() > settings.body_limit => return Err(Failure::TooLarge),
            Method::Post => body(request.headers(), request.body())?,
            Method::Get | Method::Head => Fields::default(),
        };
        Ok(Self {
            method,
            route,
            uri: request.uri(),
            headers: request.headers(),
            query: Fields::urlencoded(query)?,
            body,
            client: request.extensions().get().copied(),
            raw_body: request.body(),
        })
    }

    /// A field of the body or else of the query, unless it is empty.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.body.filled(name).or_else(|| self.query.filled(name))
    }

    /// The names and values of the query, in order.
    pub(crate) fn query_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.pairs()
    }

    /// Whether the client is NextAuth 4's, which looks at the status of an answer.
    pub(crate) fn is_nextauth_v4(&self) -> bool {
        !self.headers.contains_key(X_AUTH_RETURN_REDIRECT) && self.body.get("json") == Some("true")
    }

    /// Whether the client wants redirects as `{"url": …}`: Auth.js' header, or NextAuth 4's form field.
    pub(crate) fn returns_redirect(&self) -> bool {
        self.headers.contains_key(X_AUTH_RETURN_REDIRECT) || self.body.get("json") == Some("true")
    }

    /// A text without anything that came with the request: its cookies and fields, and e-mail addresses.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let cookies = RequestCookies::parse(self.headers);
        let sent = cookies.iter().map(|(_, value)| value);
        let mut text = text.to_owned();
        for secret in sent.chain(self.query.values()).chain(self.body.values()) {
            if secret.len() >= 4 {
                text = text.replace(secret, "…");
            }
        }
        let outside = |c: char| c.is_whitespace() || "\"'()<>,;=".contains(c);
        let words = text.split_inclusive(outside);
        words
            .map(|word| match word.chars().next_back().filter(|last| outside(*last)) {
                Some(last) if word.contains('@') => format!("…{last}"),
                None if word.contains('@') => "…".to_owned(),
                _ => word.to_owned(),
            })
            .collect()
    }

    /// Whether somebody will read the response, and not a program.
    pub(crate) fn wants_page(&self) -> bool {
        let shows = !matches!(
            self.route.action,
            Action::Csrf | Action::Providers | Action::Session | Action::WebAuthnOptions
        );
        shows && !self.returns_redirect() && contains(self.headers, &header::ACCEPT, "text/html")
    }
}

impl From<Malformed> for Failure {
    fn from(_: Malformed) -> Self {
        Self::BadRequest
    }
}

/// The fields of a body; one of another content type has none, as in Auth.js.
fn body(headers: &HeaderMap, body: &[u8]) -> Result<Fields, Failure> {
    if contains(headers, &header::CONTENT_TYPE, "application/json") {
        return Ok(Fields::json(body)?);
    }
    if contains(headers, &header::CONTENT_TYPE, "application/x-www-form-urlencoded") {
        let text = std::str::from_utf8(body).map_err(|_| Malformed)?;
        return Ok(Fields::urlencoded(text)?);
    }
    Ok(Fields::default())
}

fn contains(headers: &HeaderMap, name: &HeaderName, what: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.to_ascii_lowercase().contains(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    #[test]
    fn what_came_with_a_request_is_not_told() {
        let request = Request::post("/auth/callback/email?token=t0ken&email=ada%40example.com")
            .header("cookie", "authjs.session-token=5ess10n; a=b")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from_static(b"csrfToken=f0rm"))
            .unwrap();
        let config = Config::new("a secret of at least 32 characters").with_base_url("https://a.example");
        let settings = Settings::new(config, &crate::Parts::without_store()).unwrap();
        let inbound = Inbound::read(&request, &settings).unwrap();

        let scrubbed = inbound.scrub(
            "a bad uuid: \"5ess10n\", (t0ken) and f0rm: key (email)=(bob@example.com) of ada@example.com",
        );

        assert_eq!(scrubbed, "a bad uuid: \"…\", (…) and …: key (email)=(…) of …");
    }
}
