//! `POST /callback/:credentials`: a name and a password, or whatever the application asks for.

use futures_util::future::join;

use crate::config::CredentialsProvider;
use crate::error::Failure;
use crate::http::Reply;
use crate::limit::{self, Subject, Topic};
use crate::route::Context;
use crate::sign_in::{self, Outcome};

/// Counts the try before it is made, and takes that back unless the credentials are wrong: of any number at once no more
/// are made than may be wrong, and whoever signs in often is not limited.
pub(super) async fn post(provider: &CredentialsProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    context.check_csrf()?;
    let name = provider.identifier().and_then(|field| context.request.body.filled(field));
    let subject = name.map(|name| Subject::name(provider.id.as_str(), name));
    let taken = limit::admit(Topic::Credentials, subject.as_ref(), context).await?;
    let outcome = match sign_in::credentials::authorize(provider, context).await {
        Ok(outcome) => outcome,
        Err(failure) => {
            match failure {
                Failure::Credentials { .. } => drop(taken),
                _ => taken.give_back(context.guards).await,
            }
            return Err(failure);
        }
    };
    let is_signed_in = matches!(outcome, Outcome::SignedIn(_));
    let remember = subject.filter(|_| is_signed_in).and_then(|subject| subject.remember(context));
    let (reply, ()) = join(sign_in::finish(outcome, context), taken.give_back(context.guards)).await;
    Ok(reply?.with_cookies(remember))
}
