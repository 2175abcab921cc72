//! Signing in by what the application checks itself.

use vestibule_core::{AccountType, NewAccount, NewUser, User, UserId};

use crate::callbacks::{SignInAttempt, SignInMethod, Who};
use crate::config::{Credential, Credentials, CredentialsError, CredentialsProvider, SessionStrategy};
use crate::error::Failure;
use crate::random;
use crate::route::Context;
use crate::sign_in::{Outcome, SignedIn, may};

/// The code of credentials that are nobody's.
const WRONG: &str = "credentials";
/// The longest code that a page is given.
const MAX_CODE: usize = 64;

/// Asks the application whose credentials the form holds.
///
/// With sessions in the store, the user is read from there, so that the id has to be one of the store's; with JWT
/// sessions the store is not asked, as in Auth.js.
pub(crate) async fn authorize(
    provider: &CredentialsProvider,
    context: &Context<'_>,
) -> Result<Outcome, Failure> {
    let fields = Credentials { fields: &context.request.body, headers: context.request.headers };
    let credential = match provider.authorize.authorize(&fields).await {
        Ok(Some(credential)) => credential,
        Ok(None) => return Err(wrong(WRONG)),
        Err(CredentialsError::Refused { code }) => return Err(wrong(&code)),
        Err(CredentialsError::Failed(error)) => return Err(Failure::Callback("authorize", error)),
    };
    let stored = match (context.settings.session.strategy, &credential.id) {
        (SessionStrategy::Jwt(_), _) => None,
        (SessionStrategy::Database(_), Some(id)) => match context.parts.adapter.user(id).await? {
            Some(user) => Some(user),
            None => return Err(wrong(WRONG)),
        },
        (SessionStrategy::Database(_), None) => {
            let why = "sessions in the store need credentials with the id of a user of the store";
            return Err(Failure::Callback("authorize", why.into()));
        }
    };
    let proposed = proposed(&credential, context);
    let who = stored.as_ref().map_or(Who::New(&proposed), Who::Known);
    let attempt = SignInAttempt { who, provider: &provider.id, method: SignInMethod::Credentials(fields) };
    if let Some(to) = may(&attempt, context).await? {
        return Ok(Outcome::Elsewhere(to));
    }
    let user = stored.unwrap_or_else(|| in_the_token_alone(proposed));
    let account = NewAccount::new(AccountType::Credentials, provider.id.clone(), user.id.as_str());
    Ok(SignedIn { user, account, profile: None, is_new_user: false, session: None }.into())
}

fn wrong(code: &str) -> Failure {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let good = !code.is_empty() && code.len() <= MAX_CODE && code.bytes().all(plain);
    Failure::Credentials { code: if good { code.to_owned() } else { WRONG.to_owned() } }
}

fn proposed(credential: &Credential, context: &Context<'_>) -> NewUser {
    let Credential { id, name, email, image, extra } = credential.clone();
    let id = id.unwrap_or_else(|| UserId::from(random::uuid(&*context.parts.random)));
    NewUser { id: Some(id), name, email, image, extra, email_verified: None }
}

/// A user that no row stands for: the token says all that there is to know.
pub(super) fn in_the_token_alone(user: NewUser) -> User {
    let NewUser { id, name, email, email_verified, image, extra } = user;
    User { id: id.unwrap_or_else(|| UserId::from("")), name, email, email_verified, image, extra }
}
