//! What a provider needs before anybody can sign in by it: Auth.js' `InvalidEndpoints`, found when the engine is made.

use vestibule_oauth::{Alg, ClientAuth, Kind, ProfileSource, Provider};

/// What is missing, and what to do about it; one entry each.
pub(super) fn missing(provider: &Provider) -> Vec<(&'static str, &'static str)> {
    let is_oidc = provider.kind() == Kind::Oidc;
    let asks_for_user = !is_oidc || provider.profile_source() == ProfileSource::UserInfo;
    // What the document says nothing of is found out when it is there.
    let told = provider.discovers() && provider.issuer().is_some();
    let checks_by_secret = provider.id_token_alg() == Some(Alg::Hs256);
    let lacks = [
        (
            provider.issuer().is_none() && (is_oidc || provider.discovers()),
            "issuer",
            "set it with `with_issuer`; an ID token without one is nobody's",
        ),
        (
            !told && provider.authorization().url.is_empty(),
            "authorization endpoint",
            "set it with `with_authorization`, or an issuer that publishes it and `with_discovery(true)`",
        ),
        (
            !told && provider.token().is_none_or(|endpoint| endpoint.url.is_empty()),
            "token endpoint",
            "set it with `with_token`, or an issuer that publishes it and `with_discovery(true)`",
        ),
        (
            !told && asks_for_user && provider.user_info().is_none_or(|endpoint| endpoint.url.is_empty()),
            "userinfo endpoint",
            "set it with `with_user_info`, or an issuer that publishes it and `with_discovery(true)`",
        ),
        (
            !told && is_oidc && provider.jwks_uri().is_none() && !checks_by_secret,
            "keys to check ID tokens with",
            "set their URL with `with_jwks_uri`, or an issuer that publishes it and `with_discovery(true)`",
        ),
    ];
    lacks.into_iter().filter(|(lacks, ..)| *lacks).map(|(_, what, remedy)| (what, remedy)).collect()
}

/// Whether the client has to show a secret and has none.
pub(super) fn lacks_secret(provider: &Provider) -> bool {
    let needs =
        matches!(provider.client_auth(), ClientAuth::Basic | ClientAuth::Post | ClientAuth::SecretJwt)
            || provider.id_token_alg() == Some(Alg::Hs256);
    needs && provider.client_secret().is_none_or(|secret| secret.expose().is_empty())
}
