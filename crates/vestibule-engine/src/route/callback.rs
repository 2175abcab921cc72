//! `/callback/:email`: the link of a mail.

use vestibule_core::ProviderId;

use crate::config::{EmailProvider, LinkRedemption, Provider};
use crate::email;
use crate::error::{Failure, with_query};
use crate::http::{Content, Method, Reply};
use crate::pages;
use crate::route::Context;

/// The longest address and the longest token that a link may hold.
const MAX_ADDRESS: usize = 254;
const MAX_TOKEN: usize = 512;

/// Shows the page that confirms, which changes nothing; or redeems at once, if the switch says so.
pub(super) async fn get(context: &Context<'_>) -> Result<Reply, Failure> {
    let provider = provider(context)?;
    match (context.settings.link_redemption, context.request.method) {
        (LinkRedemption::Confirm, _) => {
            let link = link(context)?;
            Ok(confirm(context, &provider.id, &link))
        }
        (LinkRedemption::Immediately, Method::Get) => redeem(context, provider).await,
        (LinkRedemption::Immediately, _) => Err(Failure::BadRequest),
    }
}

/// Redeems the link.
///
/// There is no CSRF token to check: the token of the link is what nobody else can know. That the form came from
/// a page of ours keeps another site from signing a visitor in with a link of its own.
pub(super) async fn post(context: &Context<'_>) -> Result<Reply, Failure> {
    let provider = provider(context)?;
    context.check_origin()?;
    redeem(context, provider).await
}

async fn redeem(context: &Context<'_>, provider: &EmailProvider) -> Result<Reply, Failure> {
    let Link { address, token } = link(context)?;
    let settings = context.settings;
    let current = context.session_cookie();
    let secrets = settings.token_secrets(provider);
    let signed_in =
        email::redeem(address, token, &current, &settings.session, &secrets, context.parts).await?;

    let spec = &context.names.session_token;
    let session = &signed_in.session;
    let mut cookies = current.delete_chunks(spec);
    cookies.push(spec.set_until(session.token.expose(), session.expires));
    let to = match &settings.pages.new_user {
        Some(page) if signed_in.is_new_user => with_query(page, &[("callbackUrl", &context.callback_url)]),
        _ => context.callback_url.clone(),
    };
    Ok(Reply::redirect(to).with_cookies(cookies))
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
    let Context { settings, origin, callback_url, .. } = context;
    let provider = provider.as_str();
    let page = pages::confirm(settings, origin, provider, link.address, link.token, callback_url);
    Content::Page(page).into()
}

fn provider<'a>(context: &Context<'a>) -> Result<&'a EmailProvider, Failure> {
    let id = context.request.route.provider.ok_or(Failure::BadRequest)?;
    match context.settings.provider(id) {
        Some(Provider::Email(provider)) => Ok(provider),
        None => Err(Failure::UnknownProvider),
    }
}
