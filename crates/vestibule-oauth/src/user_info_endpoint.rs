//! The userinfo endpoint (OpenID Connect Core §5.3), and the API that takes its place.

use serde_json::{Map, Value};
use url::Url;
use vestibule_http::Bytes;
use vestibule_http::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use vestibule_http::http::{HeaderValue, Method, Request, Response};

use crate::provider::{Provider, UserInfoMethod, expand};
use crate::token::{TokenResponse, header};
use crate::wire::{JSON, own_url};
use crate::{OAuthError, ProviderEndpoint};

const FROM: ProviderEndpoint = ProviderEndpoint::UserInfo;
const JSON_OR_JWT: HeaderValue = HeaderValue::from_static("application/json, application/jwt");

/// The request for what the provider tells about the user.
pub(crate) fn request(
    provider: &Provider,
    url: &Url,
    token: &TokenResponse,
) -> Result<Request<Bytes>, OAuthError> {
    let asked = provider.user_info_request();
    let (method, body) = match &asked.method {
        UserInfoMethod::Get => (Method::GET, Bytes::new()),
        UserInfoMethod::Post => (Method::POST, Bytes::new()),
        UserInfoMethod::PostJson(body) => (Method::POST, Bytes::from(body.to_string())),
    };
    let has_body = !body.is_empty();
    let mut request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(ACCEPT, JSON_OR_JWT)
        .body(body)
        .map_err(|_| OAuthError::InsecureUrl(FROM))?;
    let headers = request.headers_mut();
    if has_body {
        headers.insert(CONTENT_TYPE, JSON);
    }
    if !asked.without_bearer {
        headers.insert(AUTHORIZATION, bearer(token)?);
    }
    for (name, value) in &asked.headers {
        let value = expand(value, |name| (name == "client_id").then(|| provider.client_id().to_owned()));
        let (name, value) = header(name, &value)?;
        headers.insert(name, value);
    }
    Ok(request)
}

/// The `Authorization` header of an access token (RFC 6750 §2.1).
pub(crate) fn bearer(token: &TokenResponse) -> Result<HeaderValue, OAuthError> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.access_token.expose()))
        .map_err(|_| OAuthError::Member { from: ProviderEndpoint::Token, name: "access_token" })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The endpoint of the provider's data, with its braces filled.
pub(crate) fn own_endpoint(
    provider: &Provider,
    endpoint: &crate::Endpoint,
    token: &TokenResponse,
) -> Result<Url, OAuthError> {
    let value = |name: &str| match name {
        "client_id" => Some(provider.client_id().to_owned()),
        "access_token" => Some(token.access_token.expose().to_owned()),
        name => match token.members.get(name.strip_prefix("token.")?)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        },
    };
    let encoded = |name: &str| {
        value(name).map(|value| {
            form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
        })
    };
    let filled = expand(&endpoint.url, encoded);
    if filled.contains("{token.") || filled.contains("{access_token}") {
        return Err(OAuthError::Member {
            from: ProviderEndpoint::Token,
            name: "what the userinfo endpoint needs",
        });
    }
    let mut url = own_url(provider, FROM, &filled)?;
    for (name, text) in &endpoint.params {
        url.query_pairs_mut().append_pair(name, &expand(text, value));
    }
    Ok(url)
}

/// Whether an answer is a signed token.
pub(crate) fn is_jwt(answer: &Response<Bytes>) -> bool {
    answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/jwt"))
}

/// The part of an answer that is the profile.
pub(crate) fn profile(
    provider: &Provider,
    answer: Map<String, Value>,
) -> Result<Map<String, Value>, OAuthError> {
    let Some(pointer) = &provider.user_info_request().profile_at else { return Ok(answer) };
    match Value::Object(answer).pointer(pointer) {
        Some(Value::Object(profile)) => Ok(profile.clone()),
        _ => Err(OAuthError::Member { from: FROM, name: "profile" }),
    }
}
