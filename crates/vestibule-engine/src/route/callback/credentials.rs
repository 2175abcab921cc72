//! `POST /callback/:credentials`: a name and a password, or whatever the application asks for.

use crate::config::CredentialsProvider;
use crate::error::Failure;
use crate::http::Reply;
use crate::route::Context;
use crate::sign_in;

pub(super) async fn post(provider: &CredentialsProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    context.check_csrf()?;
    let outcome = sign_in::credentials::authorize(provider, context).await?;
    sign_in::finish(outcome, context).await
}
