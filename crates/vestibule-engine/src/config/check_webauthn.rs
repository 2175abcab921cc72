//! The checks of what passkeys need: a place to be kept in, and origins that go with their domain.

use vestibule_core::ProviderId;

use crate::Parts;
use crate::config::{ConfigProblem, Provider};
use crate::http::{Origin, OriginPolicy};

pub(super) fn webauthn(
    providers: &[Provider],
    origin: Option<&OriginPolicy>,
    parts: &Parts,
    problems: &mut Vec<ConfigProblem>,
) {
    let served = served(origin);
    let mut offering: Option<&ProviderId> = None;
    for provider in providers {
        let Provider::WebAuthn(provider) = provider else { continue };
        let id = || provider.id.to_string();
        if parts.has_store() && !parts.adapter().capabilities().authenticators {
            let feature = format!("provider `{}`, which signs in by passkeys,", provider.id);
            problems.push(ConfigProblem::MissingAdapterMethods { feature, missing: "authenticators" });
        }
        if provider.conditional_ui {
            if let Some(other) = offering {
                let other = other.to_string();
                problems.push(ConfigProblem::DuplicateConditionalUi { id: id(), other });
            }
            offering = Some(&provider.id);
        }
        if let Some(error) = served.iter().find_map(|origin| provider.relying_party(origin).err()) {
            problems.push(ConfigProblem::RelyingParty { id: id(), reason: error.to_string() });
        } else if let Some(OriginPolicy::Fixed(origin)) = origin
            && provider.relying_party(origin).is_ok_and(|party| !party.has_origin(origin.as_str()))
        {
            let reason = format!(
                "its origins do not include {}, which is the base URL's (AUTH_URL): the pages there could not use \
                 passkeys; add it to `origins` (`with_origin`), or give none",
                origin.as_str()
            );
            problems.push(ConfigProblem::RelyingParty { id: id(), reason });
        }
    }
}

/// The origins that keys may be asked for on, as far as that is known before there is a request.
fn served(policy: Option<&OriginPolicy>) -> Vec<Origin> {
    match policy {
        Some(OriginPolicy::Fixed(origin)) => vec![(**origin).clone()],
        Some(OriginPolicy::Listed(origins)) => {
            // A host on this machine is listed by https and by http.
            let mut origins: Vec<Origin> = origins.iter().cloned().collect();
            origins.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
            origins
        }
        Some(OriginPolicy::Named) | None => Vec::new(),
    }
}
