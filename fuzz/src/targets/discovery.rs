//! A discovery document of any kind is read, and browsers are sent where it says or nowhere.

use serde_json::Value;
use url::Url;
use vestibule_oauth::AuthorizationRequest;

use crate::provider::{CLIENT, ISSUER, at_once, provider, relying_party};

const REDIRECT_URI: &str = "https://app.example/auth/callback/p";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) fn run(data: &[u8]) {
    let document = data.to_vec();
    let party = relying_party(move |_| document.clone());
    let request = AuthorizationRequest {
        redirect_uri: REDIRECT_URI,
        state: Some("the state"),
        nonce: Some("the nonce"),
        code_challenge: Some(CHALLENGE),
        params: &[],
    };

    let Ok(to) = at_once(party.authorization_url(&provider(), &request)) else { return };

    // It is a document of this issuer, and the endpoint is the one that it names.
    let document: Value = serde_json::from_slice(data).expect("a document that is taken is JSON");
    let named = |name: &str| Url::parse(document[name].as_str().expect("a text")).expect("a URL");
    assert_eq!(named("issuer"), Url::parse(ISSUER).expect("a URL"));
    let (to, endpoint) = (Url::parse(&to).expect("a URL"), named("authorization_endpoint"));
    let is_local = matches!(to.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
        || to.host_str().is_some_and(|host| host.ends_with(".localhost") || host.starts_with("127."));
    assert!(to.scheme() == "https" || to.scheme() == "http" && is_local, "{to}");
    assert_eq!((to.host(), to.port(), to.path()), (endpoint.host(), endpoint.port(), endpoint.path()));
    // Whatever stands in the endpoint's query, what was sent stands there once.
    for (name, value) in [
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("state", "the state"),
        ("nonce", "the nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ] {
        let found: Vec<_> = to.query_pairs().filter(|(known, _)| known == name).collect();
        assert!(found.len() == 1 && found[0].1 == value, "{name}: {to}");
    }
}
