//! What is refused when the engine is made.

use std::sync::Arc;

use vestibule_engine::{Config, ConfigProblem, Engine, JwtPolicy, Parts, TrustedHosts, WebAuthnProvider};
use vestibule_memory::Memory;
use vestibule_testkit::Mailbox;

use crate::app::{ORIGIN, SECRET};

fn problems(config: Config, parts: Parts) -> Vec<ConfigProblem> {
    match Engine::new(config, parts) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

fn stored() -> Parts {
    Parts::new(Arc::new(Memory::new()), Arc::new(Mailbox::new()))
}

fn at(url: &str, provider: WebAuthnProvider) -> Vec<ConfigProblem> {
    problems(Config::new(SECRET).with_base_url(url).with_provider(provider), stored())
}

#[test]
fn passkeys_need_a_store() {
    let config = Config::new(SECRET)
        .with_base_url(ORIGIN)
        .with_session(JwtPolicy::default())
        .with_provider(WebAuthnProvider::passkey());

    let found = problems(config, Parts::without_store());

    assert_eq!(found.iter().map(ConfigProblem::auth_js_name).collect::<Vec<_>>(), [Some("MissingAdapter")]);
    assert!(found[0].to_string().contains("provider `passkey`"), "{}", found[0]);
}

#[test]
fn passkeys_need_a_store_with_a_place_for_them() {
    let config = Config::new(SECRET).with_base_url(ORIGIN).with_provider(WebAuthnProvider::passkey());
    let parts = Parts::new(Arc::new(Memory::new().without_authenticators()), Arc::new(Mailbox::new()));

    let found = problems(config, parts);

    assert_eq!(
        found.iter().map(ConfigProblem::auth_js_name).collect::<Vec<_>>(),
        [Some("MissingAdapterMethods")]
    );
}

#[test]
fn one_provider_at_most_has_browsers_offer_keys() {
    let config = |second: WebAuthnProvider| {
        Config::new(SECRET)
            .with_base_url(ORIGIN)
            .with_provider(WebAuthnProvider::passkey())
            .with_provider(second)
    };

    let both = problems(config(WebAuthnProvider::webauthn()), stored());
    let one = problems(config(WebAuthnProvider::webauthn().with_conditional_ui(false)), stored());

    assert_eq!(
        both.iter().map(ConfigProblem::auth_js_name).collect::<Vec<_>>(),
        [Some("DuplicateConditionalUI")]
    );
    for switch in ["`conditional_ui = false`", "`with_conditional_ui(false)`"] {
        assert!(both[0].to_string().contains(switch), "{}", both[0]);
    }
    assert_eq!(one, []);
}

#[test]
fn keys_are_for_a_domain_that_the_pages_are_in() {
    let passkey = WebAuthnProvider::passkey;
    let fine = [
        ("https://app.example.com", passkey()),
        ("https://app.example.com:8443", passkey()),
        ("http://localhost:3000", passkey()),
        ("https://app.example.com", passkey().with_relying_party_id("example.com")),
        (
            "https://app.example.com/auth",
            passkey().with_origin("https://app.example.com/").with_origin("https://app.example.com:9443"),
        ),
    ];
    for (url, provider) in fine {
        assert_eq!(at(url, provider), [], "{url}");
    }
    let wrong = [
        ("http://app.example.com", passkey()),
        ("https://127.0.0.1", passkey()),
        ("https://app.example.com", passkey().with_relying_party_id("example.org")),
        ("https://app.example.com", passkey().with_relying_party_id("EXAMPLE.com")),
        ("https://app.example.com", passkey().with_relying_party_id("https://example.com")),
        ("https://app.example.com", passkey().with_relying_party_id("")),
        ("https://app.example.com", passkey().with_origin("https://example.org")),
        ("https://app.example.com", passkey().with_origin("app.example.com")),
    ];
    for (url, provider) in wrong {
        let found = at(url, provider.clone());
        assert!(matches!(&found[..], [ConfigProblem::RelyingParty { .. }]), "{url} {provider:?}: {found:?}");
    }
}

#[test]
fn the_pages_own_origin_is_among_those_that_are_given() {
    let given = WebAuthnProvider::passkey()
        .with_relying_party_id("example.com")
        .with_origin("https://www.example.com");

    let found = at("https://app.example.com", given.clone());

    assert!(matches!(&found[..], [ConfigProblem::RelyingParty { .. }]), "{found:?}");
    let text = found[0].to_string();
    assert!(
        text.contains("provider `passkey`: its origins do not include https://app.example.com,"),
        "{text}"
    );
    assert_eq!(at("https://app.example.com", given.with_origin("https://app.example.com")), []);
}

#[test]
fn a_listed_host_is_looked_at_too_and_any_host_with_each_request() {
    let config =
        |hosts| Config::new(SECRET).with_trusted_hosts(hosts).with_provider(WebAuthnProvider::passkey());

    let fine =
        problems(config(TrustedHosts::Listed(vec!["a.example.com".into(), "localhost:1".into()])), stored());
    let wrong =
        problems(config(TrustedHosts::Listed(vec!["a.example.com".into(), "10.0.0.1".into()])), stored());
    let any = problems(config(TrustedHosts::Any), stored());

    assert_eq!((fine, wrong.len(), any), (vec![], 1, vec![]));
}
