//! `GET /webauthn-options/:provider`: what the browser is to ask a key for.

use serde_json::json;
use vestibule_core::{Authenticator, User};
use vestibule_webauthn::{self as wire, AuthenticationOptions, NewUser, RegistrationOptions};

use crate::config::{PasskeyRegistration, Provider, WebAuthnProvider};
use crate::email;
use crate::error::Failure;
use crate::http::{Action, Content, Reply};
use crate::limit::{self, Topic};
use crate::random;
use crate::route::Context;
use crate::route::challenge::{Challenge, Purpose, Registrant};
use crate::session;
use crate::sign_in;

const INVALID_ACTION: &str = "Invalid action";
const INVALID_REQUEST: &str = "Invalid request";
const TOO_MANY: &str = "Too many passkeys";

/// Whom a request is about.
enum About {
    /// Nobody who is named, or whose address may not be looked at.
    Nobody,
    /// Whoever is signed in.
    SignedIn(User),
    /// A user with the address that was given.
    Known(User),
    /// The address that was given is nobody's.
    New(String),
    /// What was given is no address.
    Unreadable,
}

/// Answers with what to ask a key for, and keeps the challenge in the browser.
///
/// | `action` | signed in | address | answer |
/// |---|---|---|---|
/// | `authenticate` | | | authenticate |
/// | `register` | yes | | register |
/// | `register` | no | nobody's | register |
/// | `register` | no | somebody's, or none | 400 |
/// | none | no | nobody's | register |
/// | none | no | somebody's, or none | authenticate |
/// | none | yes | | 400 |
///
/// Who has [`MAX_PASSKEYS`](sign_in::webauthn::MAX_PASSKEYS) already is not asked for one more: 400.
///
/// Unless [`PasskeyRegistration::ByAddress`] is set, an address of somebody who is not signed in is as none.
pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    let id = context.request.route.provider.ok_or(Failure::BadRequest)?;
    let provider = match context.settings.provider(id).ok_or(Failure::UnknownProvider)? {
        Provider::WebAuthn(provider) => &**provider,
        _ => return Err(Failure::NotAnAction),
    };
    let action = context.request.query.get("action");
    if !matches!(action, None | Some("authenticate" | "register")) {
        return Ok(none(INVALID_ACTION));
    }
    match (action, about(provider, context).await?) {
        (Some("authenticate"), about) | (None, about @ (About::Nobody | About::Known(_))) => {
            authenticate(&about, provider, context).await
        }
        (Some(_), About::SignedIn(user)) => register_another(user, provider, context).await,
        (_, About::New(email)) => register_new(email, provider, context),
        (Some(_) | None, _) => Ok(none(INVALID_REQUEST)),
    }
}

/// Finds out whom the request is about. A user whom an interrupted sign-up has left is cleared away here already: who cannot be
/// cleared away is answered for as anybody, so that no key is made that cannot be registered.
async fn about(provider: &WebAuthnProvider, context: &Context<'_>) -> Result<About, Failure> {
    if let Some(current) = session::current(context).await? {
        return Ok(About::SignedIn(current.user));
    }
    let given = context.request.query.filled("email");
    let Some(given) = given.filter(|_| provider.registration == PasskeyRegistration::ByAddress) else {
        return Ok(About::Nobody);
    };
    let Ok(address) = email::normalize_by_default(given) else {
        return Ok(About::Unreadable);
    };
    // Whoever asks learns whether the address is somebody's. It stays counted.
    drop(limit::admit(Topic::PasskeyAddress, None, context).await?);
    match context.parts.adapter.user_by_email(&address).await? {
        Some(user) if sign_in::webauthn::clear_left_over(&user, provider, context).await? => {
            Ok(About::New(address))
        }
        Some(user) => Ok(About::Known(user)),
        None => Ok(About::New(address)),
    }
}

async fn authenticate(
    about: &About,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Reply, Failure> {
    let party = relying_party(provider, context)?;
    let challenge = wire::Challenge::new(&*context.parts.random);
    let mut options = AuthenticationOptions::new(&provider.settings, &party, &challenge);
    if let About::SignedIn(user) | About::Known(user) = about {
        options = options.allowing(&keys_of(user, context).await?);
    }
    Ok(answer("authenticate", &options.to_json(), challenge, Purpose::Authenticate, provider, context))
}

/// Registers one more key, for who is signed in.
async fn register_another(
    user: User,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Reply, Failure> {
    // What a browser calls a key by. The original fails here.
    let Some(email) = user.email.clone() else {
        return Ok(none(INVALID_REQUEST));
    };
    let keys = keys_of(&user, context).await?;
    if keys.len() >= sign_in::webauthn::MAX_PASSKEYS {
        tracing::warn!(user = user.id.as_str(), "a user has as many passkeys as anybody may have");
        return Ok(none(TOO_MANY));
    }
    register(Registrant { id: Some(user.id), email, name: user.name }, &keys, provider, context)
}

fn register_new(email: String, provider: &WebAuthnProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    register(Registrant { id: None, email, name: None }, &[], provider, context)
}

fn register(
    registrant: Registrant,
    keys: &[Authenticator],
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<Reply, Failure> {
    let party = relying_party(provider, context)?;
    let random = &*context.parts.random;
    let challenge = wire::Challenge::new(random);
    let handle = random::random_hex(random);
    let user = NewUser {
        handle: &handle,
        name: &registrant.email,
        display_name: registrant.name.as_deref().unwrap_or(&registrant.email),
    };
    let options = RegistrationOptions::new(&provider.settings, &party, &challenge, user).excluding(keys);
    Ok(answer("register", &options.to_json(), challenge, Purpose::Register(registrant), provider, context))
}

/// That there is nothing to ask a key for.
fn none(why: &'static str) -> Reply {
    tracing::debug!(action = ?Action::WebAuthnOptions, why, "a request was refused");
    Content::NoOptions(why).into()
}

async fn keys_of(user: &User, context: &Context<'_>) -> Result<Vec<Authenticator>, Failure> {
    Ok(context.parts.adapter.authenticators_of_user(&user.id).await?)
}

fn answer(
    action: &str,
    options: &serde_json::Value,
    challenge: wire::Challenge,
    purpose: Purpose,
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Reply {
    let body = json!({ "options": options, "action": action });
    let cookie = Challenge { challenge, purpose }.keep(&provider.id, context);
    Reply::from(Content::FreshJson(body.to_string().into())).with_cookies([cookie])
}

/// Who asks. Where any host is trusted, a request may name one that keys cannot be for.
pub(super) fn relying_party(
    provider: &WebAuthnProvider,
    context: &Context<'_>,
) -> Result<wire::RelyingParty, Failure> {
    provider.relying_party(&context.origin).map_err(|error| Failure::Passkey(error.into()))
}
