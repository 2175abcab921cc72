//! What can go wrong, and what of it the outside learns.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use vestibule_core::AdapterError;
use vestibule_oauth::{OAuthError, OAuthFailure};

use crate::callbacks::CallbackError;
use crate::code::CodeProblem;
use crate::config::settings::Settings;
use crate::http::{Action, Inbound, Origin, UntrustedHost, plain_failure};
use crate::language::Texts;
use crate::limit;
use crate::pages::{self, Look, Page};
use crate::{EngineError, MailError};

/// Seconds after which an outage may be over.
pub(crate) const RETRY_AFTER: &str = "5";

const BROKEN: &str = "The session could not be read.";
const OUTAGE: &str = "The service is unavailable for the moment. Please try again.";

/// Why it is not known who is signed in. Never to be read as "nobody".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store refused, or holds a value that does not decode. Trying again will not help.
    #[error("the session cannot be read")]
    Store(#[source] AdapterError),

    /// The store could not be reached in time. Trying again may help.
    #[error("the session store is unavailable")]
    Unavailable(#[source] AdapterError),

    /// User or session do not fit the application's own type. Nothing is wrong with the session.
    #[error("user or session are of another shape than the application expects")]
    Shape(#[source] CallbackError),

    /// There is no engine for the request, or it could not be made.
    #[error("there is no engine for the request")]
    Engine(#[from] EngineError),

    /// The application's own callback failed.
    #[error("a callback of the application failed")]
    Callback(#[source] CallbackError),

    /// The request names a host that is not trusted, so that it is not known which cookies are meant.
    #[error("the request names a host that is not trusted")]
    UntrustedHost,
}

impl SessionError {
    /// The response to answer with: 503 with `Retry-After` for an outage, 500 for a broken store, 400 for an
    /// untrusted host; a JSON body `{"message": …}` that tells no secrets, and no cookies.
    pub fn response(&self) -> Response<Bytes> {
        let (status, text) = match self {
            Self::Store(_) | Self::Callback(_) | Self::Shape(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, BROKEN)
            }
            Self::Unavailable(_) | Self::Engine(EngineError::Failed(_)) => {
                (StatusCode::SERVICE_UNAVAILABLE, OUTAGE)
            }
            Self::Engine(EngineError::Unknown) => (StatusCode::NOT_FOUND, "There is nothing here."),
            Self::UntrustedHost => (StatusCode::BAD_REQUEST, Failure::UntrustedHost.message()),
        };
        plain_failure(Answer::Json(status, message_json(text)))
    }
}

impl From<AdapterError> for SessionError {
    fn from(error: AdapterError) -> Self {
        match error {
            AdapterError::Unavailable(_) => Self::Unavailable(error),
            other => Self::Store(other),
        }
    }
}

impl From<UntrustedHost> for SessionError {
    fn from(_: UntrustedHost) -> Self {
        Self::UntrustedHost
    }
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The application does not let them in, or the user was deleted while they signed in.
    AccessDenied,
    /// The account is somebody else's, or the address is, and the account may not be linked to them.
    AccountNotLinked,
    /// The request is none of ours, or cannot be read.
    BadRequest,
    /// A callback of the application failed.
    Callback(&'static str, CallbackError),
    /// The callback URL cannot be used.
    CallbackUrl,
    /// What was kept in the browser for a sign-in at a provider is not there, not ours, or used up.
    Check(&'static str),
    /// A code does not sign in.
    Code(CodeProblem),
    /// The credentials are nobody's, or not enough, as the code says.
    Credentials { code: String },
    /// What was given for an e-mail address is none.
    Email,
    /// The link lacks its token or address, or they cannot be ones.
    Link,
    /// The mail was not sent.
    Mail(MailError),
    /// The POST does not come from a page of ours.
    MissingCsrf,
    /// The method or the provider is not one for this endpoint.
    NotAnAction,
    /// The provider refused, or what it sent does not hold.
    OAuth(OAuthError),
    /// The application failed while it was asked whether they may sign in.
    Refusal(CallbackError),
    /// The store refused, failed, or cannot be reached.
    Store(AdapterError),
    /// The body is too large.
    TooLarge,
    /// There were too many of these.
    TooMany {
        /// After how long there may be one more.
        retry_after: Duration,
    },
    /// There is no such provider.
    UnknownProvider,
    /// The request names a host that is not trusted.
    UntrustedHost,
    /// The link's token is not in the store, or has expired.
    Verification,
    /// A key's answer does not hold, or the key is nobody's.
    Passkey(CallbackError),
    /// The key is somebody else's, or the address is.
    PasskeyNotLinked,
}

/// What a failure looks like from outside.
#[derive(Debug)]
pub(crate) enum Answer {
    Redirect(String),
    Page(Page),
    Json(StatusCode, String),
    /// JSON with 429, and the seconds to wait.
    TooMany(String, u64),
}

impl From<AdapterError> for Failure {
    fn from(error: AdapterError) -> Self {
        Self::Store(error)
    }
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<UntrustedHost> for Failure {
    fn from(_: UntrustedHost) -> Self {
        Self::UntrustedHost
    }
}

/// Which page a failure leads to, and the code that the page is given.
enum Public {
    SignIn(&'static str),
    VerifyRequest(&'static str),
    Error(&'static str),
    /// No page: a status of its own.
    Status(StatusCode),
}

impl Failure {
    fn public(&self) -> Public {
        match self {
            Self::AccessDenied | Self::Refusal(_) => Public::Error("AccessDenied"),
            Self::AccountNotLinked => Public::SignIn("OAuthAccountNotLinked"),
            Self::PasskeyNotLinked => Public::SignIn("AccountNotLinked"),
            // Another tab has replaced the challenge, or it waited too long: nothing that the operator could mend.
            Self::Passkey(_) | Self::Check("challenge") => Public::Error("WebAuthnVerificationError"),
            Self::Code(problem) => Public::VerifyRequest(problem.code()),
            Self::Credentials { .. } => Public::SignIn("CredentialsSignin"),
            // A provider that is out of order is no fault of ours, and there may be other ways to sign in.
            Self::OAuth(error) if error.kind() != OAuthFailure::Invalid => {
                Public::SignIn("OAuthCallbackError")
            }
            Self::Callback(..) | Self::Check(_) | Self::NotAnAction | Self::OAuth(_) => {
                Public::Error("Configuration")
            }
            Self::Email | Self::Mail(_) => Public::SignIn("EmailSignin"),
            Self::MissingCsrf => Public::SignIn("MissingCSRF"),
            Self::Verification => Public::Error("Verification"),
            Self::Store(AdapterError::Unavailable(_)) => Public::Status(StatusCode::SERVICE_UNAVAILABLE),
            Self::Store(_) => Public::Error("Configuration"),
            Self::BadRequest | Self::CallbackUrl | Self::Link | Self::UntrustedHost => {
                Public::Status(StatusCode::BAD_REQUEST)
            }
            Self::TooLarge => Public::Status(StatusCode::PAYLOAD_TOO_LARGE),
            Self::TooMany { .. } => Public::Status(StatusCode::TOO_MANY_REQUESTS),
            Self::UnknownProvider => Public::Status(StatusCode::NOT_FOUND),
        }
    }

    /// What a page says of it.
    fn text<'a>(&self, texts: &'a Texts) -> &'a str {
        match self {
            Self::CallbackUrl => &texts.bad_callback_url,
            Self::Email => &texts.bad_email,
            Self::Link => &texts.bad_link,
            Self::TooLarge => &texts.too_large,
            Self::UnknownProvider => &texts.unknown_provider,
            Self::UntrustedHost => &texts.untrusted_host,
            Self::Store(_) => &texts.outage_text,
            _ => &texts.bad_request,
        }
    }

    /// What is said where a page does not, to programs, in English.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            Self::CallbackUrl => {
                "The callback URL is neither a path nor an http(s) URL of reasonable length."
            }
            Self::Code(problem) => problem.message(),
            Self::Email => "This is not an e-mail address.",
            Self::Link => "This link is incomplete. Please copy it whole from the mail.",
            Self::TooLarge => "The request is too large.",
            Self::TooMany { .. } => limit::TOO_MANY,
            Self::UnknownProvider => "There is no such way to sign in.",
            Self::UntrustedHost => "This host is not served here.",
            Self::Store(_) => OUTAGE,
            _ => "Bad request.",
        }
    }

    /// The response, for a request that could be read on an origin that is known.
    pub(crate) fn answer(&self, settings: &Settings, origin: &Origin, request: &Inbound<'_>) -> Answer {
        let page = |page: Option<&str>, own: &str| match page {
            Some(page) if page.starts_with('/') => format!("{}{page}", origin.as_str()),
            Some(page) => page.to_owned(),
            None => format!("{}{}{own}", origin.as_str(), settings.base_path),
        };
        let to = |configured: Option<&str>, own: &str, error: &str| {
            let page = page(configured, own);
            let code = match self {
                Self::Credentials { code } => Some(("code", code.as_str())),
                _ => None,
            };
            let pairs: Vec<_> = [("error", error)].into_iter().chain(code).collect();
            Answer::Redirect(with_query(&page, &pairs))
        };
        if let Self::TooMany { retry_after } = self {
            let sign_in = page(settings.pages.sign_in.as_deref(), "/signin");
            let look = Look { settings, origin, texts: settings.texts(request.headers) };
            return limit::too_many(*retry_after, &sign_in, &look, request);
        }
        match self.public() {
            Public::SignIn(code) => {
                if matches!(self, Self::Email) && !request.returns_redirect() && !request.wants_page() {
                    return Answer::Json(StatusCode::BAD_REQUEST, message_json(self.message()));
                }
                to(settings.pages.sign_in.as_deref(), "/signin", code)
            }
            Public::VerifyRequest(_) if !request.returns_redirect() && !request.wants_page() => {
                let body = message_json(self.message());
                match self {
                    Self::Code(CodeProblem::Blocked(seconds)) => Answer::TooMany(body, *seconds),
                    _ => Answer::Json(StatusCode::BAD_REQUEST, body),
                }
            }
            Public::VerifyRequest(code) => {
                let provider = request.route.provider.unwrap_or_default();
                let pairs = [("provider", provider), ("type", "email"), ("error", code)];
                let page = page(settings.pages.verify_request.as_deref(), "/verify-request");
                Answer::Redirect(with_query(&page, &pairs))
            }
            Public::Error(_) if request.route.action == Action::Session => {
                Answer::Json(StatusCode::INTERNAL_SERVER_ERROR, message_json(BROKEN))
            }
            Public::Error(code) => to(settings.pages.error.as_deref(), "/error", code),
            Public::Status(status) if request.wants_page() => {
                let look = Look { settings, origin, texts: settings.texts(request.headers) };
                Answer::Page(pages::message(&look, status, self.text(look.texts)))
            }
            Public::Status(status) => Answer::Json(status, message_json(self.message())),
        }
    }

    /// The response, for a request that could not be read.
    pub(crate) fn bare_answer(&self) -> Answer {
        match (self, self.public()) {
            (Self::BadRequest, _) => Answer::Json(StatusCode::BAD_REQUEST, "\"Bad request.\"".into()),
            (_, Public::Status(status)) => Answer::Json(status, message_json(self.message())),
            _ => Answer::Json(StatusCode::BAD_REQUEST, message_json(self.message())),
        }
    }

    /// Writes to the log what the operator has to know, and no secrets.
    pub(crate) fn log(&self, request: &Inbound<'_>) {
        let action = request.route.action;
        match self {
            Self::Store(error @ AdapterError::Unavailable(_)) => {
                tracing::warn!(?action, cause = causes(error, request), "the store is unavailable");
            }
            Self::Store(error) => {
                tracing::error!(?action, cause = causes(error, request), "the store failed");
            }
            Self::Mail(error) => {
                tracing::error!(?action, cause = causes(error, request), "a mail was not sent");
            }
            Self::Callback(callback, error) => {
                tracing::error!(?action, callback, cause = causes(&**error, request), "a callback failed");
            }
            Self::Refusal(error) => {
                let cause = causes(&**error, request);
                tracing::error!(?action, callback = "signIn", cause, "a callback failed");
            }
            Self::OAuth(error) => {
                tracing::warn!(?action, cause = causes(error, request), "the provider's answer was refused");
            }
            Self::Passkey(error) => {
                tracing::warn!(
                    ?action,
                    cause = causes(&**error, request),
                    "the answer of a passkey was refused"
                );
            }
            Self::Check(check) => tracing::debug!(?action, check, "a sign-in is not the browser's"),
            other => tracing::debug!(?action, failure = ?other, "a request was refused"),
        }
    }
}

/// An error and what caused it, the first line of each, without anything that came with the request and
/// without e-mail addresses.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static), request: &Inbound<'_>) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    let lines: Vec<&str> = texts.iter().filter_map(|text| text.lines().next()).collect();
    request.scrub(&lines.join(": "))
}

/// A URL with more parameters in its query.
pub(crate) fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let join = if url.contains('?') { '&' } else { '?' };
    format!("{url}{join}{query}")
}

pub(crate) fn message_json(message: &str) -> String {
    serde_json::json!({ "message": message }).to_string()
}
