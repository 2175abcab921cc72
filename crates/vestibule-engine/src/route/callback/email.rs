//! `/callback/:email`: the link of a mail.

use vestibule_core::ProviderId;

use crate::config::{EmailProvider, LinkRedemption};
use crate::error::Failure;
use crate::http::{Content, Method, Reply};
use crate::pages;
use crate::route::Context;
use crate::sign_in;

/// The longest address and the longest token that a link may hold.
const MAX_ADDRESS: usize = 254;
const MAX_TOKEN: usize = 512;

/// Shows the page that confirms, which changes nothing; or redeems at once, if the switch says so.
pub(super) async fn get(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    match (context.settings.link_redemption, context.request.method) {
        (LinkRedemption::Confirm, _) => {
            let link = link(context)?;
            Ok(confirm(context, &provider.id, &link))
        }
        (LinkRedemption::Immediately, Method::Get) => redeem(provider, context).await,
        (LinkRedemption::Immediately, _) => Err(Failure::BadRequest),
    }
}

/// Redeems the link.
///
/// There is no CSRF token to check: the token of the link is what nobody else can know. That the form came from
/// a page of ours keeps another site from signing a visitor in with a link of its own.
pub(super) async fn post(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    context.check_origin()?;
    redeem(provider, context).await
}

async fn redeem(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    let Link { address, token } = link(context)?;
    let secrets = context.settings.token_secrets(provider);
    let outcome = sign_in::email::redeem(address, token, &provider.id, &secrets, context).await?;
    sign_in::finish(outcome, context).await
}

/// What a link says.
struct Link<'a> {
    address: &'a str,
    token: &'a str,
}

fn link<'a>(context: &'a Context<'_>) -> Result<Link<'a>, Failure> {
    let field = |name, longest| {
        let text = context.request.field(name)?;
        (text.len() <= longest && !text.contains(char::is_control)).then_some(text)
    };
    let address = field("email", MAX_ADDRESS).ok_or(Failure::Link)?;
    let token = field("token", MAX_TOKEN).ok_or(Failure::Link)?;
    Ok(Link { address, token })
}

fn confirm(context: &Context<'_>, provider: &ProviderId, link: &Link<'_>) -> Reply {
    let (look, provider) = (context.look(), provider.as_str());
    let page = pages::confirm(&look, provider, link.address, link.token, &context.callback_url);
    Content::Page(page).into()
}
