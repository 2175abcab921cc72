//! The URL that the browser is sent to.

use url::Url;

use crate::OAuthError;
use crate::identity::{AuthorizationRequest, Check};
use crate::provider::{Endpoint, Provider, ResponseMode, expand};

const DEFAULT_SCOPE: &str = "openid profile email";

/// What no browser may set, whatever the provider's data allows.
const RESERVED: [&str; 11] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "state",
];

/// Adds to the authorization endpoint what has to be said, in the order of the originals.
pub(crate) fn authorization_url(
    provider: &Provider,
    endpoint: &Url,
    request: &AuthorizationRequest<'_>,
) -> Result<String, OAuthError> {
    let mut query = Query::of(endpoint);
    let Endpoint { url: own_url, params } = provider.authorization();
    let configured =
        params.iter().map(|(name, value)| (&**name, expand(value, |name| client(provider, name))));
    if own_url.is_empty() {
        query.set("response_type", "code");
        query.set("client_id", provider.client_id());
        query.set("redirect_uri", request.redirect_uri);
        configured.for_each(|(name, value)| query.set(name, &value));
    } else {
        configured.for_each(|(name, value)| query.set(name, &value));
        // What the data says on purpose stays: a response type that is not the standard's, for instance.
        query.set_if_absent("response_type", "code");
        query.set_if_absent("client_id", provider.client_id());
        query.set("redirect_uri", request.redirect_uri);
    }
    match provider.scope() {
        Some("") => query.remove("scope"),
        Some(scope) => query.set("scope", scope),
        None => {}
    }
    if provider.response_mode() == ResponseMode::FormPost {
        query.set("response_mode", "form_post");
    }
    for (name, value) in request.params.iter().filter(|(name, _)| is_allowed(provider, name)) {
        query.set(name, value);
    }
    for (_, value) in params.iter().filter(|(name, _)| &**name == "max_age") {
        query.set("max_age", value);
    }
    if let Some(state) = wanted(provider.checks().state, Check::State, request.state)? {
        query.set("state", state);
    }
    if let Some(challenge) = wanted(provider.checks().pkce, Check::Pkce, request.code_challenge)? {
        query.set("code_challenge", challenge);
        query.set("code_challenge_method", "S256");
    }
    if let Some(nonce) = wanted(provider.checks().nonce, Check::Nonce, request.nonce)? {
        query.set("nonce", nonce);
    }
    if provider.scope().is_none() {
        query.set_if_absent("scope", DEFAULT_SCOPE);
    }
    let mut url = endpoint.clone();
    query.write(&mut url);
    Ok(url.into())
}

fn client(provider: &Provider, name: &str) -> Option<String> {
    (name == "client_id").then(|| provider.client_id().to_owned())
}

fn is_allowed(provider: &Provider, name: &str) -> bool {
    !RESERVED.contains(&name) && provider.allowed_params().any(|allowed| allowed == name)
}

/// The value for a check that is on. A check without a value is no check.
pub(crate) fn wanted(on: bool, check: Check, value: Option<&str>) -> Result<Option<&str>, OAuthError> {
    match (on, value.filter(|value| !value.is_empty())) {
        (false, _) => Ok(None),
        (true, Some(value)) => Ok(Some(value)),
        (true, None) => Err(OAuthError::CheckMissing(check)),
    }
}

