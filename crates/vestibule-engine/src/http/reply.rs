//! What an endpoint answers when all went well.

use bytes::Bytes;
use http::HeaderValue;

use crate::pages::Page;

/// The answer of an endpoint.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) content: Content,
    /// `Set-Cookie` values, after those that every response may carry.
    pub(crate) cookies: Vec<HeaderValue>,
}

/// What is in an answer.
#[derive(Debug)]
pub(crate) enum Content {
    /// JSON with the three headers by which Auth.js keeps it out of caches.
    FreshJson(Bytes),
    /// Auth.js' answer to a session update that failed: 400 and `null`.
    NoUpdate,
    /// Auth.js' answer to who asks for options that there are not: 400 and why.
    NoOptions(&'static str),
    Page(Page),
    Redirect(String),
}

impl From<Content> for Reply {
    fn from(content: Content) -> Self {
        Self { content, cookies: Vec::new() }
    }
}

impl Reply {
    /// A redirect.
    pub(crate) fn redirect(to: impl Into<String>) -> Self {
        Content::Redirect(to.into()).into()
    }

    /// The same with these cookies.
    pub(crate) fn with_cookies(mut self, cookies: impl IntoIterator<Item = HeaderValue>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}
