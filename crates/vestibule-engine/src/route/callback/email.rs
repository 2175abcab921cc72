//! `/callback/:email`: the link of a mail, or its code.

use http::{HeaderValue, StatusCode};
use vestibule_core::ProviderId;

use crate::code::CodeProblem;
use crate::config::{Codes, EmailProvider, LinkRedemption};
use crate::error::Failure;
use crate::http::{Content, Method, Reply};
use crate::limit::Subject;
use crate::pages;
use crate::route::{Context, Failed, verify_request};
use crate::sign_in::{self, Outcome};

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

/// Redeems the link, or the code if there is one in the form.
///
/// For a link there is no CSRF token to check: the token of the link is what nobody else can know. That the form came from
/// a page of ours keeps another site from signing a visitor in with a link of its own.
pub(super) async fn post(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failed> {
    let body = &context.request.body;
    if let (Some(codes), Some(code), None) = (&provider.codes, body.get("code"), body.get("token")) {
        return by_code(code, provider, codes, context).await;
    }
    context.check_origin()?;
    Ok(redeem(provider, context).await?)
}

/// Redeems the code that was typed in. The ticket in the cookie goes once there is no use for it any more.
async fn by_code(
    code: &str,
    provider: &EmailProvider,
    codes: &Codes,
    context: &Context<'_>,
) -> Result<Reply, Failed> {
    context.check_csrf()?;
    let redeemed = match verify_request::ticket(provider, context) {
        Some(ticket) => sign_in::email::redeem_code(&ticket, code, provider, codes, context)
            .await
            .map(|outcome| (outcome, Subject::address(&ticket.identifier))),
        None => Err(Failure::Code(CodeProblem::Absent)),
    };
    match redeemed {
        Ok((outcome, subject)) => Ok(finish(outcome, &subject, provider, context).await?),
        Err(Failure::Code(problem)) => {
            let is_over = matches!(problem, CodeProblem::Dead | CodeProblem::Absent);
            let forget = forget_code(context).filter(|_| is_over);
            if context.request.wants_page() && context.settings.pages.verify_request.is_none() {
                Failure::Code(problem).log(context.request);
                let status = match problem {
                    CodeProblem::Blocked(_) => StatusCode::TOO_MANY_REQUESTS,
                    _ => StatusCode::BAD_REQUEST,
                };
                let page = verify_request::page(Some(provider), Some(problem), status, context);
                return Ok(page.with_cookies(forget));
            }
            Err(Failed { failure: Failure::Code(problem), cookies: forget.into_iter().collect() })
        }
        Err(failure) => Err(failure.into()),
    }
}

async fn redeem(provider: &EmailProvider, context: &Context<'_>) -> Result<Reply, Failure> {
    let Link { address, token } = link(context)?;
    let secrets = context.settings.token_secrets(provider);
    let outcome = sign_in::email::redeem(address, token, &provider.id, &secrets, context).await?;
    finish(outcome, &Subject::address(address), provider, context).await
}

/// Ends the sign-in. The browser awaits no code any more; where there are codes, it is known for the address from now on.
async fn finish(
    outcome: Outcome,
    subject: &Subject,
    provider: &EmailProvider,
    context: &Context<'_>,
) -> Result<Reply, Failure> {
    let remembers = provider.codes.is_some() && matches!(outcome, Outcome::SignedIn(_));
    let remember = remembers.then(|| subject.remember(context)).flatten();
    let cookies = forget_code(context).into_iter().chain(remember);
    Ok(sign_in::finish(outcome, context).await?.with_cookies(cookies))
}

/// Deletes the ticket of a code, if the browser has one.
fn forget_code(context: &Context<'_>) -> Option<HeaderValue> {
    let cookie = &context.names.code;
    context.cookies.get(&cookie.name).map(|_| cookie.delete(&cookie.name))
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