/// A query in which each name stands once.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(url: &Url) -> Self {
        Self(url.query_pairs().into_owned().collect())
    }

    /// As `URLSearchParams.set`: in the place of the first of that name, else at the end.
    fn set(&mut self, name: &str, value: &str) {
        let mut first = true;
        self.0.retain_mut(|(known, old)| {
            if known != name {
                return true;
            }
            if first {
                value.clone_into(old);
            }
            std::mem::take(&mut first)
        });
        if first {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    fn set_if_absent(&mut self, name: &str, value: &str) {
        if !self.0.iter().any(|(known, _)| known == name) {
            self.set(name, value);
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    fn write(self, url: &mut Url) {
        url.query_pairs_mut().clear().extend_pairs(self.0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Checks, Kind};

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn request(params: &[(String, String)]) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            redirect_uri: "https://app.example/auth/callback/p",
            state: Some("s"),
            nonce: Some("n"),
            code_challenge: Some(CHALLENGE),
            params,
        }
    }

    fn provider(kind: Kind) -> Provider {
        Provider::new("p", "P", kind).with_client_id("me")
    }

    fn url_at(
        provider: &Provider,
        endpoint: &str,
        request: &AuthorizationRequest<'_>,
    ) -> Result<String, OAuthError> {
        authorization_url(provider, &Url::parse(endpoint).unwrap(), request)
    }

    fn pairs(url: &str) -> Vec<(String, String)> {
        Url::parse(url).unwrap().query_pairs().into_owned().collect()
    }

    fn param(url: &str, name: &str) -> Option<String> {
        pairs(url).into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    #[test]
    fn parameters_stand_in_the_order_of_the_originals() {
        let discovered =
            url_at(&provider(Kind::Oidc), "https://p.example/authorize?x=1", &request(&[])).unwrap();
        let configured = provider(Kind::OAuth)
            .with_authorization(Endpoint::new("https://p.example/authorize").with_param("scope", "read"));
        let configured = url_at(&configured, "https://p.example/authorize", &request(&[])).unwrap();

        assert_eq!(
            discovered,
            format!(
                "https://p.example/authorize?x=1&response_type=code&client_id=me\
                 &redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Fcallback%2Fp&state=s\
                 &code_challenge={CHALLENGE}&code_challenge_method=S256&nonce=n&scope=openid+profile+email"
            )
        );
        assert_eq!(
            configured,
            format!(
                "https://p.example/authorize?scope=read&response_type=code&client_id=me\
                 &redirect_uri=https%3A%2F%2Fapp.example%2Fauth%2Fcallback%2Fp&state=s\
                 &code_challenge={CHALLENGE}&code_challenge_method=S256"
            )
        );
    }

    #[test]
    fn a_browser_sets_what_is_allowed_and_nothing_of_the_protocol() {
        let mut params = vec![("prompt".to_owned(), "login".to_owned()), ("evil".to_owned(), "1".to_owned())];
        params.extend(RESERVED.map(|name| (name.to_owned(), "evil".to_owned())));
        let provider = provider(Kind::Oidc).with_allowed_params(RESERVED).with_allowed_param("prompt");

        let url = url_at(&provider, "https://p.example/authorize", &request(&params)).unwrap();

        assert_eq!(param(&url, "prompt").as_deref(), Some("login"));
        assert!(!url.contains("evil"), "{url}");
    }

    #[test]
    fn a_check_that_is_on_needs_a_value() {
        for (check, request) in [
            (Check::State, AuthorizationRequest { state: None, ..request(&[]) }),
            (Check::State, AuthorizationRequest { state: Some(""), ..request(&[]) }),
            (Check::Pkce, AuthorizationRequest { code_challenge: None, ..request(&[]) }),
            (Check::Nonce, AuthorizationRequest { nonce: None, ..request(&[]) }),
        ] {
            let refused = url_at(&provider(Kind::Oidc), "https://p.example/", &request).unwrap_err();
            assert!(matches!(refused, OAuthError::CheckMissing(which) if which == check), "{refused}");
        }
    }

    #[test]
    fn a_check_that_is_off_sends_nothing() {
        let none = Checks::all(Kind::Oidc).without_pkce().without_state().without_nonce();

        let url =
            url_at(&provider(Kind::Oidc).with_checks(none), "https://p.example/authorize", &request(&[]))
                .unwrap();

        for name in ["state", "nonce", "code_challenge", "code_challenge_method"] {
            assert_eq!(param(&url, name), None, "{name}");
        }
    }

    #[test]
    fn the_scope_is_the_given_one_or_the_usual_one_or_none() {
        let scope = |provider: Provider| {
            let url = url_at(&provider, "https://p.example/?scope=old", &request(&[])).unwrap();
            param(&url, "scope")
        };

        assert_eq!(scope(provider(Kind::Oidc)).as_deref(), Some("old"));
        assert_eq!(scope(provider(Kind::Oidc).with_scope("openid")).as_deref(), Some("openid"));
        assert_eq!(scope(provider(Kind::Oidc).with_scope("")), None);
    }

    #[test]
    fn data_may_say_another_response_type_and_name_the_client_once_more() {
        let provider = provider(Kind::OAuth).with_authorization(
            Endpoint::new("https://p.example/authorize")
                .with_param("response_type", "Assertion")
                .with_param("client_key", "{client_id}"),
        );

        let url = url_at(&provider, "https://p.example/authorize", &request(&[])).unwrap();

        assert_eq!(param(&url, "response_type").as_deref(), Some("Assertion"));
        assert_eq!(param(&url, "client_key").as_deref(), Some("me"));
    }

    #[test]
    fn a_max_age_of_the_data_is_not_the_browsers_to_change() {
        let params = [("max_age".to_owned(), "999999".to_owned())];
        let age = |provider: Provider| {
            let url = url_at(&provider, "https://p.example/authorize", &request(&params)).unwrap();
            param(&url, "max_age")
        };

        assert_eq!(age(provider(Kind::Oidc)).as_deref(), Some("999999"));
        assert_eq!(
            age(provider(Kind::Oidc).with_authorization_param("max_age", "60")).as_deref(),
            Some("60")
        );
    }

    #[test]
    fn form_post_is_asked_for() {
        let provider = provider(Kind::Oidc).with_response_mode(ResponseMode::FormPost);

        let url = url_at(&provider, "https://p.example/authorize", &request(&[])).unwrap();

        assert_eq!(param(&url, "response_mode").as_deref(), Some("form_post"));
    }

    proptest! {
        #[test]
        fn whatever_a_browser_adds_what_was_sent_stands_once(
            params in proptest::collection::vec(("[a-z_]{1,14}|redirect_uri|scope", ".*"), 0..8),
        ) {
            let url =
                url_at(&provider(Kind::Oidc), "https://p.example/authorize", &request(&params)).unwrap();
            let pairs = pairs(&url);

            for (name, value) in [
                ("redirect_uri", "https://app.example/auth/callback/p"),
                ("client_id", "me"),
                ("state", "s"),
                ("code_challenge", CHALLENGE),
            ] {
                let found: Vec<_> = pairs.iter().filter(|(known, _)| known == name).collect();
                prop_assert_eq!(found.len(), 1);
                prop_assert_eq!(&found[0].1, value);
            }
        }
    }
}
