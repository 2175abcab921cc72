//! What the browser brought back, met with what is expected (RFC 6749 §4.1.2, RFC 9207).

use subtle::ConstantTimeEq;

use crate::authorize::wanted;
use crate::discovery::Endpoints;
use crate::identity::Check;
use crate::text::printable;
use crate::{CallbackParams, Expected, OAuthError, Provider};

/// The code, if everything around it is as it must be.
pub(super) fn code_of<'a>(
    provider: &Provider,
    endpoints: &Endpoints,
    callback: &'a CallbackParams,
    expected: &Expected<'_>,
) -> Result<&'a str, OAuthError> {
    if let Some(name) = callback.unexpected {
        return Err(OAuthError::UnexpectedParameter(name));
    }
    match (&endpoints.issuer, &callback.iss) {
        (Some(issuer), Some(named)) if !issuer.admits(named) => return Err(other_issuer(endpoints, named)),
        (_, None) if endpoints.sends_issuer => return Err(OAuthError::CallbackIssuerMissing),
        // Without an issuer there is nothing to meet `iss` with. The `redirect_uri`, which is each provider's own,
        // tells the providers apart.
        _ => {}
    }
    if let Some(state) = wanted(provider.checks().state, Check::State, expected.state)? {
        let same = callback.state().is_some_and(|got| got.as_bytes().ct_eq(state.as_bytes()).into());
        if !same {
            return Err(OAuthError::StateMismatch);
        }
    }
    if let Some(error) = callback.error() {
        let description = callback.error_description().map(printable);
        return Err(OAuthError::ProviderRefused { error: printable(error), description });
    }
    callback.code.as_ref().map(vestibule_core::SecretToken::expose).ok_or(OAuthError::CodeMissing)
}

/// The callback, or the ID token that came of it, is another issuer's.
pub(super) fn other_issuer(endpoints: &Endpoints, named: &str) -> OAuthError {
    let expected = endpoints.issuer.as_ref().map(crate::issuer::Issuer::text).unwrap_or_default();
    OAuthError::CallbackIssuerMismatch { expected, got: printable(named) }
}
