//! The request to the userinfo endpoint, for those who do not follow OpenID Connect.

/// What the request to the userinfo endpoint looks like.
///
/// A fresh one is a `GET` with the access token in the `Authorization` header, and the answer is the profile. In the
/// URL of the endpoint `{access_token}` stands for the access token and `{token.NAME}` for a member of the token
/// response, both percent-encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserInfoRequest {
    pub(crate) method: UserInfoMethod,
    pub(crate) without_bearer: bool,
    pub(crate) headers: Vec<(Box<str>, Box<str>)>,
    pub(crate) profile_at: Option<Box<str>>,
}

/// With what method the userinfo endpoint is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserInfoMethod {
    /// `GET`.
    #[default]
    Get,
    /// `POST` without a body.
    Post,
    /// `POST` with a body of the type `application/json`.
    PostJson(Box<str>),
}

impl UserInfoRequest {
    /// As OpenID Connect Core §5.3.1 has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the method.
    #[must_use]
    pub fn with_method(mut self, method: UserInfoMethod) -> Self {
        self.method = method;
        self
    }

    /// Leaves the `Authorization` header out, for a token that travels in the URL.
    #[must_use]
    pub fn without_bearer(mut self) -> Self {
        self.without_bearer = true;
        self
    }

    /// Adds a header. In its value, `{client_id}` stands for the client's id.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Says where in the answer the profile is, as a JSON pointer (RFC 6901), `/response/0` for instance.
    #[must_use]
    pub fn with_profile_at(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.profile_at = Some(pointer.into());
        self
    }
}
