//! Token requests (RFC 6749 §4.1.3 and §6).

use url::Url;
use vestibule_core::SecretToken;
use vestibule_http::Bytes;
use vestibule_http::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use vestibule_http::http::{HeaderValue, Request};

use super::authenticate::{To, authenticate};
use crate::provider::{Provider, Quirk, expand};
use crate::{OAuthError, ProviderEndpoint};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// What is given for tokens.
pub(crate) enum Grant<'a> {
    /// A code.
    Code { code: &'a str, redirect_uri: &'a str, code_verifier: Option<&'a str> },
    /// A refresh token.
    Refresh(&'a str),
}

/// A form that is being filled in.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn finish(self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.0).finish()
    }
}

/// The request for tokens.
pub(crate) fn token_request(
    provider: &Provider,
    grant: &Grant<'_>,
    to: To<'_>,
) -> Result<Request<Bytes>, OAuthError> {
    let value = |name: &str| match name {
        "client_id" => Some(provider.client_id().to_owned()),
        "client_secret" => provider.client_secret().map(SecretToken::expose).map(str::to_owned),
        name => grant.part(name),
    };
    let mut form = Form::default();
    let own_form = provider.quirks().iter().find_map(|quirk| match (quirk, grant) {
        (Quirk::TokenForm(own), Grant::Code { .. }) => Some(own),
        _ => None,
    });
    let authorization = if let Some(own) = own_form {
        for (name, text) in own {
            form.add(name, &expand(text, value));
        }
        None
    } else {
        grant.fill(&mut form);
        authenticate(provider, to, &mut form)?
    };
    let mut url = to.token_endpoint.clone();
    add_params(provider, &mut url, value);
    let mut headers = Vec::new();
    for quirk in provider.quirks() {
        match quirk {
            Quirk::TokenParam(name, text) => form.add(name, &expand(text, value)),
            Quirk::TokenHeader(name, text) => headers.push(header(name, &expand(text, value))?),
            _ => {}
        }
    }
    let mut request = Request::post(url.as_str())
        .header(CONTENT_TYPE, FORM)
        .body(Bytes::from(form.finish()))
        .map_err(|_| OAuthError::InsecureUrl(ProviderEndpoint::Token))?;
    headers.extend(authorization.map(|text| header("authorization", &text)).transpose()?);
    request.headers_mut().extend(headers);
    Ok(request)
}

impl Grant<'_> {
    fn fill(&self, form: &mut Form) {
        match self {
            Self::Code { code, redirect_uri, code_verifier } => {
                form.add("redirect_uri", redirect_uri);
                form.add("code", code);
                if let Some(verifier) = code_verifier {
                    form.add("code_verifier", verifier);
                }
                form.add("grant_type", "authorization_code");
            }
            Self::Refresh(token) => {
                form.add("refresh_token", token);
                form.add("grant_type", "refresh_token");
            }
        }
    }

    fn part(&self, name: &str) -> Option<String> {
        let Self::Code { code, redirect_uri, code_verifier } = self else { return None };
        match name {
            "code" => Some((*code).to_owned()),
            "redirect_uri" => Some((*redirect_uri).to_owned()),
            "code_verifier" => Some(code_verifier.unwrap_or_default().to_owned()),
            _ => None,
        }
    }
}

fn add_params(provider: &Provider, url: &mut Url, value: impl Fn(&str) -> Option<String>) {
    let params = provider.token().map(|endpoint| &*endpoint.params).unwrap_or_default();
    if params.is_empty() {
        return;
    }
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let kept = kept.into_iter().filter(|(name, _)| !params.iter().any(|(other, _)| **other == **name));
    let added = params.iter().map(|(name, text)| (name.to_string(), expand(text, &value)));
    let all: Vec<_> = kept.chain(added).collect();
    url.query_pairs_mut().clear().extend_pairs(all);
}

/// A header of the provider's data.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), OAuthError> {
    const BAD: OAuthError = OAuthError::Misconfigured("a header of the provider's data is not one");
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| BAD)?;
    let mut value = HeaderValue::from_str(value).map_err(|_| BAD)?;
    value.set_sensitive(name == AUTHORIZATION);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use vestibule_core::{OsRandom, Timestamp};

    use super::*;
    use crate::{ClientAuth, Endpoint, Kind};

    const CODE: Grant<'_> =
        Grant::Code { code: "c&d", redirect_uri: "https://app.example/cb", code_verifier: Some("verifier") };

    fn provider() -> Provider {
        Provider::new("p", "P", Kind::OAuth)
            .with_client_id("me")
            .with_client_secret("hunter2")
            .with_client_auth(ClientAuth::Post)
    }

    fn request(provider: &Provider, grant: &Grant<'_>) -> Request<Bytes> {
        let url = Url::parse("https://p.example/token?v=1").unwrap();
        let to = To { issuer: None, token_endpoint: &url, now: Timestamp::from_secs(0), random: &OsRandom };
        token_request(provider, grant, to).unwrap()
    }

    fn body(request: &Request<Bytes>) -> &str {
        std::str::from_utf8(request.body()).unwrap()
    }

    #[test]
    fn a_code_is_given_with_what_proves_that_it_is_ours() {
        let request = request(&provider(), &CODE);

        assert_eq!(request.uri(), "https://p.example/token?v=1");
        assert_eq!(
            body(&request),
            "redirect_uri=https%3A%2F%2Fapp.example%2Fcb&code=c%26d&code_verifier=verifier\
             &grant_type=authorization_code&client_id=me&client_secret=hunter2"
        );
        assert!(!request.headers().contains_key(AUTHORIZATION));
    }

    #[test]
    fn a_refresh_token_is_given_without_the_rest() {
        assert_eq!(
            body(&request(&provider(), &Grant::Refresh("r"))),
            "refresh_token=r&grant_type=refresh_token&client_id=me&client_secret=hunter2"
        );
    }

    #[test]
    fn parameters_of_the_endpoint_go_into_the_query() {
        let provider = provider().with_token(
            Endpoint::new("https://p.example/token?v=1")
                .with_param("appid", "{client_id}")
                .with_param("secret", "{client_secret}")
                .with_param("v", "2"),
        );

        assert_eq!(request(&provider, &CODE).uri(), "https://p.example/token?appid=me&secret=hunter2&v=2");
    }

    #[test]
    fn quirks_add_parameters_and_headers() {
        let provider = provider()
            .with_quirk(Quirk::TokenParam("client_key".into(), "{client_id}".into()))
            .with_quirk(Quirk::TokenHeader("x-api-key".into(), "{client_id}".into()));

        let request = request(&provider, &CODE);

        assert!(body(&request).ends_with("&client_key=me"));
        assert_eq!(request.headers()["x-api-key"], "me");
    }

    #[test]
    fn a_form_of_its_own_replaces_the_usual_one_but_not_when_refreshing() {
        let provider = provider().with_quirk(Quirk::TokenForm(vec![
            ("assertion".into(), "{code}".into()),
            ("client_assertion".into(), "{client_secret}".into()),
            ("redirect_uri".into(), "{redirect_uri}".into()),
        ]));

        assert_eq!(
            body(&request(&provider, &CODE)),
            "assertion=c%26d&client_assertion=hunter2&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
        );
        assert!(body(&request(&provider, &Grant::Refresh("r"))).starts_with("refresh_token=r"));
    }

    #[test]
    fn a_header_that_is_none_is_refused() {
        assert!(header("x y", "v").is_err());
        assert!(header("x", "v\r\nevil: 1").is_err());
    }
}
