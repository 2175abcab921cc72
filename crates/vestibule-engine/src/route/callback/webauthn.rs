//! `POST /callback/:webauthn`: what a key answered.

use vestibule_webauthn::{AuthenticationResponse, Expected, Problem, RegistrationResponse};

use crate::config::WebAuthnProvider;
use crate::error::Failure;
use crate::http::Reply;
use crate::route::callback::unfinished::Unfinished;
use crate::route::challenge::{self, Challenge, Purpose, Registrant};
use crate::route::webauthn_options::relying_party;
use crate::route::{Context, Failed};
use crate::sign_in::{self, Outcome};

/// Takes what a key answered to the challenge that the browser has.
///
/// As in Auth.js there is no CSRF token to check: nobody else can answer the challenge of this browser. Where the form came from
/// is checked all the same. How often one may be wrong is not limited: a signature cannot be guessed. The challenge goes with
/// the answer, whatever comes of it, unless nothing could be looked at.
pub(super) async fn post(provider: &WebAuthnProvider, context: &Context<'_>) -> Result<Reply, Failed> {
    context.check_origin()?;
    match sign_in(provider, context).await {
        Ok(reply) => Ok(reply.with_cookies(challenge::forget(context))),
        Err(Unfinished::Used(failure)) => {
            Err(Failed { failure, cookies: challenge::forget(context).into_iter().collect() })
        }
        Err(Unfinished::Unused(failure)) => Err(failure.into()),
    }
}

async fn sign_in(provider: &WebAuthnProvider, context: &Context<'_>) -> Result<Reply, Unfinished> {
    let body = &context.request.body;
    let (Some(action), Some(data)) = (body.get("action"), body.get("data")) else {
        return Err(Failure::BadRequest.into());
    };
    let challenge = Challenge::of(&provider.id, context)?;
    let outcome = match (action, &challenge.purpose) {
        ("authenticate", Purpose::Authenticate) => authenticate(data, &challenge, provider, context).await,
        ("register", Purpose::Register(registrant)) => {
            register(data, registrant, &challenge, provider, context).await
        }
        ("authenticate" | "register", _) => Err(Failure::Check("challenge").into()),
        _ => Err(Failure::BadRequest.into()),
    };
    Ok(sign_in::finish(outcome?, context).await?)
}

async fn authenticate(
    data: &str,
    challenge: &Challenge,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Outcome, Unfinished> {
    let response = AuthenticationResponse::parse(data).map_err(refused)?;
    let party = relying_party(provider, context)?;
    let adapter = &context.parts.adapter;
    let key = adapter.authenticator(response.credential_id()).await;
    let Some(key) = key.map_err(|error| Unfinished::Unused(error.into()))? else {
        return Err(sign_in::webauthn::unknown().into());
    };
    let expected = expected(challenge, &party, provider);
    let authenticated = response.verify(&expected, &key).map_err(|problem| match problem {
        Problem::CounterRegressed { .. } => sign_in::webauthn::regressed(&key),
        problem => refused(problem),
    })?;
    spend(challenge, context).await?;
    sign_in::webauthn::advance(&key, authenticated.counter, context).await?;
    Ok(sign_in::webauthn::authenticate(provider, &key, context).await?)
}

async fn register(
    data: &str,
    registrant: &Registrant,
    challenge: &Challenge,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Outcome, Unfinished> {
    let party = relying_party(provider, context)?;
    let response = RegistrationResponse::parse(data).map_err(refused)?;
    let registered = response.verify(&expected(challenge, &party, provider)).map_err(refused)?;
    // Nothing is written for who may not register.
    let current =
        sign_in::webauthn::registering(provider, registrant, context).await.map_err(unless_store)?;
    spend(challenge, context).await?;
    Ok(sign_in::webauthn::register(provider, registrant, current, &registered, context).await?)
}

/// Whatever was not written down, the same answer may be sent again.
async fn spend(challenge: &Challenge, context: &Context<'_>) -> Result<(), Unfinished> {
    challenge.spend(context).await.map_err(unless_store)
}

fn unless_store(failure: Failure) -> Unfinished {
    match failure {
        Failure::Store(_) => Unfinished::Unused(failure),
        used => Unfinished::Used(used),
    }
}

fn expected<'a>(
    challenge: &'a Challenge,
    relying_party: &'a vestibule_webauthn::RelyingParty,
    provider: &'a WebAuthnProvider,
) -> Expected<'a> {
    Expected { challenge: &challenge.challenge, relying_party, settings: &provider.settings }
}

fn refused(problem: Problem) -> Failure {
    Failure::Passkey(problem.into())
}
